"""The guides of this installation: those that come with Engage, with what its administrators wrote laid over them."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from pydantic import ValidationError
from sqlmodel import Session, col, select

from engage.dialogue import Step, playbook, sentences
from engage.dialogue.appearance import tells_looks, tells_only_looks
from engage.dialogue.topics import beside, topics_in
from engage.guides import GUIDED, Guide, number_of, search, shelf
from engage.installation import Installation
from engage.languages import DEFAULT, LANGUAGES
from engage.models import GuideText
from engage.taxonomy import Category
from engage.triage import triage
from engage.triage.concepts import concepts_in

#: The topic of the dialogue that guides answer.
TOPIC = "guides"
#: A tip makes an answer to a phone no longer than this many texts.
MOST_TEXTS_WITH_TIP = 2
#: With more guides than this that fit, nobody knows which is meant.
FEW = 3

log = structlog.get_logger()


def guides(session: Session, language: str) -> Mapping[Category, Guide]:
    """All guides in a language, in the order of the list."""
    own = {row.category: row for row in session.exec(select(GuideText).where(GuideText.language == language))}
    come = shelf(language).guides
    return {category: _own_guide(own[category]) if category in own else come[category] for category in GUIDED}


def guide(session: Session, language: str, category: Category) -> Guide | None:
    """The guide of a category in a language; None where there is no guide for it."""
    if category not in GUIDED:
        return None
    row = own_text(session, language, category)
    return _own_guide(row) if row else shelf(language).guides[category]


def own_text(session: Session, language: str, category: Category) -> GuideText | None:
    """What administrators wrote instead of the guide that came with Engage, if they did."""
    query = select(GuideText).where(GuideText.language == language, col(GuideText.category) == category)
    return session.exec(query).first()


def tip(session: Session, language: str, category: Category) -> str | None:
    """The line that would have helped with a report of a category."""
    found = guide(session, language, category)
    return found.tip if found else None


def tip_after(session: Session, taken: Step, language: str) -> str | None:
    """The tip that goes with the thanks after the last question; none where somebody else may see the phone."""
    topic = taken.state.topic
    thanked = any(one.sentence == sentences.ENOUGH for one in taken.says)
    if topic is None or not thanked or taken.state.quiet or playbook(topic).quiet:
        return None
    return tip(session, language if language in LANGUAGES else DEFAULT, topic)


def answer_to(session: Session, text: str, language: str, public_url: str) -> str | None:
    """Where the guide is that a message asks for, or all of them; None where it asks for none."""
    if TOPIC not in topics_in(text):
        return None
    spoken = language if language in LANGUAGES else DEFAULT
    fits = search(guides(session, spoken), spoken, beside(text, TOPIC))
    number = number_of(fits[0]) if 0 < len(fits) <= FEW else None
    address = f"{public_url}/learn/{number}" if number else f"{public_url}/learn"
    return f"{shelf(spoken).page.answer}: {address}"


def _own_guide(row: GuideText) -> Guide:
    """An own guide; the one that came with Engage where a newer version cannot read what was written."""
    try:
        return Guide.model_validate(row.guide)
    except ValidationError:
        log.warning("guide_unreadable", language=row.language, category=row.category)
        return shelf(row.language).guides[row.category]


def language_to_ask_in(installation: Installation, text: str) -> str | None:
    """In which language to ask what the person did, after a text that tells only how somebody looks; mostly None.

    It comes after the report is stored, and whatever fails here must not hide that.
    """
    try:
        if not tells_looks(text) or not tells_only_looks(text, concepts_in(text, installation.lexicon)):
            return None
        return triage(text, installation.lexicon).language
    except Exception:
        log.exception("question_failed")
        return None
