"""The staff's side: what an officer does to a case, each act with its line in the history.

Every act takes the caller's session, never commits, and raises `cases.CaseMissing` for a case that the officer may not
see. `version` is the version of the case on the officer's screen; `cases.StaleCase` if the case has changed since.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from engage import arrivals, cases, conversations, moving, opening, sealing, search, speaking, targets
from engage.accounts import Officer
from engage.acting import (
    RETURN_PAGE,
    AlreadyHeld,
    Refused,
    check_here,
    check_untied,
    find_open,
    id_of,
    reason_given,
    reports_of,
)
from engage.db import add_row
from engage.dialogue import Pending
from engage.ending import close, reopen, resolve
from engage.installation import Installation
from engage.models import Case, Note, Report, Staff
from engage.routing import Route
from engage.taxonomy import CaseStatus, Category, Happening, Severity

__all__ = [
    "AlreadyHeld",
    "Refused",
    "answer",
    "claim",
    "close",
    "move_message",
    "note",
    "reclassify",
    "refer",
    "release",
    "reopen",
    "resolve",
    "transfer",
    "wait_for_reporter",
]

_UNHELD = (CaseStatus.RECEIVED, CaseStatus.TRIAGED, CaseStatus.REOPENED)


def _(sentence: str) -> str:
    return sentence


def claim(
    session: Session,
    officer: Officer,
    reference: str,
    now: datetime,
    *,
    version: int | None = None,
    take_over: bool = False,
) -> Case:
    """Take hold of a case; `AlreadyHeld` when someone else has it, unless it is taken over on purpose."""
    case = find_open(session, officer, reference)
    if case.holder_id == officer.staff_id:
        return case
    if case.holder_id is not None and not take_over:
        raise AlreadyHeld(session.get_one(Staff, case.holder_id).name)
    status = CaseStatus.ASSIGNED if case.status in _UNHELD else case.status
    taken_over = case.holder_id is not None
    cases.change(session, case, now, version, holder_id=officer.staff_id, status=status)
    cases.record(session, id_of(case), now, (Happening.CLAIMED, {"take_over": taken_over}), staff_id=officer.staff_id)
    return case


def release(session: Session, officer: Officer, reference: str, now: datetime, *, version: int | None = None) -> Case:
    """Give a case back to its queue."""
    case = find_open(session, officer, reference)
    if case.holder_id != officer.staff_id:
        raise Refused(_("You do not hold this case."))
    status = CaseStatus.TRIAGED if case.status is CaseStatus.ASSIGNED else case.status
    cases.change(session, case, now, version, holder_id=None, status=status)
    cases.record(session, id_of(case), now, (Happening.RELEASED, {}), staff_id=officer.staff_id)
    return case


def answer(
    session: Session,
    officer: Officer,
    reference: str,
    now: datetime,
    *,
    text: str,
    version: int | None = None,
    wait: bool = False,
    return_address: str = RETURN_PAGE,
) -> Case:
    """Answer every reporter of a case, blind to each other. Whoever answers an unheld case holds it from then on.

    With `wait` the case then waits for the reporter. `return_address` is where the thread is read, for those who are
    answered by text. Raises `arrivals.TextRefused` for a text that cannot be sent.
    """
    case = find_open(session, officer, reference, speaks=True)
    words = arrivals.accepted_text(text)
    for report in reports_of(session, case):
        conversations.expect(session, report, Pending.OFFICER)
        speaking.answer(
            session,
            report,
            officer.staff_id,
            words,
            severity=case.severity,
            now=now,
            return_address=return_address,
        )
    cases.change(
        session,
        case,
        now,
        version,
        holder_id=case.holder_id or officer.staff_id,
        status=case.status if case.away_at else CaseStatus.WAITING_FOR_REPORTER if wait else CaseStatus.IN_PROGRESS,
        reporter_waits=False,
        **targets.answered(case, now),
    )
    cases.record(session, id_of(case), now, (Happening.ANSWERED, {"wait": wait}), staff_id=officer.staff_id)
    return case


def note(session: Session, officer: Officer, reference: str, now: datetime, *, text: str) -> Case:
    """Write a note that only staff see. It changes nothing of the case, so it is never stale; ended cases take it."""
    case = cases.find_case(session, officer, reference)
    words = arrivals.accepted_text(text)
    add_row(session, Note, case_id=case.id, staff_id=officer.staff_id, text=words, written_at=now)
    search.add(session, id_of(case), words)
    cases.record(session, id_of(case), now, (Happening.NOTED, {}), staff_id=officer.staff_id)
    return case


def reclassify(
    session: Session,
    officer: Officer,
    reference: str,
    now: datetime,
    *,
    category: Category,
    severity: Severity,
    reason: str,
    version: int | None = None,
) -> Case:
    """Correct what triage said. The reason is kept; the case stays in its queue until it is transferred.

    What turns out to be about insiders goes to its sealed queue at once, where whoever works there takes it up.
    """
    case = find_open(session, officer, reference)
    why = reason_given(reason)
    if (category, severity) == (case.category, case.severity) and case.status is not CaseStatus.RECEIVED:
        raise Refused(_("That is what the case already says."))
    before = {"category": case.category, "severity": case.severity}
    status = CaseStatus.TRIAGED if case.status is CaseStatus.RECEIVED else case.status
    to = _sealed_way(session, case, category, severity, now)
    said = {"category": category, "severity": severity, "urgency": severity.urgency, "status": status}
    cases.change(session, case, now, version, **{**said, **(sealing.moved_to(session, to) if to else {})})
    details = {"before": before, "category": category, "severity": severity, "reason": why}
    cases.record(session, id_of(case), now, (Happening.RECLASSIFIED, details), staff_id=officer.staff_id)
    if to:
        routed = {"queue_id": to.queue_id, "reason": to.reason}
        cases.record(session, id_of(case), now, (Happening.ROUTED, routed))
        opening.notify(session, id_of(case), case.reference, cases.find_post(session, to.queue_id), severity, now)
    return case


def _sealed_way(session: Session, case: Case, category: Category, severity: Severity, now: datetime) -> Route | None:
    """Where a case must go once it is of a category, if it may not stay where it is."""
    try:
        to = sealing.way_in(session, case, category, severity, now)
    except sealing.NoSealedQueue:
        raise Refused(_("No queue here keeps reports about insiders sealed. Ask an administrator for one.")) from None
    if to:
        check_untied(session, case)
    return to


def transfer(
    session: Session,
    officer: Officer,
    reference: str,
    now: datetime,
    *,
    queue: str,
    reason: str,
    version: int | None = None,
) -> Case:
    """Move a case to another queue of the same authority, where nobody holds it yet."""
    case = find_open(session, officer, reference, leaves=True)
    why = reason_given(reason)
    to = next((other for other in cases.queues_to_transfer_to(session, officer, case) if other.slug == queue), None)
    if to is None:
        raise Refused(_("Your authority has no other queue of that name."))
    if not sealing.confided(session, to.id or 0, case.category):
        raise Refused(_("What is about insiders stays in a sealed queue. Correct the category first, if it is not."))
    details = {"from_queue_id": case.queue_id, "queue_id": to.id, "reason": why}
    cases.change(
        session,
        case,
        now,
        version,
        queue_id=to.id,
        holder_id=None,
        status=CaseStatus.TRIAGED,
        route_reason=f"Transferred by {officer.name}: {why}"[:500],
    )
    cases.record(session, id_of(case), now, (Happening.TRANSFERRED, details), staff_id=officer.staff_id)
    return case


def move_message(
    session: Session,
    officer: Officer,
    reference: str,
    now: datetime,
    *,
    installation: Installation,
    message_id: int | None,
    to: str,
    version: int | None = None,
) -> Case:
    """Move a reporter's message to an open case that the officer may see or, without `to`, to a new case.

    Which report there it joins is told in `moving`. Moving it back undoes it.
    """
    case = cases.find_case(session, officer, reference)
    message = moving.find(session, case, message_id)
    if message is None:
        raise Refused(_("That message is not in this case any more."))
    check_here(session, case)
    check_untied(session, case)
    report = session.get_one(Report, message.report_id)
    moved = moving.Moved(case, report, message, opening.find_out(installation, message.text))
    target = _target(session, officer, case, to) if to.strip() else None
    try:
        moving.move(session, installation.vault, moved, target, now, staff_id=officer.staff_id, version=version)
    except moving.OutOfReach:
        raise Refused(_("This reporter holds the code of this report alone, so their words must stay here.")) from None
    return case


def _target(session: Session, officer: Officer, case: Case, to: str) -> Case:
    try:
        target = cases.find_case(session, officer, to)
    except cases.CaseMissing:
        raise Refused(_("You see no case with this reference.")) from None
    if target.id == case.id:
        raise Refused(_("That is this case."))
    target = cases.lock_case(session, id_of(target))
    if not target.status.is_open:
        raise Refused(_("The case %(reference)s has ended. Reopen it first."), reference=target.reference)
    if sealing.parts(session, case, target):
        raise Refused(_("What is in a sealed queue stays there: both cases must be in the same queue."))
    check_here(session, target)
    check_untied(session, target)
    return target


def wait_for_reporter(
    session: Session, officer: Officer, reference: str, now: datetime, *, version: int | None = None
) -> Case:
    """Nothing can be done until the reporter answers."""
    case = find_open(session, officer, reference)
    cases.change(
        session,
        case,
        now,
        version,
        status=CaseStatus.WAITING_FOR_REPORTER,
        reporter_waits=False,
        holder_id=case.holder_id or officer.staff_id,
    )
    cases.record(session, id_of(case), now, (Happening.WAITING, {}), staff_id=officer.staff_id)
    return case


def refer(
    session: Session,
    officer: Officer,
    reference: str,
    now: datetime,
    *,
    to: str,
    reason: str,
    version: int | None = None,
) -> Case:
    """Note that a body outside this installation was told, by phone for instance. The case stays with its queue."""
    case = find_open(session, officer, reference)
    details = {"to": reason_given(to), "reason": reason_given(reason)}
    cases.change(session, case, now, version, status=CaseStatus.REFERRED, holder_id=case.holder_id or officer.staff_id)
    cases.record(session, id_of(case), now, (Happening.REFERRED, details), staff_id=officer.staff_id)
    return case
