"""Giving a case to a colleague of the unit whose queue it is in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from engage import cases
from engage.accounts import Officer
from engage.acting import Refused
from engage.models import Case, Queue, Staff, StaffUnit
from engage.permissions import Kept, Right, may_at, roles_with
from engage.taxonomy import CaseStatus, Happening


def _(sentence: str) -> str:
    return sentence


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody whom a case can be given to."""

    id: int
    login: str
    name: str


def colleagues(session: Session, unit_ids: Sequence[int]) -> list[Colleague]:
    """The active members of units who work cases, by name."""
    in_units = select(StaffUnit.staff_id).where(col(StaffUnit.unit_id).in_(unit_ids))
    works = col(Staff.role).in_(roles_with(Right.WORK))
    query = select(Staff).where(col(Staff.id).in_(in_units), col(Staff.active).is_(True), works)
    return [
        Colleague(one.id or 0, one.login, one.name)
        for one in session.exec(query.order_by(col(Staff.name), col(Staff.id)))
    ]


def colleagues_for(session: Session, case: Case) -> list[Colleague]:
    """Those whom a case can be given to: the members of its queue's unit but for who holds it."""
    unit_id = session.get_one(Queue, case.queue_id).unit_id
    return [one for one in colleagues(session, [unit_id]) if one.id != case.holder_id]


def assign(
    session: Session, officer: Officer, reference: str, now: datetime, *, to: str, version: int | None = None
) -> Case:
    """Give a case to a colleague, by login. Its holder may, any member of its unit, and a supervisor.

    The colleague must be an active member of the unit, or the case would be where its holder does not look.
    """
    case = cases.find_case(session, officer, reference)
    if not case.status.is_open:
        raise Refused(_("This case is ended: %(status)s. Reopen it first."), status=case.status)
    queue = session.get_one(Queue, case.queue_id)
    kept = Kept(queue.authority_id, queue.unit_id, queue.sealed)
    if case.holder_id != officer.staff_id and not may_at(officer, Right.GIVE, kept).allowed:
        raise Refused(_("Only its holder, its unit or a supervisor can give this case to somebody."))
    colleague = next((one for one in colleagues(session, [queue.unit_id]) if one.login == to), None)
    if colleague is None:
        raise Refused(_("Choose somebody of the unit that works this queue."))
    if colleague.id == case.holder_id:
        raise Refused(_("%(holder)s holds this case."), holder=colleague.name)
    unheld = case.status in (CaseStatus.RECEIVED, CaseStatus.TRIAGED, CaseStatus.REOPENED)
    status = CaseStatus.ASSIGNED if unheld else case.status
    cases.change(session, case, now, version, holder_id=colleague.id, status=status)
    details = {"to": colleague.name, "to_staff_id": colleague.id}
    cases.record(session, case.id or 0, now, (Happening.ASSIGNED, details), staff_id=officer.staff_id)
    return case
