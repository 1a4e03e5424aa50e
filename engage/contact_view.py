"""What officers and reporters are shown of sealed contacts: never an address, but who asked for it, why, and when.

The address itself is shown once, by `identities.open_contact`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import identities, relays
from engage.accounts import Officer
from engage.identities import ASKING_LASTS, CONSENT_LASTS, Sealed
from engage.models import Authority, Case, ContactOpening, Queue, Report, ReportContact, Site, Staff
from engage.quiet import QUIET

#: Older askings are in the trail.
MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Asking:
    """An asking as the page shows it: by whom, why, and where it stands for the officer who looks."""

    id: int
    contact_id: int
    by: str
    asked_at: datetime
    reason: str
    decided_by: str | None
    allowed: bool | None
    opened_at: datetime | None
    mine: bool
    decidable: bool
    openable: bool


@dataclass(frozen=True, slots=True)
class Contacts:
    """The contacts of a case and the askings for them, the newest first; `two_persons`: a colleague must consent."""

    case: Case
    timezone: str
    sealed: tuple[Sealed, ...]
    askings: tuple[Asking, ...]
    two_persons: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """That a contact was seen, as its reporter is told; in a quiet matter neither by whom nor why."""

    at: datetime
    authority: str = ""
    reason: str = ""


def read(session: Session, officer: Officer, reference: str, now: datetime) -> Contacts:
    """The contacts of a case for an officer who works it; `CaseMissing` for anybody else."""
    case = identities.worked(session, officer, reference)
    found = session.exec(
        select(ContactOpening)
        .where(ContactOpening.case_id == case.id)
        .order_by(col(ContactOpening.id).desc())
        .limit(MOST_SHOWN)
    ).all()
    return Contacts(
        case,
        session.get_one(Site, case.site_id).timezone,
        identities.sealed_of(session, case),
        tuple(_asking(session, officer, one, now) for one in found),
        identities.needs_two(session, case),
    )


def count_waiting(session: Session, officer: Officer, case: Case, now: datetime) -> int:
    """How many askings of colleagues wait for a consent that this officer may give."""
    waiting = sa.and_(
        col(ContactOpening.case_id) == case.id,
        col(ContactOpening.allowed).is_(None),
        col(ContactOpening.asked_by) != officer.staff_id,
        col(ContactOpening.asked_at) > now - ASKING_LASTS,
    )
    if not identities.may_work(session, officer, case):
        return 0
    return session.exec(select(sa.func.count()).select_from(ContactOpening).where(waiting)).one()


def seen_by_staff(session: Session, report: Report) -> list[Seen]:
    """When the contacts of a report's reporter were seen, as their thread tells it, the oldest first.

    What was looked for in another matter of the same phone is told without a reason.
    """
    query = (
        select(ContactOpening, Case, Authority.name, Queue.sealed)
        .join(Case, col(Case.id) == ContactOpening.case_id)
        .join(Queue, col(Queue.id) == Case.queue_id)
        .join(Staff, col(Staff.id) == ContactOpening.asked_by)
        .join(Authority, col(Authority.id) == Staff.authority_id)
        .join(ReportContact, col(ReportContact.contact_id) == ContactOpening.contact_id)
        .where(ReportContact.report_id == report.id, col(ContactOpening.opened_at).is_not(None))
        .order_by(col(ContactOpening.opened_at))
    )
    own = {link.case_id for link in relays.way(session, report)}
    return [
        Seen(opening.opened_at, authority, opening.reason)
        if not (opening.quiet or sealed or case.category in QUIET) and case.id in own
        else Seen(opening.opened_at)
        for opening, case, authority, sealed in session.exec(query)
        if opening.opened_at is not None
    ]


def _asking(session: Session, officer: Officer, one: ContactOpening, now: datetime) -> Asking:
    mine = one.asked_by == officer.staff_id
    fresh = one.decided_at is not None and one.decided_at > now - CONSENT_LASTS
    return Asking(
        id=one.id or 0,
        contact_id=one.contact_id,
        by=session.get_one(Staff, one.asked_by).name,
        asked_at=one.asked_at,
        reason=one.reason,
        decided_by=session.get_one(Staff, one.decided_by).name if one.decided_by else None,
        allowed=one.allowed,
        opened_at=one.opened_at,
        mine=mine,
        decidable=not mine and one.allowed is None and one.asked_at > now - ASKING_LASTS,
        openable=mine and bool(one.allowed) and one.opened_at is None and fresh,
    )
