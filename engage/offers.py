"""Offers as the desk reads them: those that ask us, those that we made, one with its shared copy and its steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import audit, cases, permissions, referring, relays, shared_copies
from engage.accounts import Officer
from engage.models import Authority, Case, Queue, Referral, ReferralStep, Site, Staff
from engage.permissions import Reach, Right
from engage.referring import Side
from engage.shared_copies import SharedReport
from engage.taxonomy import Act, Category, Handling, ReferralState, Severity
from engage.vault import Vault

PAGE: Final = 25
MOST_COUNTED: Final = 100
#: In these states the receiver reads the copy.
_READABLE: Final = (ReferralState.OFFERED, ReferralState.ACCEPTED)


class Which(StrEnum):
    """Which offers a page shows."""

    TO_US = "to_us"
    BY_US = "by_us"


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer as a row. `reference` is that of our own case: the sender's, or the one we took it over into."""

    id: int
    state: ReferralState
    sender: str
    receiver: str
    category: Category
    severity: Severity
    handling: Handling
    purpose: str
    offered_at: datetime
    expires_at: datetime
    timezone: str
    reference: str | None


@dataclass(frozen=True, slots=True)
class OfferPage:
    """One page of offers, the newest first; `next` continues it, where there is more."""

    rows: tuple[Offer, ...]
    next: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """One step as staff read it; `by` is a name, of a person or of a body."""

    at: datetime
    side: Side
    by: str
    state: ReferralState | None
    text: str


@dataclass(frozen=True, slots=True)
class OfferFile:
    """One offer with all that its receiver sees of it."""

    offer: Offer
    note: str
    joint: bool
    by_link: bool
    shares_identity: bool
    identity_reason: str
    reports: tuple[SharedReport, ...]
    steps: tuple[Told, ...]
    queues: tuple[Queue, ...]


def read_page(session: Session, officer: Officer, which: Which, now: datetime, after: int | None = None) -> OfferPage:
    """A page of 25 of the offers that an officer may see, from the one after an id on."""
    query = select(Referral, Case).join(Case, col(Case.id) == Referral.case_id)
    if which is Which.TO_US:
        query = query.where(_to(officer))
    else:
        query = query.join(Queue, col(Queue.id) == Case.queue_id).where(
            Referral.from_authority_id == officer.authority_id, cases.visible_to(officer)
        )
    if after is not None:
        query = query.where(col(Referral.id) < after)
    found = session.exec(query.order_by(col(Referral.id).desc()).limit(PAGE + 1)).all()
    rows = tuple(_offer(session, referral, case, which, now) for referral, case in found[:PAGE])
    return OfferPage(rows, rows[-1].id if len(found) > PAGE else None)


def count_waiting(session: Session, officer: Officer, now: datetime) -> int:
    """How many offers wait for an answer of ours; counted up to 100."""
    waits = sa.and_(col(Referral.state) == ReferralState.OFFERED, col(Referral.expires_at) > now)
    some = sa.select(col(Referral.id)).where(_to(officer), waits).limit(MOST_COUNTED).subquery()
    return int(session.connection().execute(sa.select(sa.func.count()).select_from(some)).scalar_one())


def find_to(session: Session, officer: Officer, referral_id: int) -> Referral:
    """An offer that asks the officer's authority; `cases.CaseMissing` for any other, just as for none."""
    found = session.exec(select(Referral).where(Referral.id == referral_id, _to(officer))).first()
    if found is None:
        raise cases.CaseMissing
    return found


def open_page(session: Session, officer: Officer, referral_id: int, now: datetime) -> OfferFile:
    """An offer to us with its shared copy, and an entry of the trail, one an hour, that the officer read it.

    Of one that is over no copy is shown any more. `cases.CaseMissing` for an offer that does not ask us.
    """
    referral = find_to(session, officer, referral_id)
    _tell_trail(session, officer, referral, now)
    session.flush()
    return _file(session, officer, referral, Which.TO_US, now)


def open_file(
    session: Session, vault: Vault, officer: Officer, referral_id: int, file_id: int, now: datetime
) -> tuple[bytes, str] | None:
    """The content and type of a file that is shared with us, or None; the trail says that it was opened."""
    referral = find_to(session, officer, referral_id)
    if _stands(referral, now) not in _READABLE:
        return None
    found = shared_copies.open_file(session, vault, referral, file_id)
    if found is not None:
        audit.record(
            session,
            now=now,
            act=Act.FILE_OPENED,
            staff_id=officer.staff_id,
            authority_id=officer.authority_id,
            about=f"referral:{referral.id}",
            details={"file": file_id},
        )
    return found


def _tell_trail(session: Session, officer: Officer, referral: Referral, now: datetime) -> None:
    audit.record_once_an_hour(
        session,
        now=now,
        act=Act.REFERRAL_READ,
        staff_id=officer.staff_id,
        authority_id=officer.authority_id,
        about=f"referral:{referral.id}",
    )


def _stands(referral: Referral, now: datetime) -> ReferralState:
    return referring.standing(referral.state, referral.expires_at, now)


def of_case(session: Session, officer: Officer, case: Case, now: datetime) -> list[tuple[Which, OfferFile]]:
    """The referrals of a case that an officer sees: those it was offered by, and the one by which it came."""
    query = select(Referral).where(sa.or_(col(Referral.case_id) == case.id, col(Referral.receiving_case_id) == case.id))
    found = session.exec(query.order_by(col(Referral.id).desc())).all()
    whiches = [Which.BY_US if one.case_id == case.id else Which.TO_US for one in found]
    return [(which, _file(session, officer, one, which, now)) for which, one in zip(whiches, found, strict=True)]


def queues_for(session: Session, officer: Officer, referral: Referral) -> list[Queue]:
    """The queues into which an officer may take it: those they work; of a sealed one, sealed ones alone."""
    return [queue for queue in cases.queues_of(session, officer) if queue.sealed or not referral.is_sealed]


def has_sealed_queue(session: Session, authority_id: int | None) -> bool:
    """Whether an authority can take what is sealed."""
    query = select(Queue.id).where(Queue.authority_id == authority_id, col(Queue.sealed).is_(True)).limit(1)
    return authority_id is not None and session.exec(query).first() is not None


def others(session: Session, officer: Officer) -> list[Authority]:
    """The authorities that a case can be offered to, by name."""
    query = select(Authority).where(Authority.id != officer.authority_id).order_by(col(Authority.name))
    return list(session.exec(query))


def steps(session: Session, referral: Referral) -> tuple[Told, ...]:
    """The steps of a referral, in their order."""
    sender = session.get_one(Authority, referral.from_authority_id).name
    receiver = relays.receiver_name(session, referral)
    bodies = {Side.SENDER: sender, Side.RECEIVER: receiver, Side.CLOCK: ""}
    query = select(ReferralStep).where(ReferralStep.referral_id == referral.id).order_by(col(ReferralStep.id))
    return tuple(
        Told(step.at, step.side, _by(session, step, bodies[step.side]), step.state, step.text)
        for step in session.exec(query)
    )


def _by(session: Session, step: ReferralStep, body: str) -> str:
    name = session.get_one(Staff, step.staff_id).name if step.staff_id else ""
    return f"{name}, {body}" if name and body else name or body


def _to(officer: Officer) -> sa.ColumnElement[bool]:
    """Offers that an officer may see: those to their authority, if they may see what is not of their own units.

    Sealed ones are for members of its sealed units alone.
    """
    own = sa.select(col(Queue.id)).where(
        col(Queue.authority_id) == officer.authority_id,
        col(Queue.unit_id).in_(officer.unit_ids),
        col(Queue.sealed).is_(True),
    )
    reach = permissions.reach(officer.role, Right.SEE)
    if reach is Reach.NOWHERE:
        return sa.false()
    plain = col(Referral.is_sealed).is_(False) if reach is Reach.AUTHORITY else sa.false()
    sealed = sa.and_(col(Referral.is_sealed).is_(True), sa.exists(own))
    return sa.and_(col(Referral.to_authority_id) == officer.authority_id, sa.or_(plain, sealed))


def _file(session: Session, officer: Officer, referral: Referral, which: Which, now: datetime) -> OfferFile:
    case = session.get_one(Case, referral.case_id)
    offer = _offer(session, referral, case, which, now)
    readable = which is Which.BY_US or offer.state in _READABLE
    queues = tuple(queues_for(session, officer, referral)) if which is Which.TO_US else ()
    told = steps(session, referral)
    reports = tuple(shared_copies.read(session, referral)) if readable else ()
    return OfferFile(
        offer=offer,
        note=referral.note,
        joint=referral.joint,
        by_link=referral.to_authority_id is None,
        shares_identity=referral.shares_identity,
        identity_reason=referral.identity_reason,
        reports=reports,
        steps=told,
        queues=queues,
    )


def _offer(session: Session, referral: Referral, case: Case, which: Which, now: datetime) -> Offer:
    mine = case if which is Which.BY_US else None
    if which is Which.TO_US and referral.receiving_case_id:
        mine = session.get_one(Case, referral.receiving_case_id)
    return Offer(
        id=referral.id or 0,
        state=_stands(referral, now),
        sender=session.get_one(Authority, referral.from_authority_id).name,
        receiver=relays.receiver_name(session, referral),
        category=referral.category,
        severity=referral.severity,
        handling=referral.handling,
        purpose=referral.purpose,
        offered_at=referral.offered_at,
        expires_at=referral.expires_at,
        timezone=session.get_one(Site, case.site_id).timezone,
        reference=mine.reference if mine else None,
    )
