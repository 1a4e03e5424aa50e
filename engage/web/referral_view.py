"""What the page of a case shows of its referrals: where it is, where it came from, and whom it can be offered to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from engage import offers, referring
from engage.accounts import Officer
from engage.models import Authority, Case
from engage.offers import OfferFile, Which
from engage.taxonomy import Category, ReferralState

_NOT_OVER = (ReferralState.OFFERED, ReferralState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Referred:
    """The referrals of a case. `gone`: it is offered or away; `came`: it came from another authority.

    `past` are those that are over; `others` whom it can be offered to, `everyone` whose staff a report may accuse.
    """

    gone: OfferFile | None
    came: OfferFile | None
    past: tuple[OfferFile, ...]
    others: tuple[Authority, ...]
    everyone: tuple[Authority, ...]
    is_inside: bool
    usual: int

    @property
    def is_away(self) -> bool:
        """Whether another authority has the case."""
        return self.gone is not None and self.gone.offer.state is ReferralState.ACCEPTED

    @property
    def is_guest(self) -> bool:
        """Whether another authority waits for this case."""
        return self.came is not None and self.came.offer.state is ReferralState.ACCEPTED

    @property
    def lasts(self) -> tuple[int, ...]:
        """The minutes that an offer can be chosen to wait."""
        return referring.LASTS


def read(session: Session, officer: Officer, case: Case, now: datetime) -> Referred:
    """What an officer who sees a case sees of its referrals; for a session that only reads."""
    found = offers.of_case(session, officer, case, now)
    mine = [file for which, file in found if which is Which.BY_US]
    gone = next((file for file in mine if file.offer.state in _NOT_OVER), None)
    others = tuple(offers.others(session, officer))
    everyone = tuple(sorted((*others, session.get_one(Authority, case.authority_id)), key=lambda one: one.name))
    referred = Referred(
        gone=gone,
        came=next((file for which, file in found if which is Which.TO_US), None),
        past=tuple(file for file in mine if file is not gone),
        others=others,
        everyone=everyone,
        is_inside=case.category is Category.INSIDER_CORRUPTION,
        usual=referring.USUAL[case.severity],
    )
    session.expunge_all()
    return referred
