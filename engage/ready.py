"""Ready replies: answers that stand ready in every language, for officers to send as they are or to change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage.accounts import Officer
from engage.models import ReadyReply
from engage.taxonomy import Category

#: Where a text is missing in a language, this one stands for it.
FALLBACK: Final = "en"
MOST_LANGUAGES: Final = 3


@dataclass(frozen=True, slots=True)
class Ready:
    """One ready reply: as the officer reads it, and as the reporters will, with the languages of that."""

    slug: str
    mine: str
    theirs: str
    languages: tuple[str, ...]


def for_case(
    session: Session, officer: Officer, category: Category, reporters: Sequence[str], language: str
) -> list[Ready]:
    """The replies for a case of a category: those for it first, then those for any.

    `reporters` are the languages of its reporters. Where they speak several, one answer says it in each, at most three.
    """
    query = select(ReadyReply).where(
        sa.or_(col(ReadyReply.authority_id).is_(None), col(ReadyReply.authority_id) == officer.authority_id),
        sa.or_(col(ReadyReply.category).is_(None), col(ReadyReply.category) == category),
    )
    found = session.exec(query.order_by(col(ReadyReply.category).is_(None), col(ReadyReply.id)))
    return [_ready(reply, reporters, language) for reply in found]


def _ready(reply: ReadyReply, reporters: Sequence[str], language: str) -> Ready:
    known = [one if one in reply.texts else FALLBACK for one in reporters] or [FALLBACK]
    languages = tuple(dict.fromkeys(known))[:MOST_LANGUAGES]
    mine = reply.texts.get(language) or reply.texts[FALLBACK]
    return Ready(reply.slug, mine, "\n\n".join(reply.texts[one] for one in languages), languages)
