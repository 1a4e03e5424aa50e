"""What a description may say: the entries of its files, each checked by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from engage.dialogue.topics import known_topics
from engage.posters.codes import is_valid
from engage.taxonomy import Category, Responder, Role, Severity, SiteKind

LONGEST_REPLY = 1000  # characters
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LOGIN = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(([01]\d|2[0-3]):([0-5]\d)|24:00)")


def _slug(value: str) -> str:
    if not _SLUG.fullmatch(value):
        raise ValueError(f"{value!r} is no slug: use small letters, digits and single dashes")
    return value


def _login(value: str) -> str:
    if not _LOGIN.fullmatch(value):
        raise ValueError(f"{value!r} is no login: use small letters, digits, dots and dashes")
    return value


def _language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise ValueError(f"{value!r} is no language code such as ar or fil")
    return value


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):  # unknown; not a relative path; a folder of zones
        raise ValueError(f"{value!r} is no time zone such as Europe/London") from None
    return value


def _hours(value: str) -> str:
    if not _HOURS.fullmatch(value):
        raise ValueError(f"{value!r} are no hours such as 22:00-06:00")
    if value[:5] == value[6:]:
        raise ValueError(f"{value!r} begin and end at the same time; leave hours out for the whole day")
    return value


def _span(value: str) -> str:
    if not _SPAN.fullmatch(value) or value[:5] == value[6:]:
        raise ValueError(f"{value!r} are no hours such as 09:00-17:00 or 00:00-24:00")
    return value


def _code(value: str) -> str:
    if not is_valid(value):
        raise ValueError(f"{value!r} is no poster code: four characters and the right check character, in capitals")
    return value


def _queue_slug(written: str) -> str:
    if written == "all":
        raise ValueError("no queue can have the slug 'all'")
    return written


def _topic(value: str) -> str:
    if value not in known_topics():
        raise ValueError(f"{value!r} is no topic; topics are {', '.join(known_topics())}")
    return value


Slug = Annotated[str, Field(max_length=64), AfterValidator(_slug)]
Login = Annotated[str, Field(max_length=64), AfterValidator(_login)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Names = dict[Annotated[str, AfterValidator(_language)], Name]
Number = Annotated[str, Field(min_length=1, max_length=32)]
Mailbox = Annotated[str, Field(max_length=254, pattern=r"^\S+@\S+$")]
TimeZone = Annotated[str, AfterValidator(_timezone)]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Minutes = Annotated[int, Field(ge=1, le=525_600)]


class Entry(BaseModel):
    """One entry of a description: frozen, and refused when it says something unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class QueueEntry(Entry):
    """Where cases wait for one unit. `all` is no slug for one: the desk calls the page of several queues so."""

    slug: Annotated[Slug, AfterValidator(_queue_slug)]
    name: Name
    sealed: bool = False


class UnitEntry(Entry):
    """A part of an authority, with its queues."""

    slug: Slug
    name: Name
    responder: Responder
    mailbox: Mailbox | None = None
    queues: tuple[QueueEntry, ...] = ()


class AuthorityEntry(Entry):
    """A body with duties of its own. Its duty manager hears at `duty_mailbox` of alarms that went all the way up."""

    slug: Slug
    name: Name
    duty_mailbox: Mailbox | None = None
    units: tuple[UnitEntry, ...] = ()


class PosterEntry(Entry):
    """A thing on a wall; `retired` is the day on which it was taken out of use."""

    code: Annotated[str, AfterValidator(_code)]
    version: Annotated[int, Field(ge=1)] = 1
    retired: date | None = None


class PlaceEntry(Entry):
    """A spot that someone can walk to."""

    slug: Slug
    name: Name
    names: Names = Field(default_factory=dict)
    detail: Annotated[str, Field(max_length=300)] | None = None
    emergency_number: Number | None = None
    desk_number: Number | None = None
    posters: tuple[PosterEntry, ...] = ()


class ZoneEntry(Entry):
    """A terminal, pier, yard or hall."""

    slug: Slug
    name: Name
    names: Names = Field(default_factory=dict)
    places: tuple[PlaceEntry, ...] = ()


class SiteEntry(Entry):
    """An airport, seaport, station or border crossing. `facts` answer what people ask, by topic and language."""

    slug: Slug
    name: Name
    names: Names = Field(default_factory=dict)
    kind: SiteKind
    timezone: TimeZone
    emergency_number: Number
    desk_number: Number | None = None
    fallback_queue: Slug
    facts: dict[Annotated[str, AfterValidator(_topic)], Names] = Field(default_factory=dict)
    zones: tuple[ZoneEntry, ...] = ()

    def places(self) -> Iterator[PlaceEntry]:
        """Every place of the site, zone by zone."""
        return (place for zone in self.zones for place in zone.places)


class DutyEntry(Entry):
    """One row of the routing table."""

    slug: Slug
    site: Slug | None = None
    zone: Slug | None = None
    responder: Responder | None = None
    category: Category | None = None
    severity: Severity | None = None
    hours: Annotated[str, AfterValidator(_hours)] | None = None
    queue: Slug

    @property
    def from_and_to(self) -> tuple[time | None, time | None]:
        """When the row begins and ends to count, in the site's local time."""
        begin, _, end = (self.hours or "").partition("-")
        return (time.fromisoformat(begin), time.fromisoformat(end)) if begin else (None, None)


class StaffEntry(Entry):
    """One member of staff; a supervisor hears at `mailbox` of alarms that went up. A password stands in no file."""

    login: Login
    name: Name
    authority: Slug
    role: Role = Role.OFFICER
    units: tuple[Slug, ...] = ()
    mailbox: Mailbox | None = None


class CalendarEntry(Entry):
    """When somebody works: spans of each weekday, also past midnight, and days without work."""

    slug: Slug
    timezone: TimeZone | None = None
    hours: dict[Day, tuple[Annotated[str, AfterValidator(_span)], ...]]
    holidays: tuple[date, ...] = ()

    @field_validator("hours")
    @classmethod
    def _has_hours(cls, hours: dict[Day, tuple[str, ...]]) -> dict[Day, tuple[str, ...]]:
        if not any(hours.values()):
            raise ValueError("a calendar needs working hours")
        return hours


class TargetEntry(Entry):
    """What is promised for a severity in a queue, or in every queue that has no row of its own: minutes."""

    queue: Slug | None = None
    severity: Severity
    acknowledge: Minutes
    respond: Minutes
    resolve: Minutes
    calendar: Slug | None = None


class ShiftEntry(Entry):
    """On which days, and from when to when, queues are to be watched, and by whom, if that is planned."""

    queues: Annotated[tuple[Slug, ...], Field(min_length=1)]
    days: tuple[Day, ...] = DAYS
    hours: Annotated[str, AfterValidator(_hours)]
    staff: Login | None = None

    @property
    def from_and_to(self) -> tuple[time, time]:
        """When the shift begins and ends."""
        begin, _, end = self.hours.partition("-")
        return time.fromisoformat(begin), time.fromisoformat(end)


class WatchEntry(Entry):
    """Calendars, response targets and shifts; `timezone` is that of the shifts, and of calendars that name none."""

    timezone: TimeZone
    calendars: tuple[CalendarEntry, ...] = ()
    targets: tuple[TargetEntry, ...] = ()
    shifts: tuple[ShiftEntry, ...] = ()


class ReplyEntry(Entry):
    """An answer that stands ready, by language; for one authority's officers, for cases of one category, or for all."""

    slug: Slug
    authority: Slug | None = None
    category: Category | None = None
    texts: dict[
        Annotated[str, AfterValidator(_language)], Annotated[str, Field(min_length=1, max_length=LONGEST_REPLY)]
    ]

    @field_validator("texts")
    @classmethod
    def _is_in_english(cls, texts: dict[str, str]) -> dict[str, str]:
        if "en" not in texts:
            raise ValueError("have none in English (en), which stands where a language is missing")
        return texts


class Description(Entry):
    """Everything that one folder says, checked as a whole."""

    authorities: tuple[AuthorityEntry, ...]
    sites: tuple[SiteEntry, ...]
    duty_rules: tuple[DutyEntry, ...] = ()
    staff: tuple[StaffEntry, ...] = ()
    watch: WatchEntry | None = None
    replies: tuple[ReplyEntry, ...] = ()
