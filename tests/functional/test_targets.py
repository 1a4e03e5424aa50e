"""The promises of a case while staff and reporters act: what keeps one, what stops the clock, what begins it anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from engage import cases, desk, intake, promises, targets
from engage.db import add_row
from engage.installation import Installation
from engage.intake import MessageArrival, Receipt
from engage.models import Calendar, Case, ResponseTarget
from engage.taxonomy import CasePromise, Category, Disposition, Promise, Severity
from tests import make

NOON = make.NOON  # a Saturday; 20:00 in Manila
WHY = "The caller rang twice."


def minutes(number: float) -> datetime:
    return NOON + timedelta(minutes=number)


class Shift:
    """One case in the marine queue, and what is done to it minute by minute."""

    def __init__(self, installation: Installation, port: make.Port) -> None:
        self.installation, self.port = installation, port
        self.receipt: Receipt = make.report(installation)

    @property
    def case(self) -> Case:
        (case,) = make.rows(self.installation, Case)
        return case  # type: ignore[no-any-return]

    def at(self, minute: float, act: Callable[..., Case], login: str = "ana", **with_: Any) -> Case:
        with self.installation.database.transaction() as session:
            act(session, self.port.officer(session, login), self.receipt.reference, minutes(minute), **with_)
        return self.case

    def reporter_writes(self, minute: float) -> Case:
        arrival = MessageArrival(text="There is more.", key=f"more at {minute}", access_hash=self.receipt.access_hash)
        intake.take_message(self.installation, arrival, minutes(minute))
        return self.case

    def state(self, minute: float) -> tuple[Promise, CasePromise | None]:
        found = promises.standing(self.case, minutes(minute))
        return found.state, found.promise


@pytest.fixture
def shift(installation: Installation, port: make.Port) -> Shift:
    """A critical case, opened at noon."""
    return Shift(installation, port)


def dues(case: Case) -> list[float | None]:
    """When the three promises are due and which is next, in minutes after noon."""
    moments = (case.acknowledge_by, case.respond_by, case.resolve_by, case.due_at)
    return [(moment - NOON) / timedelta(minutes=1) if moment else None for moment in moments]


def test_a_new_case_promises_what_is_usual(shift: Shift) -> None:
    assert dues(shift.case) == [2, 5, 240, 2]
    assert shift.case.risk_at == minutes(1.5)
    assert shift.case.alarm_at == minutes(1.5)
    assert shift.state(1) == (Promise.ON_TRACK, CasePromise.ACKNOWLEDGE)


def test_whoever_takes_a_case_acknowledges_it(shift: Shift) -> None:
    case = shift.at(1, desk.claim)
    assert case.acknowledged_at == minutes(1)
    assert (dues(case), case.risk_at, case.alarm_at) == ([2, 5, 240, 5], minutes(3.75), minutes(3.75))
    assert shift.at(2, desk.claim, "ben", take_over=True).acknowledged_at == minutes(1)


def test_an_answer_acknowledges_and_is_the_first_response(shift: Shift) -> None:
    case = shift.at(1, desk.answer, text="We are coming.")
    assert (case.acknowledged_at, case.responded_at) == (minutes(1), minutes(1))
    assert dues(case) == [2, 5, 240, 240]
    assert shift.at(3, desk.answer, text="Nearly there.").responded_at == minutes(1)


def test_nothing_but_an_officers_words_is_a_first_response(shift: Shift) -> None:
    shift.at(1, desk.claim)
    shift.at(2, desk.note, text="Called the gate.")
    shift.at(3, desk.close, disposition=Disposition.ACTION_TAKEN)
    assert shift.case.responded_at is None
    with shift.installation.database.transaction() as session:
        session.connection().execute(sa.update(Case).values(responded_at=None))
    shift.at(4, desk.reopen, reason=WHY)
    assert shift.at(5, desk.resolve, disposition=Disposition.ADVISED, text="Thank you.").responded_at == minutes(5)


def test_waiting_for_the_reporter_stops_the_clock_and_their_word_lets_it_go_on(shift: Shift) -> None:
    case = shift.at(1, desk.answer, text="Which gate?", wait=True)
    assert (case.paused_at, case.alarm_at) == (minutes(1), None)
    assert shift.state(500) == (Promise.PAUSED, CasePromise.RESOLVE)
    case = shift.reporter_writes(101)
    assert (case.paused_at, case.paused_seconds) == (None, 6000)
    assert dues(case) == [2, 5, 340, 340]
    assert case.alarm_at == minutes(180 + 100)


def test_an_act_lets_the_clock_go_on_and_several_pauses_add_up(shift: Shift) -> None:
    shift.at(1, desk.answer, text="Which gate?", wait=True)
    shift.at(11, desk.answer, text="Never mind.")
    shift.at(20, desk.wait_for_reporter)
    assert shift.at(25, desk.claim, "ben", take_over=True).paused_at == minutes(20)  # it still waits
    assert dues(shift.at(40, desk.refer, to="Coast guard", reason=WHY)) == [2, 5, 240 + 10 + 20, 240 + 10 + 20]


def test_what_is_paused_when_it_ends_does_not_run_on(shift: Shift) -> None:
    shift.at(1, desk.answer, text="Which gate?", wait=True)
    case = shift.at(101, desk.close, disposition=Disposition.INSUFFICIENT_INFORMATION)
    assert (case.paused_at, case.due_at, case.alarm_at) == (None, None, None)
    assert promises.standing(case, minutes(9999)).state is Promise.KEPT


def test_a_case_that_is_reopened_begins_anew_with_what_is_not_kept(shift: Shift) -> None:
    shift.at(1, desk.answer, text="We are coming.")
    shift.at(30, desk.close, disposition=Disposition.ACTION_TAKEN)
    case = shift.reporter_writes(1000)
    assert dues(case) == [2, 5, 1240, 1240]
    assert (case.acknowledged_at, case.promised_from) == (minutes(1), minutes(1000))


def test_another_severity_is_reckoned_from_when_the_case_was_opened(shift: Shift) -> None:
    case = shift.at(1, desk.reclassify, category=Category.LOST_PROPERTY, severity=Severity.LOW, reason=WHY)
    assert dues(case) == [240, 1440, 10080, 240]
    assert case.alarm_at == minutes(240)
    shift.at(2, desk.claim)
    case = shift.at(3, desk.reclassify, category=Category.MEDICAL, severity=Severity.HIGH, reason=WHY)
    assert dues(case) == [240, 15, 1440, 15]  # acknowledged is acknowledged


@pytest.fixture
def slow_gates(installation: Installation, port: make.Port) -> None:
    """The unit at the gates works from nine to five in Manila, and takes its time; all others take ten minutes."""
    with installation.database.transaction() as session:
        calendar = add_row(
            session,
            Calendar,
            slug="office",
            timezone="Asia/Manila",
            hours=[["09:00-17:00"]] * 5 + [[], []],
            holidays=["2026-03-16"],
        )
        for queue, severity, calendar_id, (acknowledge, respond, resolve) in (
            (None, "critical", None, (10, 20, 30)),
            (port.queues["gates"], "critical", calendar, (60, 120, 480)),
            (port.queues["gates"], "low", calendar, (61, 121, 481)),
        ):
            add_row(
                session,
                ResponseTarget,
                queue_id=queue,
                severity=severity,
                acknowledge_minutes=acknowledge,
                respond_minutes=respond,
                resolve_minutes=resolve,
                calendar_id=calendar_id,
            )


@pytest.mark.usefixtures("slow_gates")
def test_a_queues_own_target_stands_before_that_of_all_queues(installation: Installation, port: make.Port) -> None:
    with installation.database.reading() as session:
        found = [
            targets.target_of(session, port.queues[queue], severity).acknowledge
            for queue, severity in (
                ("marine", Severity.CRITICAL),
                ("gates", Severity.CRITICAL),
                ("gates", Severity.LOW),
                ("marine", Severity.LOW),
            )
        ]
    assert found == [10, 60, 61, 240]


@pytest.mark.usefixtures("slow_gates")
def test_a_transfer_reckons_anew_with_the_hours_of_the_other_queue(installation: Installation, port: make.Port) -> None:
    shift = Shift(installation, port)
    assert dues(shift.case) == [10, 20, 30, 10]
    case = shift.at(5, desk.transfer, queue="gates", reason=WHY)
    monday_is_a_holiday = datetime.fromisoformat("2026-03-17T09:00+08:00")
    assert case.acknowledge_by == case.due_at == monday_is_a_holiday + timedelta(hours=1)
    assert case.resolve_by == monday_is_a_holiday + timedelta(hours=8)
    back = shift.at(60, desk.transfer, "sue", queue="marine", reason=WHY)
    assert (dues(back), back.alarm_at) == ([10, 20, 30, 10], minutes(7.5))  # late already, and to be rung for


@pytest.mark.usefixtures("slow_gates")
def test_a_pause_counts_working_time_alone(installation: Installation, port: make.Port) -> None:
    shift = Shift(installation, port)
    shift.at(1, desk.transfer, queue="gates", reason=WHY)
    tuesday = datetime.fromisoformat("2026-03-17T10:00+08:00")
    minute = (tuesday - NOON) / timedelta(minutes=1)
    shift.at(minute, desk.answer, "ben", text="Which gate?", wait=True)  # an hour of eight is over
    case = shift.reporter_writes(minute + 2 * 24 * 60)
    assert case.paused_seconds == 2 * 8 * 3600
    assert case.resolve_by == tuesday + timedelta(days=2, hours=7)


def test_a_case_from_before_there_were_promises_gets_them_with_the_next_act(shift: Shift) -> None:
    bare = dict.fromkeys(
        ("acknowledge_by", "respond_by", "resolve_by", "due_at", "risk_at", "alarm_at", "promised_from")
    )
    with shift.installation.database.transaction() as session:
        session.connection().execute(sa.update(Case).values(**bare))
    assert shift.state(1) == (Promise.KEPT, None)
    assert dues(shift.at(1, desk.claim)) == [None, 5, 240, 5]


def test_an_act_that_changes_nothing_of_this_reads_no_target(shift: Shift) -> None:
    with shift.installation.database.transaction() as session:
        case = cases.lock_case(session, shift.case.id or 0)
        assert targets.adjusted(session, case, {"place_id": 1}, NOON) == {}
        assert targets.answered(case, NOON) == {"responded_at": NOON}


def test_a_fresh_case_costs_no_more_than_one_look(installation: Installation, port: make.Port) -> None:
    def told(session: Session) -> dict[str, Any]:
        return targets.at_opening(session, port.queues["marine"], Severity.HIGH, NOON)

    with installation.database.reading() as session:
        assert {name for name, value in told(session).items() if value} == {
            *("acknowledge_by", "respond_by", "resolve_by", "due_at", "risk_at", "alarm_at", "promised_from")
        }
