"""What a site knows about what people ask: its rows, by topic and language."""

from __future__ import annotations

from sqlmodel import Session

from engage.dialogue.topics import topics_in
from engage.languages import DEFAULT
from engage.models import SiteFact


def answer_to(session: Session, site_id: int, text: str, language: str) -> str | None:
    """What the site says about the first topic that a message asks about, in a language or in English; or None."""
    for topic in topics_in(text):
        fact = session.get(SiteFact, (site_id, topic))
        if fact is not None:
            said = fact.texts.get(language) or fact.texts.get(DEFAULT)
            if said:
                return said
    return None
