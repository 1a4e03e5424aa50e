"""Referrals at work: an offer is made, its state changes once and for all who ask, the work goes over and comes back.

A case has at most one referral that is not over; the database holds that. Whoever moves one locks the sender's case
first. The conditional UPDATE of its state lets one of several who answer at once win.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import alarms, cases, referring, relays, shared_copies
from engage.db import Database, add_row
from engage.models import Authority, Case, Referral, ReferralStep
from engage.referring import Side
from engage.shared_copies import Chosen
from engage.taxonomy import AlarmKind, Handling, Happening, ReferralState

MOST_AT_ONCE: Final = 200

#: What the sender's history says of each state.
LINES: Final = {
    ReferralState.OFFERED: Happening.REFERRAL_OFFERED,
    ReferralState.ACCEPTED: Happening.REFERRAL_ACCEPTED,
    ReferralState.DECLINED: Happening.REFERRAL_DECLINED,
    ReferralState.RETURNED: Happening.REFERRAL_RETURNED,
    ReferralState.COMPLETED: Happening.REFERRAL_COMPLETED,
    ReferralState.EXPIRED: Happening.REFERRAL_EXPIRED,
    ReferralState.REVOKED: Happening.REFERRAL_REVOKED,
}


class CannotMove(Exception):
    """The referral cannot go there now; `sentence` says why. Another act may help."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Terms:
    """What an offer says: why, with whom it may be shared further, for how long it waits, and what else is agreed.

    `identity_reason` is empty unless the receiver is to be able to reach the reporter.
    """

    purpose: str
    handling: Handling
    lasts: timedelta
    note: str = ""
    joint: bool = False
    identity_reason: str = ""
    accused: frozenset[str] = frozenset()
    exception: str = ""


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who is asked: an authority by its id, or a body by its name with its sealed address and its link's hash."""

    name: str
    authority_id: int | None = None
    is_sealed: bool = False
    sealed_address: bytes | None = None
    token_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Mover:
    """Who moves a referral, and why. Without a staff id it is the clock, or somebody who has no account here."""

    side: Side
    staff_id: int | None = None
    text: str = ""


def offer(
    session: Session, case: Case, receiver: Receiver, terms: Terms, chosen: Chosen, now: datetime, *, staff_id: int
) -> Referral:
    """Offer an open case, locked by the caller, that is neither offered nor away."""
    expires_at = now + terms.lasts
    referral_id = add_row(
        session,
        Referral,
        case_id=case.id,
        from_authority_id=case.authority_id,
        to_authority_id=receiver.authority_id,
        body="" if receiver.authority_id else receiver.name,
        sealed_address=receiver.sealed_address,
        token_hash=receiver.token_hash,
        link_until=expires_at if receiver.token_hash else None,
        state=ReferralState.OFFERED,
        category=case.category,
        severity=case.severity,
        purpose=terms.purpose,
        note=terms.note,
        handling=terms.handling,
        joint=terms.joint or receiver.authority_id is None,
        is_sealed=receiver.is_sealed,
        identity_reason=terms.identity_reason,
        accused=sorted(terms.accused),
        exception=terms.exception,
        receiving_case_id=None,
        offered_at=now,
        expires_at=expires_at,
        changed_at=now,
    )
    shared_copies.choose(session, referral_id, case, chosen)
    referral = session.get_one(Referral, referral_id)
    _step(session, referral, now, Mover(Side.SENDER, staff_id, terms.purpose), ReferralState.OFFERED)
    cases.change(session, case, now)
    _tell(session, referral, now, Mover(Side.SENDER, staff_id, terms.purpose), ReferralState.OFFERED)
    return referral


def lock(session: Session, referral: Referral) -> Case:
    """The sender's case, locked, and the referral as it is then.

    The receiver's case and whatever hangs on it are locked before it, as everybody locks them: the newest first.
    """
    for case_id in relays.below(session, referral.case_id):
        cases.lock_case(session, case_id)
    case = cases.lock_case(session, referral.case_id)
    session.refresh(case)
    session.refresh(referral)
    return case


def move(session: Session, referral: Referral, to: ReferralState, by: Mover, now: datetime) -> None:
    """Let a locked referral come to a state, with its step and a line in the sender's history. Raises `CannotMove`."""
    ruling = referring.move(referral.state, to, by.side, by.text, expires_at=referral.expires_at, now=now)
    if not ruling.allowed:
        raise CannotMove(ruling.reason)
    before = referral.state
    link_until = referral.link_until
    if link_until is not None and to is ReferralState.ACCEPTED:
        link_until = now + referring.LINK_LASTS
    done = session.connection().execute(
        sa.update(Referral)
        .where(col(Referral.id) == referral.id, col(Referral.state) == before)
        .values(state=to, changed_at=now, link_until=link_until)
    )
    session.refresh(referral)
    if done.rowcount != 1:
        raise CannotMove(referring.OVER.get(referral.state, referring.NOT_YET))
    _step(session, referral, now, by, to)
    _tell(session, referral, now, by, to)


def write(session: Session, referral: Referral, by: Mover, now: datetime) -> None:
    """One side writes to the other; both find it at the referral, and in the history that there is something."""
    _step(session, referral, now, by, None)
    if by.side is Side.SENDER:
        other, name = referral.receiving_case_id, session.get_one(Authority, referral.from_authority_id).name
    else:
        other, name = referral.case_id, relays.receiver_name(session, referral)
    if other is not None:
        cases.record(session, other, now, (Happening.REFERRAL_WROTE, {"from": name}))


def lapse_due(database: Database, now: datetime) -> int:
    """Let offers that nobody answered come back and ring at their sender; give how many. Safe to do twice at once."""
    due = sa.and_(col(Referral.state) == ReferralState.OFFERED, col(Referral.expires_at) <= now)
    with database.reading() as session:
        found = list(session.exec(select(Referral.id).where(due).order_by(col(Referral.id)).limit(MOST_AT_ONCE)))
    lapsed = 0
    for referral_id in found:
        with database.transaction() as session:
            referral = session.get_one(Referral, referral_id)
            case = lock(session, referral)
            lapsed += lapse(session, case, referral, now)
    return lapsed


def lapse(session: Session, case: Case, referral: Referral, now: datetime) -> bool:
    """Let one offer come back, if its time is over: its case rings."""
    try:
        move(session, referral, ReferralState.EXPIRED, Mover(Side.CLOCK), now)
    except CannotMove:
        return False
    cases.change(session, case, now)
    if case.status.is_open:
        alarms.ring(session, case.id or 0, AlarmKind.UNANSWERED_OFFER, now)
    return True


def _step(session: Session, referral: Referral, now: datetime, by: Mover, state: ReferralState | None) -> None:
    add_row(
        session,
        ReferralStep,
        referral_id=referral.id,
        at=now,
        side=by.side,
        staff_id=by.staff_id,
        state=state,
        text=by.text,
    )


def _tell(session: Session, referral: Referral, now: datetime, by: Mover, state: ReferralState) -> None:
    """A line in the sender's history."""
    details: Mapping[str, Any] = {"to": relays.receiver_name(session, referral), "reason": by.text}
    cases.record(session, referral.case_id, now, (LINES[state], dict(details)), staff_id=by.staff_id)
