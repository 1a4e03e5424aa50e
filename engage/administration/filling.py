"""Filling in: from the fields of a form to the plain values of an entry, and from an entry to the fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engage.administration.fields import Field, Kind, Shape
from engage.administration.refusals import Refused
from engage.dialogue.topics import known_topics
from engage.languages import LANGUAGES
from engage.sites.parts import PlacePart
from engage.sites.values import DAYS, Entry

#: What a form sent: every field with all its values.
Sent = Mapping[str, Sequence[str]]


def _(sentence: str) -> str:
    return sentence


def values_of(kind: Kind, sent: Sent, before: Entry | None) -> dict[str, Any]:
    """The plain values of a form. What a form does not ask for, and what is given once, stays as it was."""
    kept: dict[str, Any] = before.model_dump(mode="json") if before else {}
    for field in kind.fields:
        if before is not None and field.fixed:
            continue
        value = _value(field, sent)
        kept.pop(field.name, None)
        if value not in (None, "", [], {}):
            kept[field.name] = value
    return _placed(kind, kept, before)


def _placed(kind: Kind, values: dict[str, Any], before: Entry | None) -> dict[str, Any]:
    """A zone is chosen together with its site."""
    if kind.slug not in ("places", "rules"):
        return values
    site, _dot, zone = str(values.get("zone") or "").rpartition(".")
    chosen = before.site if isinstance(before, PlacePart) else values.get("site")
    if site and chosen and site != chosen:
        raise Refused(_("This zone is at another site: %(site)s."), site=site)
    if zone:
        values["zone"] = zone
    if site:
        values["site"] = site
    return values


def _value(field: Field, sent: Sent) -> Any:
    match field.shape:
        case Shape.MANY:
            return [one for one in sent.get(field.name, ()) if one]
        case Shape.TICK:
            return bool(_one(sent, field.name))
        case Shape.TEXT:
            return _one(sent, field.name).replace("\r\n", "\n").strip()
        case Shape.LINES:
            return [line.strip() for line in _one(sent, field.name).splitlines() if line.strip()]
        case Shape.NAMES | Shape.TEXTS:
            return _by(sent, field.name)
        case Shape.HOURS:
            spans = _by(sent, field.name)
            return {day: [span.strip() for span in spans[day].split(",") if span.strip()] for day in spans}
        case Shape.FACTS:
            found = {topic: _by(sent, f"{field.name}.{topic}") for topic in known_topics()}
            return {topic: texts for topic, texts in found.items() if texts}
    return _one(sent, field.name).strip()


def _one(sent: Sent, name: str) -> str:
    found = sent.get(name, ())
    return found[0] if found else ""


def _by(sent: Sent, name: str) -> dict[str, str]:
    """Fields that are named `names.fr`, by what stands behind the dot."""
    found = {key.removeprefix(f"{name}."): _one(sent, key) for key in sent if key.startswith(f"{name}.")}
    return {
        key: value.replace("\r\n", "\n").strip() for key, value in found.items() if "." not in key and value.strip()
    }


def fields_of(kind: Kind, values: Mapping[str, Any]) -> dict[str, list[str]]:
    """What stands in the fields of a form for the plain values of an entry."""
    filled: dict[str, list[str]] = {}
    for field in kind.fields:
        value = values.get(field.name)
        if value is None or value is False:
            continue
        filled |= dict(_filled(field, value))
    if kind.slug in ("places", "rules") and values.get("zone"):
        filled["zone"] = [f"{values.get('site')}.{values['zone']}"]
    return filled


def _filled(field: Field, value: Any) -> Iterable[tuple[str, list[str]]]:
    match field.shape:
        case Shape.MANY:
            yield field.name, list(value)
        case Shape.TICK:
            yield field.name, ["1"]
        case Shape.LINES:
            yield field.name, ["\n".join(value)]
        case Shape.NAMES | Shape.TEXTS:
            yield from ((f"{field.name}.{key}", [text]) for key, text in value.items())
        case Shape.HOURS:
            yield from ((f"{field.name}.{day}", [", ".join(spans)]) for day, spans in value.items())
        case Shape.FACTS:
            for topic, texts in value.items():
                yield from ((f"{field.name}.{topic}.{language}", [text]) for language, text in texts.items())
        case _:
            yield field.name, [str(value)]


def inner_names(field: Field, filled: Mapping[str, Sequence[str]]) -> list[str]:
    """What stands behind the dot of a field with several: languages, days; those that are filled in beyond ours too."""
    if field.shape is Shape.HOURS:
        return list(DAYS)
    others = {key.rpartition(".")[2] for key in filled if key.startswith(f"{field.name}.")}
    return [*LANGUAGES, *sorted(others - set(LANGUAGES))]
