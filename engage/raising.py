"""The staff's side of what is graver or other than it looked: escalating, designating incidents, correcting triage."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from engage import cases, corrections, desk, outbox
from engage.accounts import Officer
from engage.acting import Refused, find_open, reason_given
from engage.models import Case, Queue, Staff, StaffUnit, Unit
from engage.taxonomy import CaseStatus, Category, Happening, Role, Severity

#: How far up a case is once somebody has escalated it: to the supervisor.
TO_SUPERVISOR = 1


def _(sentence: str) -> str:
    return sentence


def escalate(
    session: Session, officer: Officer, reference: str, now: datetime, *, reason: str, version: int | None = None
) -> Case:
    """Bring a case before the supervisors of its unit: they get a mail, and the case shows it. It stays where it is."""
    case = find_open(session, officer, reference)
    why = reason_given(reason)
    cases.change(session, case, now, version, escalation=max(case.escalation, TO_SUPERVISOR))
    cases.record(session, case.id or 0, now, (Happening.ESCALATED, {"reason": why}), staff_id=officer.staff_id)
    queue = session.get_one(Queue, case.queue_id)
    for mailbox in _mailboxes(session, queue):
        outbox.put(
            session,
            case_id=case.id or 0,
            recipient=mailbox,
            subject=f"Escalated: case {case.reference} in {queue.name}",
            body=f"{officer.name} escalated a {case.severity} case in the queue {queue.name}: {case.reference}. "
            "Sign in at the desk to read why.",
            severity=case.severity,
            now=now,
        )
    return case


def designate(
    session: Session, officer: Officer, reference: str, now: datetime, *, back: bool, version: int | None = None
) -> Case:
    """Designate a case as an incident or, with `back`, say that it is none after all."""
    case = find_open(session, officer, reference)
    if (case.incident_at is None) == back:
        raise Refused(_("That is what the case already says."))
    cases.change(session, case, now, version, incident_at=None if back else now)
    cases.record(session, case.id or 0, now, (Happening.DESIGNATED, {"back": back}), staff_id=officer.staff_id)
    return case


def correct(
    session: Session,
    officer: Officer,
    reference: str,
    now: datetime,
    *,
    category: Category,
    severity: Severity,
    reason: str,
    words: str = "",
    version: int | None = None,
) -> Case:
    """Say what triage should have said, and which words misled it; the case becomes what is right.

    Without a change of category or severity it is a correction of words alone.
    """
    case = find_open(session, officer, reference)
    corrected = corrections.Corrected(category, severity, reason_given(reason), words)
    if (category, severity) == (case.category, case.severity) and case.status is not CaseStatus.RECEIVED:
        if not words.strip():
            raise Refused(_("That is what the case already says. Change it, or name the words that misled triage."))
        cases.change(session, case, now, version)
    else:
        desk.reclassify(
            session, officer, reference, now, category=category, severity=severity, reason=reason, version=version
        )
    if not corrections.write(session, case, corrected, officer.staff_id, now):
        raise Refused(_("Triage said nothing of this case, so there is nothing to correct."))
    details = {"words": words.strip(), "reason": corrected.reason} if words.strip() else {"reason": corrected.reason}
    cases.record(session, case.id or 0, now, (Happening.CORRECTED, details), staff_id=officer.staff_id)
    return case


def _mailboxes(session: Session, queue: Queue) -> list[str]:
    """Where the supervisors of a queue's unit read mail, else those of the authority, else the unit itself.

    What is sealed is told to nobody outside of its unit.
    """
    found: list[str] = []
    in_unit = col(Staff.id).in_(sa.select(col(StaffUnit.staff_id)).where(col(StaffUnit.unit_id) == queue.unit_id))
    for which in (in_unit, sa.false() if queue.sealed else sa.true()):
        query = sa.select(col(Staff.mailbox)).where(
            col(Staff.authority_id) == queue.authority_id,
            col(Staff.role) == Role.SUPERVISOR,
            col(Staff.active).is_(True),
            col(Staff.mailbox).is_not(None),
            which,
        )
        found = found or sorted({str(mailbox) for mailbox in session.connection().scalars(query)})
    own = session.get_one(Unit, queue.unit_id).mailbox
    return found or ([own] if own else [])
