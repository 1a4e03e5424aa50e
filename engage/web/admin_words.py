"""How the pages of the administration write things: labels of choices, lists of values, what kind of report."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from babel.core import Locale
from flask import Blueprint

from engage import labels
from engage.administration.changes import written
from engage.administration.fields import Field, Shape
from engage.administration.kinds import KINDS
from engage.dialogue.topics import known_topics
from engage.duty_table import Fault
from engage.guides import shelf
from engage.routing import Matter
from engage.sites.values import DAYS
from engage.web.frame import language, say


def _(sentence: str) -> str:
    return sentence


FAULTS = {
    Fault.DEAD: _("Matches nothing there is"),
    Fault.UNREACHABLE: _("Never reached"),
    Fault.CONFLICTING: _("Contradicts an earlier rule"),
}


def teach(door: Blueprint) -> None:
    """Give the templates of the administration their filters."""
    for name, filter_ in (("choice", choice), ("cell", cell), ("fault", fault), ("kind_word", kind_word)):
        door.add_app_template_filter(filter_, name)
    door.add_app_template_global(known_topics, "topics")


def choice(label: Any) -> str:
    """The label of one choice."""
    if isinstance(label, StrEnum):
        return say(labels.word_for(label))
    if isinstance(label, str) and label.startswith("day:"):
        return day(label[4:])
    return str(label)


def day(slug: str) -> str:
    """The name of a weekday."""
    return str(Locale.parse(language()).days["stand-alone"]["wide"][DAYS.index(slug)])


def cell(part: Any, field: Field, known: Mapping[str, Mapping[str, Any]]) -> str:
    """One value in a list of things, short; what was chosen by the name it is known by."""
    value = getattr(part, field.name)
    if field.choices == "zones":
        value = f"{part.site}.{value}"
    if isinstance(value, str) and value in known.get(field.name, ()):
        return choice(known[field.name][value])
    if field.shape is Shape.MANY:
        return ", ".join(choice(known[field.name].get(one, one)) for one in value)
    if isinstance(value, StrEnum):
        return say(labels.word_for(value))
    if field.shape is Shape.TEXTS:
        return str(value.get(language()) or value.get("en") or "")
    if field.shape is Shape.HOURS:
        return "; ".join(f"{day(one)} {', '.join(spans)}" for one, spans in value.items())
    if field.choices == "days":
        return day(value)
    return written(list(value) if isinstance(value, tuple) else value)


def fault(member: Fault) -> str:
    """What is wrong with a rule."""
    return say(FAULTS[member])


def kind_word(slug: str) -> str:
    """What one thing of a kind is called."""
    if slug == "guides":
        return shelf(language()).page.title
    return say(KINDS[slug].one) if slug in KINDS else slug


def example(matter: Matter, sites: dict[int, str], zones: dict[int, str]) -> str:
    """A kind of report in words: `Fire, critical, at Harbour · Yard, at 03:00`."""
    where = sites.get(matter.site_id, "?")
    if matter.zone_id is not None:
        where = f"{where} · {zones.get(matter.zone_id, '?')}"
    return say(
        _("%(category)s, %(severity)s, at %(place)s, at %(clock)s"),
        category=say(labels.word_for(matter.category)),
        severity=say(labels.word_for(matter.severity)).lower(),
        place=where,
        clock=f"{matter.local_time:%H:%M}",
    )
