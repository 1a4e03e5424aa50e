"""Loading a description: every entry becomes a row, or changes the row that has its slug, code or login."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import sealing
from engage.models import (
    Authority,
    Calendar,
    DutyRule,
    Place,
    Poster,
    Queue,
    ReadyReply,
    ResponseTarget,
    Shift,
    Site,
    SiteFact,
    SiteWords,
    Staff,
    StaffUnit,
    Unit,
    Zone,
)
from engage.sites.entries import (
    AuthorityEntry,
    CalendarEntry,
    Description,
    DutyEntry,
    PlaceEntry,
    PosterEntry,
    QueueEntry,
    ReplyEntry,
    SiteEntry,
    StaffEntry,
    TargetEntry,
    UnitEntry,
    WatchEntry,
    WordsEntry,
    ZoneEntry,
)
from engage.sites.keeping import Keeping, count_up
from engage.sites.reading import DescriptionError
from engage.sites.values import DAYS, Day


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many entries of each kind the description holds, and how many of them were new, by table name."""

    counts: Mapping[str, int]
    new: Mapping[str, int]


def load_description(session: Session, description: Description, *, password_hash_of: Callable[[str], str]) -> Loaded:
    """Write a description into the database, in the caller's transaction.

    Loading again changes what the files changed; nothing is doubled and nothing is deleted, except that a member of
    staff works in the units that the file says and in no other, and a queue has the shifts of the file alone where it
    has any there. `password_hash_of` gives the hash for a login that is
    new. Raises `DescriptionError` where others would come to see the cases of a queue, or what is about insiders.
    """
    loading = Loading(session, password_hash_of)
    for authority in description.authorities:
        loading.keep_authority(authority)
    for site in description.sites:
        loading.keep_site(site)
    loading.keep_duty_rules(description.duty_rules)
    for member in description.staff:
        loading.keep_member(member)
    if description.watch is not None:
        loading.keep_watch(description.watch)
    for reply in description.replies:
        loading.keep_reply(reply)
    for words in description.words:
        loading.keep_words(words)
    if description.words:
        count_up(session, "words")
    for problem in sealing.unsealed(session):
        raise DescriptionError(f"duty_rules.yaml: {problem}")
    return Loaded(dict(loading.counts), dict(loading.new))


class Loading(Keeping):
    """One loading: what is written, and the ids of what it belongs to, which may be here from before."""

    def __init__(self, session: Session, password_hash_of: Callable[[str], str] | None = None) -> None:
        super().__init__(session)
        self._password_hash_of = password_hash_of

    def keep_authority(self, entry: AuthorityEntry) -> None:
        """Write an authority with the units in it."""
        self.keep(
            Authority,
            {"slug": entry.slug},
            name=entry.name,
            duty_mailbox=entry.duty_mailbox,
            two_persons_for_contacts=entry.two_persons_for_contacts,
            retired_at=None,
        )
        for unit in entry.units:
            self.keep_unit(unit, entry.slug)

    def keep_unit(self, entry: UnitEntry, authority: str) -> None:
        """Write a unit of an authority with the queues in it."""
        self.keep(
            Unit,
            {"slug": entry.slug},
            authority_id=self.id_of(Authority, authority),
            name=entry.name,
            responder=entry.responder,
            mailbox=entry.mailbox,
            retired_at=None,
        )
        for queue in entry.queues:
            self.keep_queue(queue, entry.slug)

    def keep_queue(self, entry: QueueEntry, unit: str) -> None:
        """Write a queue of a unit. Raises `DescriptionError` where others would come to see its cases by that."""
        unit_id = self.id_of(Unit, unit)
        authority_id = self.session.get_one(Unit, unit_id).authority_id
        before = self.session.exec(select(Queue).where(Queue.slug == entry.slug)).first()
        if before is not None and before.authority_id != authority_id:
            raise DescriptionError(f"authorities.yaml, {entry.slug}: this queue is another authority's already")
        opens = before is not None and before.sealed and (before.unit_id != unit_id or not entry.sealed)
        if opens and before is not None and sealing.keeps_confided(self.session, before.id or 0):
            raise DescriptionError(
                f"authorities.yaml, {entry.slug}: this queue keeps reports about insiders, so it stays sealed and with "
                "its unit"
            )
        self.keep(
            Queue,
            {"slug": entry.slug},
            unit_id=unit_id,
            authority_id=authority_id,
            name=entry.name,
            sealed=entry.sealed,
            retired_at=None,
        )

    def keep_site(self, entry: SiteEntry) -> None:
        """Write a site with its facts, and the zones in it."""
        site_id = self.keep(
            Site,
            {"slug": entry.slug},
            name=entry.name,
            names=entry.names,
            kind=entry.kind,
            timezone=entry.timezone,
            emergency_number=entry.emergency_number,
            desk_number=entry.desk_number,
            fallback_queue_id=self.id_of(Queue, entry.fallback_queue),
            inspection_days=entry.inspection_days,
            retired_at=None,
        )
        for topic, texts in entry.facts.items():
            self.keep(SiteFact, {"site_id": site_id, "topic": topic}, texts=texts)
        for zone in entry.zones:
            self.keep_zone(zone, entry.slug)

    def keep_zone(self, entry: ZoneEntry, site: str) -> None:
        """Write a zone of a site with the places in it."""
        by = {"site_id": self.id_of(Site, site), "slug": entry.slug}
        self.keep(Zone, by, name=entry.name, names=entry.names, retired_at=None)
        for place in entry.places:
            self.keep_place(place, site, entry.slug)

    def keep_place(self, entry: PlaceEntry, site: str, zone: str) -> None:
        """Write a place of a zone with its posters."""
        site_id = self.id_of(Site, site)
        place_id = self.keep(
            Place,
            {"site_id": site_id, "slug": entry.slug},
            zone_id=self.id_of(Zone, zone, site_id),
            **entry.model_dump(exclude={"slug", "site", "zone", "posters"}),
            retired_at=None,
        )
        clock = ZoneInfo(self.session.get_one(Site, site_id).timezone)
        for poster in entry.posters:
            self.keep(
                Poster, {"code": poster.code}, place_id=place_id, version=poster.version, **_retired(poster, clock)
            )

    def keep_duty_rules(self, entries: tuple[DutyEntry, ...]) -> None:
        """Write the first rules of the table; others that are here go behind them, in their order."""
        # Positions are unique at every moment, so the old ones first step aside, below zero.
        self.session.connection().execute(sa.update(DutyRule).values(position=-1 - col(DutyRule.position)))
        self.session.expire_all()
        for position, entry in enumerate(entries, start=1):
            self.keep(DutyRule, {"slug": entry.slug}, position=position, shadow=False, **self.cells(entry))
        others = select(DutyRule).where(DutyRule.position < 0).order_by(col(DutyRule.position).desc())
        for position, rule in enumerate(self.session.exec(others).all(), start=len(entries) + 1):
            rule.position = position
        self.session.flush()

    def cells(self, entry: DutyEntry) -> dict[str, Any]:
        """What a rule says, as its row has it."""
        from_time, to_time = entry.from_and_to
        site_id = self.id_of(Site, entry.site) if entry.site else None
        return {
            "site_id": site_id,
            "zone_id": self.id_of(Zone, entry.zone, site_id or 0) if entry.zone else None,
            "responder": entry.responder,
            "category": entry.category,
            "severity": entry.severity,
            "from_time": from_time,
            "to_time": to_time,
            "queue_id": self.id_of(Queue, entry.queue),
        }

    def keep_reply(self, entry: ReplyEntry) -> None:
        """Write a ready reply."""
        authority_id = self.id_of(Authority, entry.authority) if entry.authority else None
        self.keep(
            ReadyReply, {"slug": entry.slug}, authority_id=authority_id, category=entry.category, texts=entry.texts
        )

    def keep_words(self, entry: WordsEntry) -> None:
        """Write the site's own words for a concept."""
        self.keep(SiteWords, {"language": entry.language, "concept": entry.concept}, words=entry.words)

    def keep_member(self, entry: StaffEntry) -> None:
        """Write a member of staff; who is new gets a password. They work in these units and in no other."""
        known = self.session.exec(select(Staff.id).where(Staff.login == entry.login)).first() is not None
        if not known and self._password_hash_of is None:
            raise DescriptionError(f"staff.yaml, {entry.login}: nobody here has this login; invite them instead")
        secret = (
            {} if known or self._password_hash_of is None else {"password_hash": self._password_hash_of(entry.login)}
        )
        staff_id = self.keep(
            Staff,
            {"login": entry.login},
            name=entry.name,
            authority_id=self.id_of(Authority, entry.authority),
            role=entry.role,
            mailbox=entry.mailbox,
            **secret,
        )
        wanted = {self.id_of(Unit, slug) for slug in entry.units}
        rows = self.session.exec(select(StaffUnit).where(StaffUnit.staff_id == staff_id)).all()
        for row in rows:
            if row.unit_id not in wanted:
                self.session.delete(row)
        for unit_id in wanted - {row.unit_id for row in rows}:
            self.session.add(StaffUnit(staff_id=staff_id, unit_id=unit_id))
        self.session.flush()

    def keep_watch(self, entry: WatchEntry) -> None:
        """Write calendars and targets, and the shifts of the queues that have any here, which have no others then."""
        for calendar in entry.calendars:
            self.keep_calendar(calendar, entry.timezone)
        for target in entry.targets:
            self.keep_target(target)
        wanted = [
            self.keep_shift(queue, day, shift.from_and_to, shift.timezone or entry.timezone, shift.staff)
            for shift in entry.shifts
            for queue in shift.queues
            for day in shift.days
        ]
        planned = [self.id_of(Queue, queue) for shift in entry.shifts for queue in shift.queues]
        old = sa.and_(col(Shift.queue_id).in_(planned), col(Shift.id).not_in(wanted))
        self.session.connection().execute(sa.delete(Shift).where(old))

    def keep_calendar(self, entry: CalendarEntry, timezone: str) -> int:
        """Write a calendar, in its own time zone or in the one given."""
        return self.keep(
            Calendar,
            {"slug": entry.slug},
            timezone=entry.timezone or timezone,
            hours=[list(entry.hours.get(day, ())) for day in DAYS],
            holidays=[day.isoformat() for day in entry.holidays],
        )

    def keep_target(self, entry: TargetEntry) -> None:
        """Write a response target."""
        queue_id = self.id_of(Queue, entry.queue) if entry.queue else None
        self.keep(
            ResponseTarget,
            {"queue_id": queue_id, "severity": entry.severity.value},
            acknowledge_minutes=entry.acknowledge,
            respond_minutes=entry.respond,
            resolve_minutes=entry.resolve,
            calendar_id=self.id_of(Calendar, entry.calendar) if entry.calendar else None,
        )

    def keep_shift(self, queue: str, day: Day, hours: tuple[time, time], timezone: str, login: str | None) -> int:
        """Write a shift of a queue on one weekday."""
        at = {"queue_id": self.id_of(Queue, queue), "weekday": DAYS.index(day)}
        by = {**at, "from_time": hours[0], "to_time": hours[1]}
        staff_id = self.session.exec(select(Staff.id).where(Staff.login == login)).first() if login else None
        return self.keep(Shift, {**by, "staff_id": staff_id}, timezone=timezone)


def _retired(entry: PosterEntry, zone: ZoneInfo) -> dict[str, datetime]:
    """The first moment of the day of its retirement. A file that says nothing does not bring a poster back."""
    return {"retired_at": datetime.combine(entry.retired, time(), zone)} if entry.retired else {}
