"""Alarms by a clock that is passed in: they ring, go up, and stop when somebody acts; nothing rings twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col

from engage import cases, desk, ringing, watches
from engage.installation import Installation
from engage.models import Alarm, Authority, Case, CaseEvent, Outgoing, Staff
from engage.taxonomy import AlarmKind, AlarmLevel, Disposition, Happening
from tests import make

UNIT, SUPERVISOR, MANAGER = "marine@port.example", "sue@port.example", "manager@port.example"


def minutes(number: float) -> datetime:
    return make.NOON + timedelta(minutes=number)


class Night:
    """The port at night: what is due is rung minute by minute, and mails are counted as they are put."""

    def __init__(self, installation: Installation, port: make.Port) -> None:
        self.installation, self.port = installation, port
        with installation.database.transaction() as session:
            connection = session.connection()
            connection.execute(sa.update(Staff).where(col(Staff.login) == "sue").values(mailbox=SUPERVISOR))
            connection.execute(sa.update(Authority).where(col(Authority.slug) == "police").values(duty_mailbox=MANAGER))

    def takes_watch(self, login: str, queue: str = "marine") -> None:
        with self.installation.database.transaction() as session:
            watches.take(session, self.port.officer(session, login), queue, make.NOON)

    def rings(self, minute: float) -> list[str]:
        """The mailboxes that hear of it when we look at a minute."""
        before = len(make.rows(self.installation, Outgoing))
        ringing.ring_what_is_due(self.installation.database, minutes(minute))
        return sorted(row.recipient for row in make.rows(self.installation, Outgoing)[before:])

    def does(self, minute: float, act: Callable[..., Case], reference: str, login: str = "ana", **with_: Any) -> None:
        with self.installation.database.transaction() as session:
            act(session, self.port.officer(session, login), reference, minutes(minute), **with_)

    def shows(self, login: str) -> list[ringing.Ringing]:
        with self.installation.database.reading() as session:
            return ringing.ringing_for(session, self.port.officer(session, login))

    def history(self, *of: Happening) -> list[CaseEvent]:
        return [line for line in make.rows(self.installation, CaseEvent) if line.what in of]

    def alarms(self) -> list[Alarm]:
        return make.rows(self.installation, Alarm)


@pytest.fixture
def night(installation: Installation, port: make.Port) -> Night:
    """A night with a supervisor and a duty manager who have mailboxes."""
    return Night(installation, port)


def test_a_new_critical_case_rings_who_has_the_watch_then_goes_up(night: Night) -> None:
    night.takes_watch("ana")
    make.report(night.installation)
    assert [row.recipient for row in make.rows(night.installation, Outgoing)] == [UNIT]  # the first ring
    heard = {minute: night.rings(minute) for minute in range(1, 60)}
    # At two minutes nobody has taken it, so that it rings at once for a graver reason; then every three minutes.
    assert {minute: who for minute, who in heard.items() if who} == {
        2: [UNIT],
        5: [SUPERVISOR],
        8: [SUPERVISOR],
        11: [MANAGER],
        14: [MANAGER],
        17: [MANAGER],
        20: [MANAGER],
    }
    up = night.history(Happening.ESCALATED)
    assert [line.details["level"] for line in up] == [AlarmLevel.SUPERVISOR, AlarmLevel.DUTY_MANAGER]
    assert [case.escalation for case in make.rows(night.installation, Case)] == [2]
    assert len(night.shows("ana")) == 1  # no mail any more, but the desk goes on


def test_without_a_watch_it_goes_to_the_supervisors_at_once(night: Night) -> None:
    make.report(night.installation)
    assert night.rings(0.3) == [SUPERVISOR]
    assert night.history(Happening.ESCALATED)[0].details["level"] == AlarmLevel.SUPERVISOR


def test_without_a_duty_manager_the_supervisors_are_rung_again(night: Night) -> None:
    with night.installation.database.transaction() as session:
        session.connection().execute(sa.update(Authority).values(duty_mailbox=None))
    make.report(night.installation)
    assert [night.rings(minute) for minute in (0.3, 4, 8, 12)] == [[SUPERVISOR]] * 4
    with night.installation.database.transaction() as session:
        session.connection().execute(sa.update(Staff).values(mailbox=None))
    assert night.rings(16) == [UNIT]


@pytest.mark.parametrize(
    ("act", "with_"),
    [
        (desk.claim, {}),
        (desk.answer, {"text": "We are coming."}),
        (desk.transfer, {"queue": "gates", "reason": "Theirs."}),
        (desk.resolve, {"disposition": Disposition.ACTION_TAKEN}),
        (desk.close, {"disposition": Disposition.ACTION_TAKEN}),
        (desk.wait_for_reporter, {}),
        (ringing.see, {}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_somebody_who_acts_silences_it(night: Night, act: Callable[..., Case], with_: dict[str, Any]) -> None:
    night.takes_watch("ana")
    reference = make.report(night.installation).reference
    night.does(1, act, reference, **with_)
    (alarm,) = night.alarms()
    assert (alarm.silenced_at, alarm.silenced_by) == (minutes(1), night.port.staff["ana"])
    (line,) = night.history(Happening.SILENCED)
    assert (line.staff_id, line.details.get("seen", False)) == (night.port.staff["ana"], act is ringing.see)
    assert night.shows("ana") == []
    assert night.rings(1.4) == []


@pytest.mark.parametrize("act", [desk.note])
def test_a_note_silences_nothing(night: Night, act: Callable[..., Case]) -> None:
    night.does(1, act, make.report(night.installation).reference, text="Who has this?")
    assert len(night.shows("ana")) == 1


def test_seeing_an_alarm_twice_is_seeing_it_once_and_its_case_still_breaks_its_promise(night: Night) -> None:
    night.takes_watch("ana")
    reference = make.report(night.installation).reference
    for _again in range(2):
        night.does(1, ringing.see, reference)
    assert len(night.history(Happening.SILENCED)) == 1
    assert night.rings(2) == [UNIT]
    assert [alarm.kind for alarm in night.alarms()] == [AlarmKind.NEW_CRITICAL, AlarmKind.BREACHED]
    assert [line.details["promise"] for line in night.history(Happening.BREACHED)] == ["acknowledge"]


def test_a_high_case_rings_when_it_is_at_risk_and_every_quarter_of_an_hour(night: Night) -> None:
    night.takes_watch("ben", "gates")
    make.report(night.installation, make.OPEN_FENCE)
    with night.installation.database.transaction() as session:
        case = session.get_one(Case, 1)
        assert case.severity == "high", case.severity
    assert [night.rings(minute) for minute in (7, 7.5, 10, 20, 26)] == [[], [], [], [], [SUPERVISOR]]
    assert [alarm.kind for alarm in night.alarms()] == [AlarmKind.BREACHED]


def test_a_low_case_rings_only_when_it_is_late(night: Night) -> None:
    make.report(night.installation, make.LOST_HAT)
    assert night.rings(179) == []
    case_due = make.rows(night.installation, Case)[0].due_at
    assert case_due > minutes(10)
    ringing.ring_what_is_due(night.installation.database, case_due)
    assert [alarm.kind for alarm in night.alarms()] == [AlarmKind.BREACHED]


def test_what_waits_for_its_reporter_or_has_ended_does_not_ring(night: Night) -> None:
    first, second = (make.report(night.installation, key=key).reference for key in "ab")
    night.does(1, desk.answer, first, text="Which gate?", wait=True)
    night.does(1, desk.close, second, disposition=Disposition.UNFOUNDED)
    assert night.rings(5000) == []
    assert night.history(Happening.BREACHED) == []


def test_forty_alarms_are_one_mail_a_look(night: Night) -> None:
    night.takes_watch("ana")
    for number in range(40):
        make.report(night.installation, f"{make.GUN}, number {number}")
    before = len(make.rows(night.installation, Outgoing))
    assert night.rings(3) == [UNIT]
    mail = make.rows(night.installation, Outgoing)[before]
    assert mail.subject == "Alarm: 40 cases"
    assert "and 20 more" in mail.body
    assert "gun" not in mail.body
    assert len(night.shows("ana")) == ringing.MOST_NAMED


def test_several_workers_do_not_ring_twice(night: Night) -> None:
    make.report(night.installation)
    before = len(make.rows(night.installation, Outgoing))
    problems: list[Exception] = []

    def work() -> None:
        try:
            ringing.ring_what_is_due(night.installation.database, minutes(2))
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=work) for _worker in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len(make.rows(night.installation, Outgoing)) == before + 1
    assert len(night.history(Happening.BREACHED)) == 1
    assert len(night.alarms()) == 1


def test_officers_act_while_it_rings_and_neither_waits_for_ever(night: Night) -> None:
    references = [make.report(night.installation, f"{make.GUN}, number {number}").reference for number in range(8)]
    problems: list[Exception] = []

    def patiently(act: Callable[[], object]) -> None:
        try:
            act()
        except (desk.AlreadyHeld, cases.StaleCase):
            pass
        except Exception as problem:
            problems.append(problem)

    def ring() -> None:
        for minute in range(1, 30):
            patiently(lambda m=minute: ringing.ring_what_is_due(night.installation.database, minutes(m)))  # type: ignore[misc]

    def act() -> None:
        for number in range(24):
            reference = references[number % 8]
            patiently(lambda one=reference, at=number: night.does(at, desk.claim, one))  # type: ignore[misc]
            patiently(lambda one=reference, at=number: night.does(at, desk.release, one))  # type: ignore[misc]

    threads = [threading.Thread(target=work) for work in (ring, act, ring)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


def test_it_is_shown_to_those_who_work_the_queue_and_marked_for_who_has_the_watch(night: Night) -> None:
    night.takes_watch("ana")
    reference = make.report(night.installation).reference
    assert [(one.reference, one.mine) for one in night.shows("ana")] == [(reference, True)]
    assert [(one.reference, one.mine) for one in night.shows("sue")] == [(reference, False)]
    for login in ("ben", "carl", "ida"):
        assert night.shows(login) == []


def test_what_is_sealed_is_told_to_nobody_outside_of_its_unit(night: Night) -> None:
    make.report(night.installation, make.BRIBE)
    with night.installation.database.transaction() as session:
        session.connection().execute(sa.update(Case).values(severity="critical", alarm_at=minutes(1)))
    heard = [who for minute in range(1, 60) for who in night.rings(minute)]
    assert set(heard) == {"integrity@port.example"}
    assert night.shows("sue") == []
    assert len(night.shows("ida")) == 1


def test_every_look_is_by_an_index(night: Night) -> None:
    if not night.installation.database.is_sqlite:
        return
    with night.installation.database.reading() as session:
        for statement, index in (
            ("SELECT id FROM cases WHERE alarm_at <= '2026' ORDER BY alarm_at, id LIMIT 9", "ix_cases_alarm"),
            ("SELECT id FROM alarms WHERE silenced_at IS NULL AND rings_at <= '2026'", "ix_alarms_ringing"),
        ):
            plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all()
            assert index in str(plan), plan
