"""The staff's side of a referral: offering a case to another authority, answering such an offer, and giving it back.

Every act takes the caller's session, never commits, and raises `cases.CaseMissing` for a case or an offer that the
officer may not see, just as for none at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from engage import (
    announcing,
    arrivals,
    cases,
    continuing,
    link_tokens,
    offers,
    outbox,
    passing,
    referrals,
    referring,
    relays,
)
from engage.accounts import Officer
from engage.acting import LONGEST_REASON, Refused, find_open, id_of
from engage.installation import Installation
from engage.models import Authority, Case, Queue, Referral
from engage.referrals import CannotMove, Mover, Receiver, Terms
from engage.referring import Side, Wanted
from engage.shared_copies import Chosen
from engage.taxonomy import Category, ReferralState


def _(sentence: str) -> str:
    return sentence


@dataclass(frozen=True, slots=True)
class To:
    """Whom an officer chose: an authority by its slug, or a body with a mail address."""

    authority: str = ""
    body: str = ""
    address: str = ""


def offer(
    session: Session,
    officer: Officer,
    reference: str,
    now: datetime,
    *,
    opened: Installation,
    to: To,
    terms: Terms,
    chosen: Chosen,
    identity: bool = False,
    accused: frozenset[str] | None = None,
    version: int | None = None,
) -> Case:
    """Offer a case. It stays with its queue, and its clock runs on, until somebody accepts it.

    Raises `cases.StaleCase` where the case has changed since `version`.
    """
    case = find_open(session, officer, reference)
    if version is not None and version != case.version:
        raise cases.StaleCase
    tie = relays.offered_or_away(session, id_of(case))
    if tie is not None:
        raise Refused(_("This case is offered to %(name)s. Take the offer back first."), name=tie.name)
    if not terms.purpose.strip():
        raise Refused(_("Say what for: the other side must know what you want of them."))
    token = link_tokens.new(opened.vault) if not to.authority else ""
    receiver = _receiver(session, opened, case, to, token)
    ruling = referring.may_offer(_wanted(session, case, receiver, to, terms, identity, accused))
    if not ruling.allowed:
        raise Refused(ruling.reason, name=receiver.name)
    made = referrals.offer(session, case, receiver, terms, chosen, now, staff_id=officer.staff_id)
    announcing.announce(session, opened, case, made, sender=officer.authority_name, token=token, now=now)
    return case


def take_back(
    session: Session,
    officer: Officer,
    reference: str,
    now: datetime,
    *,
    reason: str,
    version: int | None = None,
) -> Case:
    """The sender takes an offer back, or the whole case; its work and its clock go on with them."""
    del version  # whatever changed meanwhile, they want it back; the state of the referral decides
    case = cases.find_case(session, officer, reference)
    tie = relays.offered_or_away(session, id_of(case))
    if tie is None:
        raise Refused(_("There is nothing to take back: nobody was asked, or it came back already."))
    below = tie.referral.receiving_case_id
    case = referrals.lock(session, tie.referral)
    if tie.referral.receiving_case_id != below:  # accepted just now: look again, so that all lock in one order
        raise cases.StaleCase
    was_away = case.away_at is not None
    by = Mover(Side.SENDER, officer.staff_id, _reason(reason))
    _move(session, tie.referral, ReferralState.REVOKED, by, now)
    if was_away:
        passing.come_back(session, case, tie.referral, now, by=by)
    else:
        cases.change(session, case, now)
    return case


def accept(
    session: Session, opened: Installation, officer: Officer, referral_id: int, now: datetime, *, queue: str
) -> Case:
    """Take a case over, into one of the officer's queues; theirs is a case of its own, with the shared copy alone."""
    referral = offers.find_to(session, officer, referral_id)
    case = referrals.lock(session, referral)
    there = next((one for one in offers.queues_for(session, officer, referral) if one.slug == queue), None)
    if there is None:
        raise Refused(_("Choose the queue that takes it."))
    if session.get_one(Queue, case.queue_id).sealed and not there.sealed:
        raise Refused(_("What is in a sealed queue stays sealed: only a sealed queue can take it."))
    _move(session, referral, ReferralState.ACCEPTED, Mover(Side.RECEIVER, officer.staff_id), now)
    mine = passing.open_case(session, opened.vault, case, referral, there, now, staff_id=officer.staff_id)
    passing.hand_over(session, opened, case, referral, now, staff_id=officer.staff_id)
    return mine


def decline(session: Session, officer: Officer, referral_id: int, now: datetime, *, reason: str) -> None:
    """Say no to an offer, and why. The case is where it was all the time."""
    referral = offers.find_to(session, officer, referral_id)
    case = referrals.lock(session, referral)
    _move(session, referral, ReferralState.DECLINED, Mover(Side.RECEIVER, officer.staff_id, _reason(reason)), now)
    cases.change(session, case, now)


def give_back(
    session: Session, officer: Officer, reference: str, now: datetime, *, reason: str, version: int | None = None
) -> Case:
    """The receiver cannot go on: the sender has the case again, and their clock runs."""
    return _end(session, officer, reference, now, ReferralState.RETURNED, reason, version)


def complete(
    session: Session, officer: Officer, reference: str, now: datetime, *, reason: str, version: int | None = None
) -> Case:
    """The receiver has done what was asked, and says what came of it; the sender ends the case."""
    return _end(session, officer, reference, now, ReferralState.COMPLETED, reason, version)


def write(
    session: Session, officer: Officer, reference: str, now: datetime, *, text: str, version: int | None = None
) -> Case:
    """Write to the other side of a case's referral. It changes nothing of the case, so it is never stale."""
    del version
    case = cases.find_case(session, officer, reference)
    words = arrivals.accepted_text(text)
    came, gone = relays.received(session, id_of(case)), relays.offered_or_away(session, id_of(case))
    if gone is not None:
        referrals.write(session, gone.referral, Mover(Side.SENDER, officer.staff_id, words), now)
    elif came is not None and came.referral.state is ReferralState.ACCEPTED:
        referrals.write(session, came.referral, Mover(Side.RECEIVER, officer.staff_id, words), now)
    else:
        raise Refused(_("This case is with no other authority now, so nobody would read it."))
    return case


def _end(
    session: Session,
    officer: Officer,
    reference: str,
    now: datetime,
    to: ReferralState,
    reason: str,
    version: int | None,
) -> Case:
    mine = cases.find_case(session, officer, reference)
    came = relays.received(session, id_of(mine))
    if came is None:
        raise Refused(_("This case was not referred to you."))
    why = _reason(reason)
    case = referrals.lock(session, came.referral)
    session.refresh(mine)
    if version is not None and version != mine.version:
        raise cases.StaleCase
    if relays.offered_or_away(session, id_of(mine)) is not None:
        raise Refused(_("You have offered it on. Take that back first."))
    by = Mover(Side.RECEIVER, officer.staff_id, why)
    _move(session, came.referral, to, by, now)
    passing.come_back(session, case, came.referral, now, by=by)
    return mine


def _wanted(
    session: Session,
    case: Case,
    receiver: Receiver,
    to: To,
    terms: Terms,
    identity: bool,
    accused: frozenset[str] | None,
) -> Wanted:
    """What the rules must know. Only who referred it to us counts as involved: who else is, we could not know."""
    came = relays.received(session, id_of(case))
    sender = session.get_one(Authority, came.referral.from_authority_id).slug if came else None
    return Wanted(
        category=case.category,
        sealed=session.get_one(Queue, case.queue_id).sealed,
        own=session.get_one(Authority, case.authority_id).slug,
        to=to.authority,
        takes_sealed=offers.has_sealed_queue(session, receiver.authority_id),
        involved=[sender] if sender else [],
        accused=accused,
        exception=terms.exception,
        identity=identity,
        identity_reason=terms.identity_reason,
    )


def _receiver(session: Session, opened: Installation, case: Case, to: To, token: str) -> Receiver:
    if to.authority:
        named = Authority.slug == to.authority.replace("\0", "␀")
        found = session.exec(select(Authority).where(named)).first()
        if found is None:
            raise Refused(_("Choose whom to ask."))
        sealed = session.get_one(Queue, case.queue_id).sealed or case.category is Category.INSIDER_CORRUPTION
        return Receiver(found.name, found.id, is_sealed=sealed)
    name = " ".join(to.body.split())
    if not name:
        raise Refused(_("Choose whom to ask."))
    try:
        _carrier, address = continuing.read_address(to.address, None)
    except continuing.AddressRefused:
        raise Refused(_("That is no e-mail address that a link can go to.")) from None
    sealed_address = opened.vault.seal(outbox.ADDRESS, address.encode())
    return Receiver(name[:200], sealed_address=sealed_address, token_hash=link_tokens.hash_of(opened.vault, token))


def _move(session: Session, referral: Referral, to: ReferralState, by: Mover, now: datetime) -> None:
    try:
        referrals.move(session, referral, to, by, now)
    except CannotMove as refused:
        raise Refused(refused.sentence) from None


def _reason(typed: str) -> str:
    try:
        return arrivals.accepted_text(typed)[:LONGEST_REASON].strip()
    except arrivals.EmptyText:
        raise Refused(referring.GIVE_A_REASON) from None
