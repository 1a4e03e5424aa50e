"""What an officer does to a case: each act is in its history, and nobody acts on what they may not see."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from engage import arrivals, cases, desk, reports
from engage.accounts import Officer
from engage.installation import Installation
from engage.models import Case, CaseEvent, Message, Note, Outgoing
from engage.taxonomy import CaseStatus, Category, Disposition, Happening, Severity
from tests import make

Act = Callable[..., Case]
WHY = "The caller rang twice."
ENDED = {"disposition": Disposition.ACTION_TAKEN}
RECLASSIFIED = {"category": Category.FIRE_HAZMAT, "severity": Severity.LOW, "reason": WHY}

#: Every act that changes a case, with what it needs, and how the case stands after it.
ACTS: tuple[tuple[Act, dict[str, Any], CaseStatus, Happening], ...] = (
    (desk.claim, {}, CaseStatus.ASSIGNED, Happening.CLAIMED),
    (desk.answer, {"text": "We are coming."}, CaseStatus.IN_PROGRESS, Happening.ANSWERED),
    (
        desk.answer,
        {"text": "Which gate?", "wait": True},
        CaseStatus.WAITING_FOR_REPORTER,
        Happening.ANSWERED,
    ),
    (desk.reclassify, RECLASSIFIED, CaseStatus.TRIAGED, Happening.RECLASSIFIED),
    (desk.transfer, {"queue": "gates", "reason": WHY}, CaseStatus.TRIAGED, Happening.TRANSFERRED),
    (desk.wait_for_reporter, {}, CaseStatus.WAITING_FOR_REPORTER, Happening.WAITING),
    (desk.refer, {"to": "Coast guard", "reason": WHY}, CaseStatus.REFERRED, Happening.REFERRED),
    (desk.resolve, ENDED, CaseStatus.RESOLVED, Happening.RESOLVED),
    (desk.close, ENDED, CaseStatus.CLOSED, Happening.CLOSED),
)
ACT_NAMES = [f"{act.__name__}-{status}" for act, _, status, _ in ACTS]


class Desk:
    """Officers at work in an installation: each act in a transaction of its own."""

    def __init__(self, installation: Installation, port: make.Port) -> None:
        self.installation, self.port = installation, port

    def does(self, login: str, act: Act, reference: str, **with_: Any) -> Case:
        """One act of an officer, committed."""
        with self.installation.database.transaction() as session:
            done = act(session, self.port.officer(session, login), reference, make.NOON, **with_)
            session.expunge(done)
            return done

    def reads(self, question: Callable[[Session, Officer], Any], login: str) -> Any:
        """What an officer is told when they look something up."""
        with self.installation.database.reading() as session:
            answer = question(session, self.port.officer(session, login))
            session.expunge_all()
            return answer

    def history(self) -> list[Happening]:
        """What happened to every case, in order."""
        return [event.what for event in make.rows(self.installation, CaseEvent)]

    def last_line(self) -> CaseEvent:
        """The newest line of any history."""
        return make.rows(self.installation, CaseEvent)[-1]


@pytest.fixture
def at_desk(installation: Installation, port: make.Port) -> Desk:
    """The port's officers, at work."""
    return Desk(installation, port)


@pytest.fixture
def gun(installation: Installation, at_desk: Desk) -> str:
    """The reference of a fresh case in the queue of the marine unit."""
    return make.report(installation).reference


@pytest.mark.parametrize(("act", "with_", "status", "happening"), ACTS, ids=ACT_NAMES)
def test_every_act_is_in_the_history(
    at_desk: Desk, gun: str, act: Act, with_: dict[str, Any], status: CaseStatus, happening: Happening
) -> None:
    case = at_desk.does("ana", act, gun, version=1, **with_)
    line = at_desk.last_line()
    assert (case.status, case.version, line.what) == (status, 2, happening)
    assert line.staff_id == at_desk.port.staff["ana"]
    assert line.at == make.NOON
    assert len(at_desk.history()) == 4
    for word in ("reason", "to", "disposition"):
        assert line.details.get(word) == with_.get(word)


@pytest.mark.parametrize(("act", "with_", "status", "happening"), ACTS, ids=ACT_NAMES)
def test_an_act_on_an_old_page_is_refused(
    at_desk: Desk, gun: str, act: Act, with_: dict[str, Any], status: CaseStatus, happening: Happening
) -> None:
    at_desk.does("ben", desk.wait_for_reporter, gun)
    at_desk.does("ben", desk.release, gun)
    before = at_desk.history()
    with pytest.raises(cases.StaleCase):
        at_desk.does("ana", act, gun, version=1, **with_)
    assert at_desk.history() == before
    assert make.rows(at_desk.installation, Message) == []


@pytest.mark.parametrize(("act", "with_", "status", "happening"), ACTS, ids=ACT_NAMES)
@pytest.mark.parametrize("login", ["carl"])
def test_a_foreign_case_is_as_absent_as_one_that_never_was(
    at_desk: Desk, gun: str, act: Act, with_: dict[str, Any], status: CaseStatus, happening: Happening, login: str
) -> None:
    told = []
    for reference in (gun, "EN-0000-0", "", "EN-", "x" * 500, "\0"):
        with pytest.raises(cases.CaseMissing) as refused:
            at_desk.does(login, act, reference, **with_)
        told.append((refused.type, refused.value.args))
    assert len(set(told)) == 1
    assert len(at_desk.history()) == 3


@pytest.mark.parametrize(("act", "with_", "status", "happening"), ACTS, ids=ACT_NAMES)
def test_nothing_is_done_to_a_closed_case(
    at_desk: Desk, gun: str, act: Act, with_: dict[str, Any], status: CaseStatus, happening: Happening
) -> None:
    at_desk.does("ana", desk.close, gun, **ENDED)
    with pytest.raises(desk.Refused):
        at_desk.does("ana", act, gun, **with_)
    assert len(at_desk.history()) == 4


def test_two_at_once_on_one_page_and_only_one_acts(at_desk: Desk, gun: str) -> None:
    outcomes: list[object] = []
    ready = threading.Barrier(2)

    def act(login: str, queue: str) -> None:
        ready.wait()
        try:
            outcomes.append(at_desk.does(login, desk.transfer, gun, queue=queue, reason=WHY, version=1))
        except cases.StaleCase as stale:
            outcomes.append(stale)

    threads = [threading.Thread(target=act, args=pair) for pair in (("ana", "gates"), ("ben", "control"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Case", "StaleCase"]
    assert at_desk.history().count(Happening.TRANSFERRED) == 1


def test_a_held_case_is_taken_over_only_on_purpose(at_desk: Desk, gun: str) -> None:
    at_desk.does("ana", desk.claim, gun)
    with pytest.raises(desk.AlreadyHeld, match="Officer Ana holds this case"):
        at_desk.does("ben", desk.claim, gun)
    case = at_desk.does("ben", desk.claim, gun, take_over=True)
    assert case.holder_id == at_desk.port.staff["ben"]
    assert at_desk.last_line().details == {"take_over": True}


def test_claiming_what_one_holds_changes_nothing(at_desk: Desk, gun: str) -> None:
    at_desk.does("ana", desk.claim, gun)
    assert at_desk.does("ana", desk.claim, gun, version=1).version == 2
    assert at_desk.history().count(Happening.CLAIMED) == 1


def test_only_the_holder_gives_a_case_back(at_desk: Desk, gun: str) -> None:
    at_desk.does("ana", desk.claim, gun)
    with pytest.raises(desk.Refused, match="do not hold"):
        at_desk.does("ben", desk.release, gun)
    case = at_desk.does("ana", desk.release, gun)
    assert (case.holder_id, case.status) == (None, CaseStatus.TRIAGED)
    assert at_desk.last_line().what is Happening.RELEASED


def test_a_case_in_progress_stays_so_when_it_is_given_back(at_desk: Desk, gun: str) -> None:
    at_desk.does("ana", desk.answer, gun, text="On our way.")
    case = at_desk.does("ana", desk.release, gun)
    assert (case.holder_id, case.status) == (None, CaseStatus.IN_PROGRESS)


def test_who_answers_an_unheld_case_holds_it(at_desk: Desk, gun: str) -> None:
    case = at_desk.does("ana", desk.answer, gun, text="  On our way.\n")
    assert (case.holder_id, case.reporter_waits) == (at_desk.port.staff["ana"], False)
    (message,) = make.rows(at_desk.installation, Message)
    assert (message.text, message.staff_id) == ("  On our way.\n", case.holder_id)


def test_answering_for_the_holder_leaves_them_the_case(at_desk: Desk, gun: str) -> None:
    at_desk.does("ana", desk.claim, gun)
    assert at_desk.does("ben", desk.answer, gun, text="On our way.").holder_id == at_desk.port.staff["ana"]


@pytest.mark.parametrize("text", ["", "  \n", "x" * 10_001])
@pytest.mark.parametrize("act", [desk.answer, desk.note])
def test_an_empty_or_endless_text_is_not_sent(at_desk: Desk, gun: str, act: Act, text: str) -> None:
    with pytest.raises(arrivals.TextRefused):
        at_desk.does("ana", act, gun, text=text)
    assert len(at_desk.history()) == 3


def test_notes_are_kept_from_reporters_and_never_stale(at_desk: Desk, gun: str) -> None:
    at_desk.does("ana", desk.close, gun, **ENDED)
    at_desk.does("ben", desk.note, gun, text="Was here before, see 2024.")
    (note,) = make.rows(at_desk.installation, Note)
    assert (note.text, note.staff_id) == ("Was here before, see 2024.", at_desk.port.staff["ben"])
    assert make.rows(at_desk.installation, Message) == []
    assert make.rows(at_desk.installation, Case)[0].version == 2


def test_a_correction_keeps_what_was_said_before(at_desk: Desk, gun: str) -> None:
    case = at_desk.does("ana", desk.reclassify, gun, **RECLASSIFIED)
    assert (case.category, case.severity, case.urgency) == (Category.FIRE_HAZMAT, Severity.LOW, 0)
    assert case.queue_id == at_desk.port.queues["marine"]
    assert at_desk.last_line().details["before"] == {"category": "weapon_attack", "severity": "critical"}


def test_saying_the_same_again_is_no_correction_unless_nobody_was_sure(at_desk: Desk, gun: str) -> None:
    same = {"category": Category.WEAPON_ATTACK, "severity": Severity.CRITICAL, "reason": WHY}
    with pytest.raises(desk.Refused, match="already says"):
        at_desk.does("ana", desk.reclassify, gun, **same)
    unsure = make.report(at_desk.installation, "as agreed").reference
    (_, case) = make.rows(at_desk.installation, Case)
    assert case.status is CaseStatus.RECEIVED
    same = {"category": case.category, "severity": case.severity, "reason": WHY}
    assert at_desk.does("ben", desk.reclassify, unsure, **same).status is CaseStatus.TRIAGED


@pytest.mark.parametrize("reason", ["", "   ", "\n\t"])
@pytest.mark.parametrize(
    ("act", "with_"),
    [
        (desk.reclassify, {"category": Category.DRONE, "severity": Severity.LOW}),
        (desk.transfer, {"queue": "gates"}),
        (desk.refer, {"to": "Coast guard"}),
    ],
)
def test_an_act_that_needs_a_reason_gets_one(
    at_desk: Desk, gun: str, act: Act, with_: dict[str, Any], reason: str
) -> None:
    with pytest.raises(desk.Refused, match="reason"):
        at_desk.does("ana", act, gun, reason=reason, **with_)


def test_a_transferred_case_is_held_by_nobody_and_says_why(at_desk: Desk, gun: str) -> None:
    at_desk.does("ana", desk.claim, gun)
    case = at_desk.does("ana", desk.transfer, gun, queue="gates", reason="x" * 900)
    assert (case.queue_id, case.holder_id) == (at_desk.port.queues["gates"], None)
    assert case.route_reason.startswith("Transferred by Officer Ana: xxx")
    assert len(case.route_reason) == 500
    details = at_desk.last_line().details
    assert (details["from_queue_id"], details["queue_id"]) == (at_desk.port.queues["marine"], case.queue_id)


@pytest.mark.parametrize("queue", ["border", "marine", "nowhere", ""])
def test_a_case_moves_to_another_queue_of_the_same_authority_only(at_desk: Desk, gun: str, queue: str) -> None:
    with pytest.raises(desk.Refused, match="no other queue"):
        at_desk.does("ana", desk.transfer, gun, queue=queue, reason=WHY)


def test_a_sealed_queue_takes_cases_from_anyone_and_shows_them_to_its_unit(at_desk: Desk, gun: str) -> None:
    at_desk.does("ana", desk.transfer, gun, queue="integrity", reason=WHY)
    for login in ("ana", "ben", "sue", "carl"):
        with pytest.raises(cases.CaseMissing):
            at_desk.does(login, desk.claim, gun)
    assert at_desk.does("ida", desk.claim, gun).holder_id == at_desk.port.staff["ida"]


def test_what_is_said_of_colleagues_is_sealed_from_the_start(at_desk: Desk) -> None:
    reference = make.report(at_desk.installation, make.BRIBE).reference
    with pytest.raises(cases.CaseMissing):
        at_desk.does("sue", desk.claim, reference)
    assert at_desk.does("ida", desk.claim, reference).version == 2


@pytest.mark.parametrize(
    ("login", "queues"),
    [
        ("ana", ["marine"]),
        ("ben", ["control", "gates"]),
        ("sue", ["control", "gates", "marine"]),
        ("ida", ["integrity"]),
        ("carl", ["border"]),
    ],
)
def test_an_officer_works_the_queues_of_their_units_a_supervisor_every_open_one(
    at_desk: Desk, login: str, queues: list[str]
) -> None:
    assert [queue.slug for queue in at_desk.reads(cases.queues_of, login)] == queues


def test_an_ending_may_take_a_last_word_to_the_reporter(at_desk: Desk, gun: str) -> None:
    case = at_desk.does("ana", desk.close, gun, text="Thank you, he is in custody.", version=1, **ENDED)
    assert (case.status, case.disposition, case.closed_at) == (
        CaseStatus.CLOSED,
        Disposition.ACTION_TAKEN,
        make.NOON,
    )
    assert at_desk.history()[-2:] == [Happening.ANSWERED, Happening.CLOSED]


def test_a_resolved_case_can_be_closed_but_not_the_other_way(at_desk: Desk, gun: str) -> None:
    at_desk.does("ana", desk.resolve, gun, **ENDED)
    at_desk.does("ana", desk.close, gun, **ENDED)
    with pytest.raises(desk.Refused, match="already"):
        at_desk.does("ana", desk.resolve, gun, **ENDED)


def test_an_ended_case_can_be_taken_up_again(at_desk: Desk, gun: str) -> None:
    with pytest.raises(desk.Refused, match="is open"):
        at_desk.does("ana", desk.reopen, gun, reason=WHY)
    at_desk.does("ana", desk.close, gun, **ENDED)
    case = at_desk.does("ben", desk.reopen, gun, reason=WHY)
    assert (case.status, case.disposition, case.closed_at) == (CaseStatus.REOPENED, None, None)
    assert case.holder_id == at_desk.port.staff["ben"]
    assert at_desk.last_line().details == {"reason": WHY}


def test_a_case_is_found_by_its_reference_however_it_is_typed(at_desk: Desk, gun: str) -> None:
    for written in (gun.lower(), gun.replace("-", ""), f" {gun} "):
        found = at_desk.reads(lambda session, officer, as_=written: cases.find_case(session, officer, as_), "ana")
        assert found.reference == gun


def test_an_answer_and_a_message_at_once_both_stand(at_desk: Desk) -> None:
    """The reporter's message locks the case and the officer's answer changes it: neither may wait for ever."""
    receipt = make.report(at_desk.installation)
    problems: list[Exception] = []

    def answer() -> None:
        for number in range(15):
            _patiently(lambda n=number: at_desk.does("ana", desk.answer, receipt.reference, text=f"a{n}"), problems)

    def write() -> None:
        for number in range(15):
            _patiently(lambda n=number: _add(at_desk.installation, receipt.access_hash, f"m{n}"), problems)

    threads = [threading.Thread(target=act) for act in (answer, write, answer, write)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len(make.rows(at_desk.installation, Message)) == 60


def test_the_queue_of_a_case_does_not_change_what_was_put_out(at_desk: Desk, gun: str, now: datetime) -> None:
    at_desk.does("ana", desk.transfer, gun, queue="gates", reason=WHY)
    (row,) = make.rows(at_desk.installation, Outgoing)
    assert row.due_at == now
    assert now - row.written_at < timedelta(seconds=1)


def _add(installation: Installation, access_hash: str, text: str) -> None:
    with installation.database.transaction() as session:
        report = reports.find_by_access(session, access_hash)
        reports.add_reporter_message(session, report, text=text, channel=report.channel, now=make.NOON)


def _patiently(act: Callable[[], object], problems: list[Exception]) -> None:
    """Try again on a case that has changed, as a person would after a look."""
    while True:
        try:
            act()
        except cases.StaleCase:
            continue
        except Exception as problem:
            problems.append(problem)
        return
