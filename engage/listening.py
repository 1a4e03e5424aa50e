"""Listening: what can be found out about a message before the dialogue is asked, most of it outside the transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from engage import facts, guidance, opening
from engage.dialogue import Heard, Spot, details_in
from engage.installation import Installation
from engage.models import Case
from engage.posters import register, spotting
from engage.posters.register import Whereabouts
from engage.taxonomy import FIRST_RESPONDER, Category, Severity
from engage.triage import Finding
from engage.triage.concepts import concepts_in

#: A message this sure and this urgent, for another responder than the case's, is a matter of its own.
_SURE_OF_ANOTHER = 0.6
#: Who says "he" or "it" goes on about what was said before.
_REFERS_BACK = frozenset({"SPEAKS_OF_HIM", "SPEAKS_OF_HER", "SPEAKS_OF_THEM", "SPEAKS_OF_IT"})
_ASKS = frozenset({"QUESTION", "QUESTION_MARK"})
_MAY_ASK = (Category.QUESTION_FEEDBACK, Category.LOST_PROPERTY)


@dataclass(frozen=True, slots=True)
class Listened:
    """What a message says: its finding, details and concepts, the place in its words, and the place of its link."""

    text: str
    finding: Finding | None
    details: frozenset[str]
    spotted: spotting.Spotted
    link: Whereabouts | None

    def heard(
        self,
        session: Session,
        *,
        site_id: int | None,
        language: str,
        linked: str | None,
        pictures: int,
        since: datetime | None,
        case: Case | None,
        public_url: str,
    ) -> Heard:
        """The message as the dialogue hears it, in a conversation about a case.

        `site_id` is the site whose facts may answer it, None where nobody knows which site is meant; guides at
        `public_url` answer whoever asks what to look for.
        """
        finding = self.finding
        category = finding.category if finding else Category.QUESTION_FEEDBACK
        elsewhere = not (self.details & _REFERS_BACK) and _is_urgent_elsewhere(finding, case)
        return Heard(
            text=self.text,
            language=finding.language if finding else None,
            category=category,
            severity=finding.severity if finding else Severity.MEDIUM,
            sure=opening.is_sure(finding),
            urgent_elsewhere=elsewhere,
            details=self.details,
            spot=_spot(self.spotted.where, language),
            by_code=self.spotted.by_code,
            here=_spot(self.link or self._place_of(session, case if elsewhere else None), language),
            only_code=self.spotted.only_code,
            likely=tuple(spot for near in self.spotted.likely if (spot := _spot(near, language)) is not None),
            fact=self._answer(session, site_id, language, public_url) if self._asks(category) else None,
            linked=linked,
            pictures=pictures,
            since=since,
        )

    def _answer(self, session: Session, site_id: int | None, language: str, public_url: str) -> str | None:
        known = facts.answer_to(session, site_id, self.text, language) if site_id else None
        return known or guidance.answer_to(session, self.text, language, public_url)

    def _asks(self, category: Category) -> bool:
        return category in _MAY_ASK and (bool(_ASKS & self.details) or category is Category.QUESTION_FEEDBACK)

    def _place_of(self, session: Session, case: Case | None) -> Whereabouts | None:
        return register.find_place(session, case.place_id) if case is not None and case.place_id else None


def listen(installation: Installation, text: str, link_code: str | None) -> Listened:
    """What can be found out about a message by itself. `link_code` is the poster code of the page it came from."""
    with installation.database.reading() as session:
        link = register.find_poster(session, link_code) if link_code else None
        spotted = spotting.spot(session, text)
    details = details_in(text) | concepts_in(text, installation.lexicon)
    return Listened(text, opening.find_out(installation, text), details, spotted, link)


def _is_urgent_elsewhere(finding: Finding | None, case: Case | None) -> bool:
    """Whether a message is a matter of its own, for which somebody else must move at once."""
    if finding is None or case is None or finding.confidence < _SURE_OF_ANOTHER:
        return False
    urgent = finding.severity.rank <= Severity.HIGH.rank
    return urgent and finding.responder is not FIRST_RESPONDER[case.category]


def _spot(where: Whereabouts | None, language: str) -> Spot | None:
    if where is None or where.place_id is None or where.place is None:
        return None
    label = f"{where.place.in_language(language)}, {where.site.in_language(language)}"
    return Spot(where.place_id, label, where.emergency_number, where.code)
