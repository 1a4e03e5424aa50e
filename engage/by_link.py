"""A receiver without an account: what a signed link opens, and what they can do there.

They see the shared copy and nothing else. Every link that opens nothing, for whatever reason, is refused alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from engage import arrivals, audit, cases, link_tokens, offers, passing, referrals, referring, shared_copies
from engage.acting import LONGEST_REASON, Refused
from engage.installation import Installation
from engage.models import Authority, Case, Referral, Site
from engage.offers import Told
from engage.referrals import CannotMove, Mover
from engage.referring import Side
from engage.shared_copies import SharedReport
from engage.taxonomy import Act, Category, Handling, ReferralState, Severity


class LinkDead(Exception):
    """The link opens nothing: forged, mistyped, expired, or taken back. A new one from its sender helps."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link opens. Of one that is over no copy is shown any more."""

    sender: str
    receiver: str
    state: ReferralState
    category: Category
    severity: Severity
    purpose: str
    note: str
    handling: Handling
    expires_at: datetime
    link_until: datetime
    timezone: str
    reports: tuple[SharedReport, ...]
    steps: tuple[Told, ...]

    @property
    def is_over(self) -> bool:
        """Whether nothing can be done any more."""
        return self.state not in (ReferralState.OFFERED, ReferralState.ACCEPTED)


def enter(opened: Installation, token: str, now: datetime) -> str:
    """The hash by which a browser that has shown its token goes on. Raises `LinkDead`."""
    if not link_tokens.is_ours(opened.vault, token):
        raise LinkDead
    token_hash = link_tokens.hash_of(opened.vault, token)
    with opened.database.reading() as session:
        _find(session, token_hash, now)
    return token_hash


def read(session: Session, token_hash: str, now: datetime) -> Opened:
    """What the link of a hash opens. Raises `LinkDead`. That it was read stands in the trail."""
    referral = _find(session, token_hash, now)
    case = session.get_one(Case, referral.case_id)
    sender = session.get_one(Authority, referral.from_authority_id).name
    over = referral.state not in (ReferralState.OFFERED, ReferralState.ACCEPTED)
    if not over:
        about = audit.about_case(case.reference)
        audit.record(
            session,
            now=now,
            act=Act.REFERRAL_READ,
            authority_id=referral.from_authority_id,
            about=about,
            details={"by": referral.body, "referral": referral.id},
        )
    told, timezone = offers.steps(session, referral), session.get_one(Site, case.site_id).timezone
    reports = () if over else tuple(shared_copies.read(session, referral))
    return Opened(
        sender=sender,
        receiver=referral.body,
        state=referral.state,
        category=referral.category,
        severity=referral.severity,
        purpose=referral.purpose,
        note=referral.note,
        handling=referral.handling,
        expires_at=referral.expires_at,
        link_until=referral.link_until or referral.expires_at,
        timezone=timezone,
        reports=reports,
        steps=told,
    )


def open_file(
    session: Session, opened: Installation, token_hash: str, file_id: int, now: datetime
) -> tuple[bytes, str]:
    """A shared file and its type. Raises `LinkDead`, or `cases.CaseMissing` for one that is not shared."""
    referral = _find(session, token_hash, now)
    over = referral.state not in (ReferralState.OFFERED, ReferralState.ACCEPTED)
    found = None if over else shared_copies.open_file(session, opened.vault, referral, file_id)
    if found is None:
        raise cases.CaseMissing
    return found


def act(session: Session, opened: Installation, token_hash: str, what: str, text: str, now: datetime) -> None:
    """Do one act of `ACTS`. Raises `LinkDead`, `Refused`, `arrivals.TextRefused`, or `cases.CaseMissing` for no act."""
    if what not in ACTS:
        raise cases.CaseMissing
    referral = _find(session, token_hash, now)
    case = referrals.lock(session, referral)
    _check(referral, now)
    try:
        ACTS[what](session, opened, case, referral, text, now)
    except CannotMove as refused:
        raise Refused(refused.sentence) from None


def _accept(session: Session, opened: Installation, case: Case, referral: Referral, text: str, now: datetime) -> None:
    del text
    referrals.move(session, referral, ReferralState.ACCEPTED, Mover(Side.RECEIVER), now)
    passing.hand_over(session, opened, case, referral, now, staff_id=None)


def _decline(session: Session, _opened: Installation, case: Case, referral: Referral, text: str, now: datetime) -> None:
    referrals.move(session, referral, ReferralState.DECLINED, Mover(Side.RECEIVER, text=_reason(text)), now)
    cases.change(session, case, now)


def _give_back(
    session: Session, _opened: Installation, case: Case, referral: Referral, text: str, now: datetime
) -> None:
    _end(session, case, referral, ReferralState.RETURNED, text, now)


def _complete(
    session: Session, _opened: Installation, case: Case, referral: Referral, text: str, now: datetime
) -> None:
    _end(session, case, referral, ReferralState.COMPLETED, text, now)


def _write(session: Session, _opened: Installation, _case: Case, referral: Referral, text: str, now: datetime) -> None:
    if referral.state not in (ReferralState.OFFERED, ReferralState.ACCEPTED):
        raise CannotMove(referring.OVER[referral.state])
    referrals.write(session, referral, Mover(Side.RECEIVER, text=arrivals.accepted_text(text)), now)


def _end(session: Session, case: Case, referral: Referral, to: ReferralState, text: str, now: datetime) -> None:
    by = Mover(Side.RECEIVER, text=_reason(text))
    referrals.move(session, referral, to, by, now)
    passing.come_back(session, case, referral, now, by=by)


def _reason(typed: str) -> str:
    try:
        return arrivals.accepted_text(typed)[:LONGEST_REASON].strip()
    except arrivals.EmptyText:
        raise Refused(referring.GIVE_A_REASON) from None


def _find(session: Session, token_hash: str, now: datetime) -> Referral:
    found = session.exec(select(Referral).where(Referral.token_hash == token_hash)).first()
    if found is None:
        raise LinkDead
    _check(found, now)
    return found


def _check(referral: Referral, now: datetime) -> None:
    dead = referring.standing(referral.state, referral.expires_at, now) in (
        ReferralState.EXPIRED,
        ReferralState.REVOKED,
    )
    if dead or referral.link_until is None or now >= referral.link_until:
        raise LinkDead


_Act = Callable[[Session, Installation, Case, Referral, str, datetime], None]
ACTS: dict[str, _Act] = {
    "accept": _accept,
    "decline": _decline,
    "give-back": _give_back,
    "complete": _complete,
    "write": _write,
}
