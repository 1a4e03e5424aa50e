"""Guides in an authority's own words: checked like those that come with Engage, noted, and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import guidance
from engage.accounts import Officer
from engage.administration import changes
from engage.administration.refusals import Missing
from engage.db import add_row
from engage.guides import GUIDED, Guide
from engage.languages import LANGUAGES
from engage.models import GuideText
from engage.sites.reading import entry_of
from engage.taxonomy import Category


def _(sentence: str) -> str:
    return sentence


#: The fields of the form, those with a line for each entry among them.
FIELDS = ("title", "signs", "say", "avoid", "call", "tip")
LISTS = ("signs", "say", "avoid")


class StaleGuide(Exception):
    """Somebody else changed the guide meanwhile: `now` is how it stands."""

    def __init__(self, now: Guide) -> None:
        super().__init__("changed in the meantime")
        self.now = now


def guide_of(typed: Mapping[str, str]) -> Guide:
    """The guide of a form, a line for each entry of a list. Raises `DescriptionError`."""
    values: dict[str, Any] = {name: typed.get(name, "").strip() for name in FIELDS}
    for name in LISTS:
        values[name] = tuple(line for line in values[name].splitlines() if line.strip())
    return entry_of(Guide, {name: value for name, value in values.items() if value})


def typed_of(guide: Guide) -> dict[str, str]:
    """What the form shows of a guide."""
    plain = guide.model_dump(mode="json")
    return {name: "\n".join(plain[name]) if name in LISTS else plain[name] for name in FIELDS}


def find(session: Session, language: str, category: Category | None) -> Guide:
    """The guide as it stands. Raises `Missing`."""
    if language not in LANGUAGES or category not in GUIDED:
        raise Missing
    found = guidance.guide(session, language, category)
    if found is None:
        raise Missing
    return found


def mark(guide: Guide) -> str:
    """What a form says of the guide it was filled in for."""
    return changes.mark_of(guide.model_dump(mode="json"))


def own(session: Session) -> set[tuple[str, Category]]:
    """The languages and categories for which there is an own guide."""
    return {(row.language, row.category) for row in session.exec(select(GuideText))}


def save(
    session: Session,
    officer: Officer,
    now: datetime,
    *,
    language: str,
    category: Category,
    guide: Guide | None,
    seen: str,
    reason: str = "",
    undoes: int | None = None,
) -> None:
    """Let a guide count in place of the one that came with Engage; None goes back to that one.

    Raises `Missing`, `StaleGuide`, and `Refused` for a reason that is too long.
    """
    reason = changes.checked_reason(reason)
    changes.take_turn(session)
    there = find(session, language, category)
    if mark(there) != seen:
        raise StaleGuide(there)
    row = guidance.own_text(session, language, category)
    before = row.guide if row else None
    after = guide.model_dump(mode="json") if guide else None
    if before == after:
        return
    gone = sa.and_(col(GuideText.language) == language, col(GuideText.category) == category)
    session.connection().execute(sa.delete(GuideText).where(gone))
    if after is not None:
        add_row(session, GuideText, language=language, category=category, guide=after, changed_at=now)
    changes.note(
        session,
        officer,
        now,
        kind="guides",
        name=f"{language}.{category}",
        before=before,
        after=after,
        reason=reason,
        owner=None,
        undoes=undoes,
    )


def undo(session: Session, officer: Officer, now: datetime, change_id: int) -> None:
    """Put a guide back as it was before a change, if nobody changed it since. Raises `Missing` or `Refused`."""
    change = changes.to_undo(session, officer, change_id, "guides")
    language, _dot, slug = change.name.partition(".")
    category = Category(slug)
    row = guidance.own_text(session, language, category)
    changes.refuse_newer((row.guide if row else None) == change.after)
    seen = mark(find(session, language, category))
    earlier = Guide.model_validate(change.before) if change.before is not None else None
    save(session, officer, now, language=language, category=category, guide=earlier, seen=seen, undoes=change_id)
