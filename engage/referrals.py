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

from engage import alarms, cases, contacts, conversations, opening, referring, relays, search, shared_copies, speaking
from engage.db import Database, add_row
from engage.dialogue import Saying, details_in, playbook, sentences
from engage.installation import Installation
from engage.models import Authority, Case, Queue, Referral, ReferralStep, Report
from engage.referring import Side
from engage.shared_copies import Chosen
from engage.taxonomy import AlarmKind, CaseStatus, Disposition, Handling, Happening, ReferralState
from engage.triage.concepts import concepts_in
from engage.vault import Vault

MOST_AT_ONCE: Final = 200

#: What the sender's history says of each state.
_LINES: Final = {
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


def hand_over(
    session: Session, opened: Installation, case: Case, referral: Referral, now: datetime, *, staff_id: int | None
) -> None:
    """The sender's clock stops, nothing of the case rings, and its reporters are told who has it.

    They are told in their language, unless that could endanger them. What is sealed has no name here, because even
    that could tell who is looking into what.
    """
    cases.change(session, case, now, status=CaseStatus.REFERRED, away_at=now)
    alarms.silence(session, case.id or 0, staff_id, now)
    saying = Saying(sentences.ANOTHER_HAS_IT)
    if not referral.is_sealed:
        saying = Saying(sentences.HAS_IT, {"authority": relays.receiver_name(session, referral)})
    for report in session.exec(select(Report).where(Report.case_id == case.id).order_by(col(Report.id))).all():
        if _is_quiet(session, opened, case, report):
            continue
        address = f"{opened.settings.public_url}/return"
        speaking.answer(
            session, report, None, "", severity=case.severity, now=now, return_address=address, ending=(saying,)
        )


def open_case(
    session: Session, vault: Vault, case: Case, referral: Referral, queue: Queue, now: datetime, *, staff_id: int
) -> Case:
    """The receiver's own case, in a queue of theirs, with the shared copy alone; whoever accepts holds it."""
    sender = session.get_one(Authority, referral.from_authority_id).name
    reference = cases.free_reference(session)
    case_id = cases.open_case(
        session,
        reference=reference,
        post=cases.find_post(session, queue.id or 0),
        site_id=case.site_id,
        place_id=case.place_id,
        status=CaseStatus.ASSIGNED,
        category=case.category,
        severity=case.severity,
        route_reason=f"{sender} referred it: {referral.purpose}"[:500],
        now=now,
    )
    shared_copies.copy(session, vault, referral, case_id, reference)
    referral.receiving_case_id = case_id
    session.add(referral)
    session.flush()
    mine = session.get_one(Case, case_id)
    cases.change(session, mine, now, holder_id=staff_id, reporter_waits=case.reporter_waits)
    came = (Happening.REFERRAL_RECEIVED, {"from": sender, "reason": referral.purpose})
    cases.record(session, case_id, now, came, staff_id=staff_id)
    return mine


def come_back(session: Session, case: Case, referral: Referral, now: datetime, *, by: Mover) -> None:
    """The sender goes on: what was said meanwhile stands in their case, and the receiver's own is closed."""
    theirs = cases.lock_case(session, referral.receiving_case_id) if referral.receiving_case_id else None
    if theirs is not None:
        _recall(session, theirs, now, by)
    values: dict[str, Any] = {"status": CaseStatus.IN_PROGRESS if case.holder_id else CaseStatus.TRIAGED}
    if theirs is not None:
        relays.bring_home(session, case.id or 0)
        session.refresh(theirs)
        values |= {"reporter_waits": theirs.reporter_waits, "responded_at": case.responded_at or theirs.responded_at}
        if theirs.status.is_open:
            _close(session, theirs, referral, now, by)
        search.refresh(session, [case.id or 0, theirs.id or 0])
    session.refresh(case)
    cases.change(session, case, now, away_at=None, **values)


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


def _recall(session: Session, theirs: Case, now: datetime, by: Mover) -> None:
    """What the receiver had referred on, or offered, comes back with it."""
    tie = relays.offered_or_away(session, theirs.id or 0)
    if tie is None:
        return
    was_away = theirs.away_at is not None
    recalled = Mover(Side.SENDER, None, by.text)
    to = ReferralState.EXPIRED if _has_lapsed(tie.referral, now) else ReferralState.REVOKED
    move(session, tie.referral, to, Mover(Side.CLOCK) if to is ReferralState.EXPIRED else recalled, now)
    if was_away:
        come_back(session, theirs, tie.referral, now, by=recalled)


def _has_lapsed(referral: Referral, now: datetime) -> bool:
    return referring.standing(referral.state, referral.expires_at, now) is ReferralState.EXPIRED


def _close(session: Session, theirs: Case, referral: Referral, now: datetime, by: Mover) -> None:
    """End the receiver's case. It keeps what it had, as their record."""
    done = referral.state is ReferralState.COMPLETED
    disposition = Disposition.ACTION_TAKEN if done else Disposition.REFERRED
    cases.change(
        session,
        theirs,
        now,
        status=CaseStatus.CLOSED,
        closed_at=now,
        disposition=disposition,
        reporter_waits=False,
    )
    alarms.silence(session, theirs.id or 0, by.staff_id, now)
    sender = session.get_one(Authority, referral.from_authority_id).name
    details = {"to": sender, "reason": by.text, "received": True}
    staff_id = by.staff_id if by.side is Side.RECEIVER else None
    cases.record(session, theirs.id or 0, now, (_LINES[referral.state], details), staff_id=staff_id)


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
    cases.record(session, referral.case_id, now, (_LINES[state], dict(details)), staff_id=by.staff_id)


def _is_quiet(session: Session, opened: Installation, case: Case, report: Report) -> bool:
    """Whether a reporter may be in danger from somebody who sees their phone: then nothing is said unasked."""
    own = relays.told(session, report)
    if any(conversations.is_unsafe(session, one.id or 0) for one in contacts.of_report(session, own.id or 0)):
        return True
    words = opening.all_words(session, own, "")
    details = details_in(words) | concepts_in(words, opened.lexicon)
    return playbook(case.category, sure=True).is_quiet(frozenset(details))
