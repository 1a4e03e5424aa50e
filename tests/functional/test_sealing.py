"""What is about insiders: whichever way it comes, it is read in its sealed queue, and nowhere else leaves a trace."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlmodel import Session, col, select

from engage import case_file, cases, desk, handovers, intake, listing, queues, raising, sealing, watches
from engage.accounts import Officer
from engage.administration import changes, things
from engage.administration.kinds import KINDS
from engage.cases import CaseMissing
from engage.desk import Refused
from engage.installation import Installation
from engage.intake import MessageArrival
from engage.listing import Wanted
from engage.models import Case, CaseEvent, DutyRule, Outgoing, Queue, Staff, StaffUnit, Watch
from engage.permissions import Kept, Right, may_at
from engage.seal_health import examine_seals
from engage.sites import DescriptionError
from engage.taxonomy import CaseStatus, Category, Happening, Role, Severity
from tests import make
from tests.functional.staff_browser import signed_in
from tests.make import NOON

LATER = NOON + timedelta(minutes=10)
#: What triage is sure about only once the last words are said.
THEFT = "Somebody stole my bag from the bench"
INSIDE = "The guards take bribes and let people through without a check, it is corruption by the staff"


class Shift:
    """Officers of the port, each act in a transaction of its own."""

    def __init__(self, opened: Installation, port: make.Port) -> None:
        self.opened, self.port = opened, port

    def officer(self, login: str) -> Officer:
        with self.opened.database.reading() as session:
            return self.port.officer(session, login)

    def does(self, act: Any, login: str, *about: Any, now: datetime = LATER, **values: Any) -> Any:
        with self.opened.database.transaction() as session:
            done = act(session, self.officer(login), *about, now, **values)
            session.expunge_all()
            return done

    def queue_of(self, reference: str) -> str:
        with self.opened.database.reading() as session:
            query = select(Queue.slug).join(Case, col(Case.queue_id) == Queue.id)
            return session.exec(query.where(Case.reference == reference)).one()

    def sees(self, login: str, reference: str) -> bool:
        with self.opened.database.reading() as session:
            try:
                cases.find_case(session, self.officer(login), reference)
            except CaseMissing:
                return False
            return True

    def adds(self, text: str, key: str, earlier: str, now: datetime = LATER) -> None:
        intake.take_message(self.opened, MessageArrival(text=text, key=key, earlier_key=earlier), now)


@pytest.fixture
def shift(installation: Installation, port: make.Port) -> Shift:
    return Shift(installation, port)


ABOUT: dict[str, Any] = {
    "category": Category.INSIDER_CORRUPTION,
    "severity": Severity.HIGH,
    "reason": "It is one of ours.",
}


@pytest.mark.parametrize("correct", [desk.reclassify, raising.correct])
def test_whoever_finds_out_sends_it_to_the_sealed_queue_and_sees_it_no_more(shift: Shift, correct: Any) -> None:
    reference = make.report(shift.opened).reference
    shift.does(desk.claim, "ana", reference)
    case = shift.does(correct, "ana", reference, **ABOUT)
    assert (case.holder_id, case.status, case.severity) == (None, CaseStatus.TRIAGED, Severity.HIGH)
    assert shift.queue_of(reference) == "integrity"
    assert {login for login in ("ana", "ben", "sue", "ida", "carl") if shift.sees(login, reference)} == {"ida"}
    with shift.opened.database.reading() as session:
        file = case_file.read(session, shift.officer("ida"), reference)
    assert [line.what for line in file.history][-3:].count(Happening.ROUTED) == 1
    told = [row.recipient for row in make.rows(shift.opened, Outgoing) if row.subject and "Integrity" in row.subject]
    assert told == ["integrity@port.example"]


def test_the_browser_goes_back_to_the_queues(app: Flask, installation: Installation) -> None:
    reference = make.report(installation, now=datetime.now(UTC)).reference
    ana = signed_in(app, "ana")
    answer = ana.acts(reference, "reclassify", category="insider_corruption", severity="high", reason="One of ours.")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/desk?moved={reference}")
    assert ana.case(reference).status_code == 404
    assert reference not in ana.opens("/desk/queues/all").text


def test_without_a_sealed_queue_it_is_refused_and_nothing_changes(shift: Shift) -> None:
    reference = make.report(shift.opened).reference
    with shift.opened.database.transaction() as session:
        session.connection().execute(sa.update(Queue).values(sealed=False))
    before = make.rows(shift.opened, Case)
    with pytest.raises(Refused, match="No queue here keeps reports about insiders sealed"):
        shift.does(desk.reclassify, "ana", reference, **ABOUT)
    assert make.rows(shift.opened, Case) == before


def test_it_does_not_leave_its_sealed_queue_before_somebody_says_that_it_is_something_else(shift: Shift) -> None:
    reference = make.report(shift.opened, make.BRIBE).reference
    with pytest.raises(Refused, match="stays in a sealed queue"):
        shift.does(desk.transfer, "ida", reference, queue="gates", reason="Theirs.")
    shift.does(
        desk.reclassify, "ida", reference, category=Category.DISORDER, severity=Severity.LOW, reason="It is not."
    )
    assert shift.queue_of(reference) == "integrity"
    shift.does(desk.transfer, "ida", reference, queue="gates", reason="Theirs.")
    assert shift.sees("ben", reference)


def test_further_words_take_an_untouched_case_to_the_sealed_queue(shift: Shift) -> None:
    reference = make.report(shift.opened, THEFT, key="first").reference
    assert shift.queue_of(reference) == "marine"
    shift.adds(INSIDE, "second", "first")
    assert shift.queue_of(reference) == "integrity"
    assert not shift.sees("sue", reference)


def test_of_a_case_that_is_held_the_history_says_so_once(shift: Shift) -> None:
    reference = make.report(shift.opened, THEFT, key="first").reference
    shift.does(desk.claim, "ana", reference)
    shift.adds(INSIDE, "second", "first")
    shift.adds("It is corruption, the guards take money", "third", "first")
    assert shift.queue_of(reference) == "marine"
    lines = [line for line in make.rows(shift.opened, CaseEvent) if line.what is Happening.TRIAGED]
    assert ["bribes" in line.details["reason"] for line in lines] == [False, True]


def test_nobody_is_told_of_a_sealed_case_that_became_urgent_elsewhere(shift: Shift) -> None:
    reference = make.report(shift.opened, make.BRIBE, key="first").reference
    shift.adds(make.GUN, "second", "first")
    assert shift.queue_of(reference) == "integrity"
    told = {row.recipient for row in make.rows(shift.opened, Outgoing) if reference in (row.subject or "")}
    assert told <= {"integrity@port.example"}


def test_what_is_opened_beside_a_case_is_sealed_where_it_must_be(shift: Shift) -> None:
    open_one, sealed = (make.report(shift.opened, text).reference for text in (make.GUN, make.BRIBE))
    with shift.opened.database.reading() as session:
        ida = shift.officer("ida")
        beside = {one: cases.find_case(session, ida, one) for one in (open_one, sealed)}
        found = {
            (one, category): sealing.way_for_new(session, case, category, Severity.LOW, NOON)
            for one, case in beside.items()
            for category in (Category.DRONE, Category.INSIDER_CORRUPTION)
        }
        (moves,) = ((key, route) for key, route in found.items() if route is not None)
        assert moves[0] == (open_one, Category.INSIDER_CORRUPTION)
        assert session.get_one(Queue, moves[1].queue_id).slug == "integrity"


def test_nothing_moves_between_a_sealed_case_and_an_open_one(shift: Shift) -> None:
    open_one = make.report(shift.opened, make.GUN, key="open").reference
    sealed = make.report(shift.opened, make.BRIBE, key="sealed").reference
    for own, other, key in ((sealed, open_one, "sealed"), (open_one, sealed, "open")):
        shift.adds("More words of mine", f"more {key}", key)
        with shift.opened.database.reading() as session:
            file = case_file.read(session, shift.officer("ida"), own)
        message = file.reports[0].conversation[-1].id
        with pytest.raises(Refused, match="stays there"):
            shift.does(desk.move_message, "ida", own, installation=shift.opened, message_id=message, to=other)


def test_what_the_database_shows_is_what_the_rule_says(shift: Shift) -> None:
    with shift.opened.database.reading() as session:
        kept = {
            queue.slug: Kept(queue.authority_id, queue.unit_id, queue.sealed) for queue in session.exec(select(Queue))
        }
        for login in ("ana", "sue", "ida", "carl"):
            for role in Role:
                officer = replace(shift.officer(login), role=role)
                for right in Right:
                    found = set(session.exec(select(Queue.slug).where(cases.within(officer, right))))
                    assert found == {slug for slug, one in kept.items() if may_at(officer, right, one).allowed}


def test_a_handover_names_no_case_that_was_sealed_meanwhile(shift: Shift) -> None:
    reference, other = (make.report(shift.opened).reference for _ in range(2))
    shift.does(watches.take, "ana", "marine")
    shift.does(handovers.write, "ana", "marine", words="Good night.")

    def told(login: str) -> list[str]:
        with shift.opened.database.reading() as session:
            officer = shift.officer(login)
            queue = watches.find_queue(session, officer, "marine")
            found = handovers.pending(session, officer, queue)
            assert found is not None
            return sorted({one for part in found.parts.values() for one in part})

    assert told("sue") == sorted([reference, other])
    shift.does(desk.reclassify, "ana", reference, **ABOUT)
    assert told("sue") == [other]


def test_whoever_administers_the_sealed_unit_does_not_open_its_queue_either(shift: Shift) -> None:
    kind = KINDS["queues"]
    with shift.opened.database.transaction() as session:
        staff = session.exec(select(Staff).where(Staff.login == "ida")).one()
        staff.role = Role.ADMINISTRATOR
        session.add(staff)
        session.add(Staff(**{**staff.model_dump(), "id": None, "login": "ivo"}))

    def opens() -> None:
        with shift.opened.database.transaction() as session:
            entry = things.find(session, shift.officer("ida"), "queues", "integrity")
            values = {**entry.model_dump(mode="json"), "sealed": False}
            seen = changes.mark(entry)
            things.save(session, shift.officer("ida"), NOON, kind=kind, name="integrity", values=values, seen=seen)

    with pytest.raises(DescriptionError, match="the rule integrity sends reports about insiders to integrity"):
        opens()
    make.report(shift.opened, make.BRIBE)
    with pytest.raises(DescriptionError, match="keeps reports about insiders, so it stays sealed"):
        opens()


# ── who was of the unit and is so no longer ──────────────────────────────────────────────────────────────────────────


def leaves(session: Session, login: str) -> None:
    """Take somebody out of all units, in the middle of their shift."""
    staff_id = session.exec(select(Staff.id).where(Staff.login == login)).one()
    session.connection().execute(sa.delete(StaffUnit).where(col(StaffUnit.staff_id) == staff_id))


def test_whoever_leaves_the_unit_sees_nothing_of_it_from_the_next_page_on(
    app: Flask, installation: Installation
) -> None:
    reference = make.report(installation, make.BRIBE, now=datetime.now(UTC)).reference
    ida = signed_in(app, "ida")
    form = ida.form(reference, "note")
    ida.client.post("/desk/watch/integrity/take", data={"csrf_token": form["csrf_token"]})
    polled = ida.opens("/desk/queues/integrity/changes")
    assert polled.status_code == 200
    with installation.database.transaction() as session:
        leaves(session, "ida")
    absent = ida.case("EN-0000-0").text
    assert ida.case(reference).text.replace(reference, "EN-0000-0") == absent
    assert ida.acts(reference, "note", form, text="One more thing").status_code == 404
    again = ida.client.get("/desk/queues/integrity/changes", headers={"If-None-Match": polled.headers["ETag"]})
    assert again.status_code == 404
    assert reference not in ida.opens("/desk/alarms").text
    with installation.database.reading() as session:
        officer = replace(make.Port(0, {}, {}, {}, {}).officer(session, "ida"))
        assert queues.needs(session, officer) == 0
        assert session.exec(select(Watch)).all()


@pytest.mark.parametrize(
    ("role", "opened", "closed"),
    [
        (Role.ANALYST, ["/desk/numbers"], ["/desk/queues/marine", "/desk/search?q=gun", "/desk/corrections"]),
        (Role.ADMINISTRATOR, ["/desk/admin", "/desk/queues/gates"], ["/desk/queues/marine", "/desk/numbers"]),
        (Role.OFFICER, ["/desk/queues/marine"], ["/desk/numbers", "/desk/corrections", "/desk/admin"]),
    ],
)
def test_another_role_counts_from_the_next_page_on(
    app: Flask, installation: Installation, role: Role, opened: list[str], closed: list[str]
) -> None:
    sue = signed_in(app, "sue")
    assert sue.opens("/desk/numbers").status_code == 200
    with installation.database.transaction() as session:
        session.connection().execute(sa.update(Staff).where(col(Staff.login) == "sue").values(role=role))
    assert [sue.opens(path).status_code for path in opened] == [200] * len(opened)
    assert [sue.opens(path).status_code for path in closed] == [404] * len(closed)


def test_the_doctor_tells_of_sites_and_cases_that_are_not_sealed(shift: Shift) -> None:
    def told() -> str:
        (check,) = examine_seals(shift.opened.database, NOON)
        return f"{check.state} {check.found}"

    assert told() == "ok reports about insiders wait in sealed queues"
    make.report(shift.opened, make.BRIBE)
    with shift.opened.database.transaction() as session:
        session.connection().execute(sa.update(Queue).values(sealed=False))
    assert told() == "warn no sealed queue takes reports about insiders at harbour"
    with shift.opened.database.transaction() as session:
        session.connection().execute(sa.update(Queue).where(col(Queue.slug) == "control").values(sealed=True))
    assert told() == "warn open cases about insiders that are not sealed: 1"


def test_an_open_queue_of_the_same_unit_does_not_open_the_sealed_one(shift: Shift) -> None:
    make.report(shift.opened, make.BRIBE)
    with shift.opened.database.reading() as session:
        sue = shift.officer("sue")
        mine = listing.my_queues(session, sue, None)
        assert "integrity" not in {queue.slug for queue in mine}
        page = listing.read_page(session, sue, mine, Wanted(), NOON)
        assert page.rows == ()
        assert session.exec(select(DutyRule.slug).where(DutyRule.slug == "integrity")).one()
