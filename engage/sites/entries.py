"""What a description may say: the entries of its files, each checked by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, time
from typing import Annotated

from pydantic import Field, field_validator

from engage.sites.values import (
    DAYS,
    LONGEST_REPLY,
    LONGEST_WORDS,
    Code,
    Concept,
    Day,
    Entry,
    Hours,
    LanguageCode,
    Login,
    Mailbox,
    Minutes,
    Name,
    Names,
    Number,
    QueueSlug,
    Slug,
    Span,
    TimeZone,
    Topic,
)
from engage.taxonomy import Category, Responder, Role, Severity, SiteKind


class QueueEntry(Entry):
    """Where cases wait for one unit. `all` is no slug for one: the desk calls the page of several queues so."""

    slug: QueueSlug
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
    """A body with duties of its own. Its duty manager hears at `duty_mailbox` of alarms that went all the way up.

    With `two_persons_for_contacts` a colleague must consent before an officer sees a reporter's number.
    """

    slug: Slug
    name: Name
    duty_mailbox: Mailbox | None = None
    two_persons_for_contacts: bool = False
    units: tuple[UnitEntry, ...] = ()


class PosterEntry(Entry):
    """A thing on a wall; `retired` is the day on which it was taken out of use."""

    code: Code
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
    opening_hours: Annotated[str, Field(max_length=200)] | None = None
    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None
    walking_order: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
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
    facts: dict[Topic, Names] = Field(default_factory=dict)
    inspection_days: Annotated[int, Field(ge=1, le=3650)] | None = None
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
    hours: Hours | None = None
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
    hours: dict[Day, tuple[Span, ...]]
    holidays: tuple[date, ...] = ()

    @staticmethod
    def days_of(written: Iterable[str]) -> tuple[date, ...]:
        """Days as they are kept."""
        return tuple(date.fromisoformat(day) for day in written)

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
    """On which days, and from when to when, queues are to be watched, and by whom, if that is planned.

    `timezone` is for shifts elsewhere than the description's own.
    """

    queues: Annotated[tuple[Slug, ...], Field(min_length=1)]
    days: tuple[Day, ...] = DAYS
    hours: Hours
    staff: Login | None = None
    timezone: TimeZone | None = None

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
    texts: dict[LanguageCode, Annotated[str, Field(min_length=1, max_length=LONGEST_REPLY)]]

    @field_validator("texts")
    @classmethod
    def _is_in_english(cls, texts: dict[str, str]) -> dict[str, str]:
        if "en" not in texts:
            raise ValueError("have none in English (en), which stands where a language is missing")
        return texts


class WordsEntry(Entry):
    """The site's own words for one concept of triage in one language, divided by commas or lines."""

    language: LanguageCode
    concept: Concept
    words: Annotated[str, Field(min_length=1, max_length=LONGEST_WORDS)]


class Description(Entry):
    """Everything that one folder says, checked as a whole."""

    authorities: tuple[AuthorityEntry, ...]
    sites: tuple[SiteEntry, ...]
    duty_rules: tuple[DutyEntry, ...] = ()
    staff: tuple[StaffEntry, ...] = ()
    watch: WatchEntry | None = None
    replies: tuple[ReplyEntry, ...] = ()
    words: tuple[WordsEntry, ...] = ()
