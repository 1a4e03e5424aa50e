"""Reading a description: its YAML files, checked entry by entry and then against each other."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from engage.sites.entries import (
    AuthorityEntry,
    Description,
    DutyEntry,
    ReplyEntry,
    SiteEntry,
    StaffEntry,
    WatchEntry,
    WordsEntry,
)

Entries = TypeVar("Entries")


class DescriptionError(Exception):
    """A description that cannot be used; the message names file, entry and what is wrong. Mending the file helps."""


def _wrong(file: str, entry: str, what: str) -> DescriptionError:
    return DescriptionError(f"{file}, {entry}: {what}" if entry else f"{file}: {what}")


def read_description(folder: Path) -> Description:
    """Read and check the description in a folder: authorities.yaml and sites.yaml, and where there are such files
    duty_rules.yaml, staff.yaml, watch.yaml, replies.yaml and words.yaml.

    Raises `DescriptionError`, with every entry that is wrong in itself or with the first that does not fit the others.
    """
    duty_rules, staff, watch, replies, words = (
        folder / f"{name}.yaml" for name in ("duty_rules", "staff", "watch", "replies", "words")
    )
    description = Description(
        authorities=read_entries(folder / "authorities.yaml", tuple[AuthorityEntry, ...]),
        sites=read_entries(folder / "sites.yaml", tuple[SiteEntry, ...]),
        duty_rules=read_entries(duty_rules, tuple[DutyEntry, ...]) if duty_rules.exists() else (),
        staff=read_entries(staff, tuple[StaffEntry, ...]) if staff.exists() else (),
        watch=read_entries(watch, WatchEntry) if watch.exists() else None,
        replies=read_entries(replies, tuple[ReplyEntry, ...]) if replies.exists() else (),
        words=read_entries(words, tuple[WordsEntry, ...]) if words.exists() else (),
    )
    return checked(description)


def read_text(text: str, file: str = "settings.yaml") -> Description:
    """Read and check a description that stands in one text, as `written` makes it. Raises `DescriptionError`."""
    raw = _parsed(text, file)
    if not isinstance(raw, dict):
        raise _wrong(file, "", "holds no settings: expected authorities, sites and so on")
    return checked(_validated(raw, Description, file))


def written(description: Description) -> str:
    """A description in one text, which `read_text` reads."""
    plain = description.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump(plain, allow_unicode=True, sort_keys=False, width=120)


def checked(description: Description) -> Description:
    """The same description, if its entries fit each other. Raises `DescriptionError` with the first that does not."""
    queues = _check_authorities(description.authorities)
    _check_sites(description.sites, queues)
    _check_duty_rules(description, queues)
    _check_staff(description)
    _check_watch(description, queues)
    _check_replies(description)
    _once("words.yaml", "words", (f"of {one.concept} in {one.language}" for one in description.words))
    return description


def read_entries(file: Path, kind: type[Entries]) -> Entries:
    """The entries of one YAML file, each checked by itself. Raises `DescriptionError`."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise _wrong(file.name, "", f"cannot be read: {problem}") from None
    return _validated(_parsed(text, file.name), kind, file.name)


def entry_of(kind: type[Entries], raw: object) -> Entries:
    """One entry from plain values. Raises `DescriptionError` with a sentence a line, each beginning with its field."""
    try:
        return TypeAdapter(kind).validate_python(raw)
    except ValidationError as problem:
        raise DescriptionError("\n".join(_said(dict(error), raw)[1] for error in problem.errors())) from None


def _parsed(text: str, file: str) -> object:
    try:
        return yaml.load(text, Loader=_Reader)  # noqa: S506 - built on the safe loader
    except (yaml.YAMLError, RecursionError) as problem:
        raise _wrong(file, "", f"cannot be read: {problem}") from None


def _validated(raw: object, kind: type[Entries], file: str) -> Entries:
    try:
        return TypeAdapter(kind).validate_python(raw)
    except ValidationError as problem:
        raise DescriptionError(
            "\n".join(str(_wrong(file, *_said(dict(error), raw))) for error in problem.errors())
        ) from None


class _Reader(yaml.SafeLoader):
    """YAML as it is, but a key that stands twice in one mapping is refused instead of the first one being lost."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [key.value for key, _ in node.value]
        if len(keys) != len(set(keys)):
            doubled = next(key for key in keys if keys.count(key) > 1)
            raise yaml.constructor.ConstructorError(None, None, f"{doubled!r} stands twice", node.start_mark)
        return super().construct_mapping(node, deep)


_PLAIN = {
    "missing": "is missing",
    "extra_forbidden": "is not known here",
    "string_type": "must be text; write it in quotes",
    "string_too_short": "is empty",
}


def _said(error: dict[str, Any], raw: object) -> tuple[str, str]:
    """Where in a file an error is, by the names of the entries on the way, and what is wrong, in plain words."""
    way: list[str] = []
    field = ""
    for step in error["loc"]:
        raw = _inside(raw, step)
        if isinstance(step, int):
            names = [raw.get(word) for word in ("slug", "login", "code")] if isinstance(raw, Mapping) else []
            way.append(str(next((name for name in names if name), f"entry {step + 1}")))
            field = ""
        elif step != "[key]":
            field = step
    what = _PLAIN.get(error["type"], str(error["msg"]).removeprefix("Value error, "))
    return " > ".join(way), f"{field} {what}" if error["type"] in _PLAIN else f"{field}: {what}" if field else what


def _inside(raw: object, step: int | str) -> object:
    if isinstance(raw, Mapping):
        return raw.get(step)
    return raw[step] if isinstance(raw, Sequence) and isinstance(step, int) and step < len(raw) else None


def _check_authorities(authorities: Sequence[AuthorityEntry]) -> frozenset[str]:
    file = "authorities.yaml"
    units = [unit for authority in authorities for unit in authority.units]
    queues = [queue.slug for unit in units for queue in unit.queues]
    _once(file, "authority", (authority.slug for authority in authorities))
    _once(file, "unit", (unit.slug for unit in units))
    _once(file, "queue", queues)
    return frozenset(queues)


def _check_sites(sites: Sequence[SiteEntry], queues: frozenset[str]) -> None:
    file = "sites.yaml"
    _once(file, "site", (site.slug for site in sites))
    _once(file, "poster code", (poster.code for site in sites for place in site.places() for poster in place.posters))
    for site in sites:
        _once(file, f"{site.slug} > zone", (zone.slug for zone in site.zones))
        _once(file, f"{site.slug} > place", (place.slug for place in site.places()))
        _known(file, site.slug, "queue", site.fallback_queue, queues)


def _check_duty_rules(description: Description, queues: frozenset[str]) -> None:
    file = "duty_rules.yaml"
    zones = {site.slug: frozenset(zone.slug for zone in site.zones) for site in description.sites}
    _once(file, "rule", (rule.slug for rule in description.duty_rules))
    for rule in description.duty_rules:
        _known(file, rule.slug, "queue", rule.queue, queues)
        if rule.site is not None:
            _known(file, rule.slug, "site", rule.site, zones)
        if rule.zone is not None and rule.site is None:
            raise _wrong(file, rule.slug, "names a zone, so it must name the zone's site too")
        if rule.zone is not None and rule.site is not None:
            _known(file, rule.slug, f"zone of {rule.site}", rule.zone, zones[rule.site])


def _check_staff(description: Description) -> None:
    file = "staff.yaml"
    units = {authority.slug: [unit.slug for unit in authority.units] for authority in description.authorities}
    _once(file, "login", (member.login for member in description.staff))
    for member in description.staff:
        _known(file, member.login, "authority", member.authority, units)
        for unit in member.units:
            _known(file, member.login, f"unit of {member.authority}", unit, units[member.authority])


def _check_watch(description: Description, queues: frozenset[str]) -> None:
    file, watch = "watch.yaml", description.watch
    if watch is None:
        return
    calendars = [calendar.slug for calendar in watch.calendars]
    logins = [member.login for member in description.staff]
    _once(file, "calendar", calendars)
    _once(file, "target", (f"{target.queue or 'of all queues'}, {target.severity}" for target in watch.targets))
    for target in watch.targets:
        name = f"target {target.queue or 'of all queues'}, {target.severity}"
        if target.queue is not None:
            _known(file, name, "queue", target.queue, queues)
        if target.calendar is not None:
            _known(file, name, "calendar", target.calendar, calendars)
    for number, shift in enumerate(watch.shifts, start=1):
        for queue in shift.queues:
            _known(file, f"shift {number}", "queue", queue, queues)
        if shift.staff is not None:
            _known(file, f"shift {number}", "member of staff", shift.staff, logins)


def _check_replies(description: Description) -> None:
    file = "replies.yaml"
    authorities = {authority.slug for authority in description.authorities}
    _once(file, "reply", (reply.slug for reply in description.replies))
    for reply in description.replies:
        if reply.authority is not None:
            _known(file, reply.slug, "authority", reply.authority, authorities)


def _once(file: str, word: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise _wrong(file, f"{word} {name}", "stands there twice")
        seen.add(name)


def _known(file: str, entry: str, word: str, name: str, known: Iterable[str]) -> None:
    if name not in known:
        raise _wrong(file, entry, f"there is no {word} {name}")
