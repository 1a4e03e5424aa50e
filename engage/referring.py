"""Referring: which move of a referral is legal, by whom, and to whom a case may be offered; each with its reason.

A referral is offered, then accepted or declined; what was accepted is completed or given back. The sender may take it
back, and an offer that nobody answers comes back by itself. The clock stays with the sender until it is accepted.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from engage.taxonomy import Category, ReferralState, Severity


def _(sentence: str) -> str:
    return sentence


class Side(StrEnum):
    """Who moves a referral: the authority that offers, the one that is asked, or the clock."""

    SENDER = "sender"
    RECEIVER = "receiver"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Ruling:
    """Whether something is allowed, and why; `reason` is a sentence in English for the catalogues."""

    allowed: bool
    reason: str


#: Every legal move, who makes it, and whether it needs a reason.
MOVES: Final[dict[tuple[ReferralState, ReferralState], tuple[Side, bool]]] = {
    (ReferralState.OFFERED, ReferralState.ACCEPTED): (Side.RECEIVER, False),
    (ReferralState.OFFERED, ReferralState.DECLINED): (Side.RECEIVER, True),
    (ReferralState.OFFERED, ReferralState.REVOKED): (Side.SENDER, True),
    (ReferralState.OFFERED, ReferralState.EXPIRED): (Side.CLOCK, False),
    (ReferralState.ACCEPTED, ReferralState.RETURNED): (Side.RECEIVER, True),
    (ReferralState.ACCEPTED, ReferralState.COMPLETED): (Side.RECEIVER, True),
    (ReferralState.ACCEPTED, ReferralState.REVOKED): (Side.SENDER, True),
}

#: Why nothing more can be done with a referral that stands so.
OVER: Final[dict[ReferralState, str]] = {
    ReferralState.ACCEPTED: _("This offer was accepted already."),
    ReferralState.DECLINED: _("This offer was declined."),
    ReferralState.RETURNED: _("This case was given back."),
    ReferralState.COMPLETED: _("This referral is completed."),
    ReferralState.EXPIRED: _("This offer has lapsed, because nobody answered it in time."),
    ReferralState.REVOKED: _("This was taken back by whoever offered it."),
}
WAITS: Final = _("This offer still waits for an answer.")
NOT_YET: Final = _("This offer has not been accepted yet.")
NOT_YOURS: Final = _("That is for the other side to do.")
ALLOWED: Final = _("This move is allowed.")
GIVE_A_REASON: Final = _("Give a reason; the other side will want it.")


def standing(state: ReferralState, expires_at: datetime, now: datetime) -> ReferralState:
    """How a referral stands now: an offer whose time is over has lapsed, even before the clock has written that."""
    lapsed = state is ReferralState.OFFERED and now >= expires_at
    return ReferralState.EXPIRED if lapsed else state


def move(
    state: ReferralState, to: ReferralState, by: Side, reason: str, *, expires_at: datetime, now: datetime
) -> Ruling:
    """Whether a referral may go from a state to another. An offer may be answered until it expires, not then."""
    stands = standing(state, expires_at, now)
    if to is ReferralState.EXPIRED:
        lapses = stands is ReferralState.EXPIRED and state is not stands and by is Side.CLOCK
        return Ruling(lapses, OVER.get(stands, WAITS))
    legal = MOVES.get((stands, to))
    if legal is None:
        return Ruling(False, NOT_YET if stands is ReferralState.OFFERED else OVER[stands])
    side, needs_reason = legal
    if side is not by:
        return Ruling(False, NOT_YOURS)
    if needs_reason and not reason.strip():
        return Ruling(False, GIVE_A_REASON)
    return Ruling(True, ALLOWED)


# ── to whom ──────────────────────────────────────────────────────────────────────────────────────────────────────────

OWN: Final = _("That is your own authority. Move the case to another queue instead.")
INVOLVED: Final = _("%(name)s has or had a part in this case already; it goes back to them, not on to them.")
NO_SEALED: Final = _(
    "What is in a sealed queue stays sealed: %(name)s has no sealed queue here, so this case cannot be offered to them."
)
NO_LINK: Final = _("What is in a sealed queue stays sealed: it cannot be sent by link.")
SAY_WHO: Final = _("Say whose staff this report accuses, or that it names nobody.")
ACCUSED: Final = _(
    "This report accuses staff of %(name)s. Name who decided that they get it all the same, and why; or choose "
    "somebody else."
)
NO_IDENTITY_BY_LINK: Final = _("How to reach the reporter is told only to authorities that sign in here.")
WHY_IDENTITY: Final = _("Give the reason why %(name)s must be able to reach the reporter.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """An offer that somebody wants to make. `to` is an authority's slug, or empty for a body without an account.

    `sealed` tells of the queue where the case is, `takes_sealed` of the receiver: whether it has a queue that is.
    `accused` are the slugs of authorities, None where nobody has said; `exception` names who decided and why.
    """

    category: Category
    sealed: bool
    own: str
    to: str
    takes_sealed: bool
    involved: Collection[str] = ()
    accused: frozenset[str] | None = None
    exception: str = ""
    identity: bool = False
    identity_reason: str = ""


def may_offer(wanted: Wanted) -> Ruling:
    """Whether a case may be offered so; the reason leaves `%(name)s` of the receiver open."""
    by_link = not wanted.to
    inside = wanted.category is Category.INSIDER_CORRUPTION
    if not by_link and wanted.to == wanted.own:
        return Ruling(False, OWN)
    if not by_link and wanted.to in wanted.involved:
        return Ruling(False, INVOLVED)
    if (wanted.sealed or inside) and not wanted.takes_sealed:
        return Ruling(False, NO_LINK if by_link else NO_SEALED)
    if inside and wanted.accused is None:
        return Ruling(False, SAY_WHO)
    if wanted.accused and wanted.to in wanted.accused and not wanted.exception.strip():
        return Ruling(False, ACCUSED)
    if wanted.identity and by_link:
        return Ruling(False, NO_IDENTITY_BY_LINK)
    if wanted.identity and not wanted.identity_reason.strip():
        return Ruling(False, WHY_IDENTITY)
    return Ruling(True, ALLOWED)


# ── for how long ─────────────────────────────────────────────────────────────────────────────────────────────────────

#: How long an offer may wait for an answer, in minutes.
LASTS: Final = (15, 60, 240, 1440, 4320, 10080)
#: What is chosen for a severity where nobody chooses.
USUAL: Final[dict[Severity, int]] = {
    Severity.CRITICAL: 15,
    Severity.HIGH: 60,
    Severity.MEDIUM: 1440,
    Severity.LOW: 4320,
}
#: How long a link goes on to open what was accepted by it.
LINK_LASTS: Final = timedelta(days=30)
