"""What a field may be chosen from: slugs with the names that people know them by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlmodel import Session

from engage.accounts import Officer
from engage.administration import reach
from engage.administration.fields import Kind, Shape
from engage.languages import LANGUAGES
from engage.sites.describing import things
from engage.taxonomy import Category, Responder, Role, Severity, SiteKind
from engage.triage.rules import shipped_concepts

#: A value with its label; a member of one of our lists has its word, a day its name, in the language of the page.
Choices = list[tuple[str, Any]]
_LISTS = {
    "responders": Responder,
    "categories": Category,
    "severities": Severity,
    "roles": Role,
    "site_kinds": SiteKind,
}


def for_kind(session: Session, officer: Officer, kind: Kind) -> dict[str, Choices]:
    """The choices of every field of a kind that has any, by the field's name."""
    around = reach.look_around(session, officer)
    return {
        field.name: list(_some(session, around, field.choices))
        for field in kind.fields
        if field.shape in (Shape.CHOICE, Shape.MANY)
    }


def _some(session: Session, around: reach.Around, which: str) -> Iterator[tuple[str, Any]]:
    if which in _LISTS:
        yield from ((str(member), member) for member in _LISTS[which])
    elif which == "languages":
        yield from ((code, language.name) for code, language in LANGUAGES.items())
    elif which == "concepts":
        yield from ((concept, concept) for concept in sorted(shipped_concepts()))
    elif which == "days":
        yield from ((day, f"day:{day}") for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
    else:
        yield from _things(session, around, which)


def _things(session: Session, around: reach.Around, which: str) -> Iterator[tuple[str, Any]]:
    kind = {"own_authority": "authorities", "own_queues": "queues"}.get(which, which)
    found: dict[str, Any] = dict(things(session, kind))
    sites: dict[str, Any] = dict(things(session, "sites")) if kind == "zones" else {}
    for name, part in found.items():
        # Reports may wait in any authority's queue; all else that is chosen is one's own.
        if which != "queues" and not around.sees(kind, part):
            continue
        if which == "own_authority" and name != around.own:
            continue
        if kind == "zones":
            yield name, f"{sites[part.site].name} · {part.name}"
        else:
            yield name, getattr(part, "name", name)
