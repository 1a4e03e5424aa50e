"""A description taken apart: every thing by itself, with the name that it is asked for by, and put together again.

This is what the pages of the administration edit one by one, and what two descriptions are compared by.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeVar, cast

from engage.sites.entries import (
    AuthorityEntry,
    CalendarEntry,
    Description,
    DutyEntry,
    PlaceEntry,
    QueueEntry,
    ReplyEntry,
    ShiftEntry,
    SiteEntry,
    StaffEntry,
    TargetEntry,
    UnitEntry,
    WatchEntry,
    WordsEntry,
    ZoneEntry,
)
from engage.sites.values import DAYS, Day, Entry, Hours, Login, Slug, TimeZone

Inner = TypeVar("Inner", bound=Entry)
#: The name of a target that holds in every queue without one of its own; no queue can be called so.
EVERY_QUEUE: Final = "all"


class UnitPart(UnitEntry):
    """A unit by itself, with its authority."""

    authority: Slug


class QueuePart(QueueEntry):
    """A queue by itself, with its unit."""

    unit: Slug


class ZonePart(ZoneEntry):
    """A zone by itself, with its site."""

    site: Slug


class PlacePart(PlaceEntry):
    """A place by itself, with its site and zone."""

    site: Slug
    zone: Slug


class ShiftPart(Entry):
    """One shift of one queue on one weekday."""

    queue: Slug
    day: Day
    hours: Hours
    timezone: TimeZone
    staff: Login | None = None


#: Everything of a description by its kind and name, in order.
Parts = dict[str, dict[str, Entry]]

KINDS: Final[Mapping[str, type[Entry]]] = {
    "authorities": AuthorityEntry,
    "units": UnitPart,
    "queues": QueuePart,
    "sites": SiteEntry,
    "zones": ZonePart,
    "places": PlacePart,
    "rules": DutyEntry,
    "staff": StaffEntry,
    "calendars": CalendarEntry,
    "targets": TargetEntry,
    "shifts": ShiftPart,
    "replies": ReplyEntry,
    "words": WordsEntry,
}


def name_of(part: Any) -> str:
    """The name of a thing among those of its kind; slugs and codes have no dot, so a dot divides."""
    match part:
        case ZonePart():
            return f"{part.site}.{part.slug}"
        case PlacePart():
            return f"{part.site}.{part.slug}"
        case StaffEntry():
            return part.login
        case TargetEntry():
            return f"{part.queue or EVERY_QUEUE}.{part.severity}"
        case ShiftPart():
            who = f".{part.staff}" if part.staff else ""
            return f"{part.queue}.{part.day}.{part.hours.replace(':', '')}{who}"
        case WordsEntry():
            return f"{part.language}.{part.concept}"
    return str(part.slug)


def named(parts: Iterable[Entry]) -> dict[str, Entry]:
    """Things of one kind by their names."""
    return {name_of(part): part for part in parts}


def alone(of: type[Entry], entry: Entry, **more: Any) -> Any:
    """An entry without the things inside it, as one of `of`, which may say more of where it belongs."""
    inside = ("units", "queues", "zones", "places")
    kept = {field: getattr(entry, field) for field in type(entry).model_fields if field not in inside}
    empty: dict[str, Any] = {field: () for field in of.model_fields if field in inside}
    return of.model_construct(**kept, **empty, **more)


def taken_apart(description: Description) -> Parts:
    """Every thing of a description by itself."""
    watch = description.watch
    return {
        "authorities": named(alone(AuthorityEntry, one) for one in description.authorities),
        "units": named(
            alone(UnitPart, unit, authority=one.slug) for one in description.authorities for unit in one.units
        ),
        "queues": named(
            alone(QueuePart, queue, unit=unit.slug)
            for one in description.authorities
            for unit in one.units
            for queue in unit.queues
        ),
        "sites": named(alone(SiteEntry, site) for site in description.sites),
        "zones": named(alone(ZonePart, zone, site=site.slug) for site in description.sites for zone in site.zones),
        "places": named(
            alone(PlacePart, place, site=site.slug, zone=zone.slug)
            for site in description.sites
            for zone in site.zones
            for place in zone.places
        ),
        "rules": named(description.duty_rules),
        "staff": named(description.staff),
        "calendars": named(_calendar(one, watch) for one in watch.calendars) if watch else {},
        "targets": named(watch.targets) if watch else {},
        "shifts": named(_shifts(watch)) if watch else {},
        "replies": named(description.replies),
        "words": named(description.words),
    }


def put_together(parts: Parts) -> Description:
    """The description that has these things; what belongs to nothing that is among them is left out."""
    places = _by(parts["places"].values(), lambda one: f"{one.site}.{one.zone}")
    zones = _by(parts["zones"].values(), lambda one: one.site)
    queues = _by(parts["queues"].values(), lambda one: one.unit)
    units = _by(parts["units"].values(), lambda one: one.authority)

    def whole_zone(zone: Any) -> ZoneEntry:
        own = (_inside(PlaceEntry, one) for one in places.get(name_of(zone), ()))
        return _inside(ZoneEntry, zone, places=tuple(own))

    def whole_unit(unit: Any) -> UnitEntry:
        return _inside(UnitEntry, unit, queues=tuple(_inside(QueueEntry, one) for one in queues.get(unit.slug, ())))

    return Description.model_construct(
        authorities=tuple(
            _inside(AuthorityEntry, one, units=tuple(map(whole_unit, units.get(one.slug, ()))))
            for one in _all(parts, "authorities")
        ),
        sites=tuple(
            _inside(SiteEntry, one, zones=tuple(map(whole_zone, zones.get(one.slug, ()))))
            for one in _all(parts, "sites")
        ),
        duty_rules=tuple(_all(parts, "rules")),
        staff=tuple(_all(parts, "staff")),
        watch=_watch(parts),
        replies=tuple(_all(parts, "replies")),
        words=tuple(_all(parts, "words")),
    )


def _all(parts: Parts, kind: str) -> Iterator[Any]:
    return iter(parts[kind].values())


def _by(some: Iterable[Any], key: Callable[[Any], str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for one in some:
        found.setdefault(key(one), []).append(one)
    return found


def _inside(of: type[Inner], part: Entry, **inside: Any) -> Inner:
    """A thing as an entry of what it belongs to."""
    kept: dict[str, Any] = {field: getattr(part, field) for field in of.model_fields if hasattr(part, field)}
    return cast(Inner, of.model_construct(**{**kept, **inside}))


def _calendar(entry: CalendarEntry, watch: WatchEntry) -> CalendarEntry:
    return entry if entry.timezone else entry.model_copy(update={"timezone": watch.timezone})


def _shifts(watch: WatchEntry) -> Iterator[ShiftPart]:
    for shift in watch.shifts:
        for queue in shift.queues:
            for day in shift.days:
                yield ShiftPart.model_construct(
                    queue=queue,
                    day=day,
                    hours=shift.hours,
                    timezone=shift.timezone or watch.timezone,
                    staff=shift.staff,
                )


def _watch(parts: Parts) -> WatchEntry | None:
    """Calendars, targets and shifts, the days of one shift together; the commonest time zone is said once."""
    if not any(parts[kind] for kind in ("calendars", "targets", "shifts")):
        return None
    zones = Counter(one.timezone for kind in ("shifts", "calendars") for one in _all(parts, kind))
    usual = min(zones, key=lambda zone: (-zones[zone], zone), default="UTC")
    shifts = _by(parts["shifts"].values(), lambda one: f"{one.queue} {one.hours} {one.timezone} {one.staff or ''}")
    return WatchEntry.model_construct(
        timezone=usual,
        calendars=tuple(_all(parts, "calendars")),
        targets=tuple(_all(parts, "targets")),
        shifts=tuple(
            ShiftEntry.model_construct(
                queues=(some[0].queue,),
                days=tuple(day for day in DAYS if any(one.day == day for one in some)),
                hours=some[0].hours,
                staff=some[0].staff,
                timezone=None if some[0].timezone == usual else some[0].timezone,
            )
            for _key, some in sorted(shifts.items())
        ),
    )
