"""Loading a description: every entry becomes a row, or changes the row that has its slug, code or login."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

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
    Staff,
    StaffUnit,
    Unit,
    Zone,
)
from engage.sites.entries import (
    DAYS,
    AuthorityEntry,
    CalendarEntry,
    Description,
    DutyEntry,
    PlaceEntry,
    PosterEntry,
    ReplyEntry,
    ShiftEntry,
    SiteEntry,
    StaffEntry,
    UnitEntry,
    WatchEntry,
)
from engage.sites.reading import DescriptionError


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
    new. Raises `DescriptionError` where a queue would change its authority, which would show its cases to others.
    """
    loading = _Loading(session, password_hash_of)
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
    return Loaded(dict(loading.counts), dict(loading.new))


class _Loading:
    """One loading: the ids of what it has written so far, by slug."""

    def __init__(self, session: Session, password_hash_of: Callable[[str], str]) -> None:
        self._session = session
        self._password_hash_of = password_hash_of
        self._authorities: dict[str, int] = {}
        self._units: dict[str, int] = {}
        self._queues: dict[str, int] = {}
        self._sites: dict[str, int] = {}
        self._zones: dict[tuple[str, str], int] = {}
        self.counts: Counter[str] = Counter()
        self.new: Counter[str] = Counter()

    def keep_authority(self, entry: AuthorityEntry) -> None:
        authority_id = self._keep(Authority, {"slug": entry.slug}, name=entry.name, duty_mailbox=entry.duty_mailbox)
        self._authorities[entry.slug] = authority_id
        for unit in entry.units:
            self._keep_unit(unit, authority_id)

    def _keep_unit(self, entry: UnitEntry, authority_id: int) -> None:
        unit_id = self._keep(
            Unit,
            {"slug": entry.slug},
            authority_id=authority_id,
            name=entry.name,
            responder=entry.responder,
            mailbox=entry.mailbox,
        )
        self._units[entry.slug] = unit_id
        for queue in entry.queues:
            before = self._session.exec(select(Queue.authority_id).where(Queue.slug == queue.slug)).first()
            if before not in (None, authority_id):
                raise DescriptionError(f"authorities.yaml, {queue.slug}: this queue is another authority's already")
            self._queues[queue.slug] = self._keep(
                Queue,
                {"slug": queue.slug},
                unit_id=unit_id,
                authority_id=authority_id,
                name=queue.name,
                sealed=queue.sealed,
            )

    def keep_site(self, entry: SiteEntry) -> None:
        site_id = self._keep(
            Site,
            {"slug": entry.slug},
            name=entry.name,
            names=entry.names,
            kind=entry.kind,
            timezone=entry.timezone,
            emergency_number=entry.emergency_number,
            desk_number=entry.desk_number,
            fallback_queue_id=self._queues[entry.fallback_queue],
        )
        self._sites[entry.slug] = site_id
        for topic, texts in entry.facts.items():
            self._keep(SiteFact, {"site_id": site_id, "topic": topic}, texts=texts)
        for zone in entry.zones:
            by = {"site_id": site_id, "slug": zone.slug}
            zone_id = self._keep(Zone, by, name=zone.name, names=zone.names)
            self._zones[entry.slug, zone.slug] = zone_id
            for place in zone.places:
                self._keep_place(place, site_id, zone_id, ZoneInfo(entry.timezone))

    def _keep_place(self, entry: PlaceEntry, site_id: int, zone_id: int, zone: ZoneInfo) -> None:
        place_id = self._keep(
            Place,
            {"site_id": site_id, "slug": entry.slug},
            zone_id=zone_id,
            name=entry.name,
            names=entry.names,
            detail=entry.detail,
            emergency_number=entry.emergency_number,
            desk_number=entry.desk_number,
        )
        for poster in entry.posters:
            self._keep(
                Poster, {"code": poster.code}, place_id=place_id, version=poster.version, **_retired(poster, zone)
            )

    def keep_duty_rules(self, entries: tuple[DutyEntry, ...]) -> None:
        # Positions are unique at every moment, so the old ones first step aside, below zero.
        self._session.connection().execute(sa.update(DutyRule).values(position=-1 - col(DutyRule.position)))
        self._session.expire_all()
        for position, entry in enumerate(entries, start=1):
            self._keep_duty_rule(entry, position)
        others = select(DutyRule).where(DutyRule.position < 0).order_by(col(DutyRule.position).desc())
        for position, rule in enumerate(self._session.exec(others).all(), start=len(entries) + 1):
            rule.position = position
        self._session.flush()

    def _keep_duty_rule(self, entry: DutyEntry, position: int) -> None:
        from_time, to_time = entry.from_and_to
        self._keep(
            DutyRule,
            {"slug": entry.slug},
            position=position,
            site_id=self._sites[entry.site] if entry.site else None,
            zone_id=self._zones[entry.site, entry.zone] if entry.site and entry.zone else None,
            responder=entry.responder,
            category=entry.category,
            severity=entry.severity,
            from_time=from_time,
            to_time=to_time,
            queue_id=self._queues[entry.queue],
        )

    def keep_reply(self, entry: ReplyEntry) -> None:
        authority_id = self._authorities[entry.authority] if entry.authority else None
        self._keep(
            ReadyReply, {"slug": entry.slug}, authority_id=authority_id, category=entry.category, texts=entry.texts
        )

    def keep_member(self, entry: StaffEntry) -> None:
        known = self._session.exec(select(Staff.id).where(Staff.login == entry.login)).first() is not None
        secret = {} if known else {"password_hash": self._password_hash_of(entry.login)}
        staff_id = self._keep(
            Staff,
            {"login": entry.login},
            name=entry.name,
            authority_id=self._authorities[entry.authority],
            role=entry.role,
            mailbox=entry.mailbox,
            **secret,
        )
        wanted = {self._units[slug] for slug in entry.units}
        rows = self._session.exec(select(StaffUnit).where(StaffUnit.staff_id == staff_id)).all()
        for row in rows:
            if row.unit_id not in wanted:
                self._session.delete(row)
        for unit_id in wanted - {row.unit_id for row in rows}:
            self._session.add(StaffUnit(staff_id=staff_id, unit_id=unit_id))
        self._session.flush()

    def keep_watch(self, entry: WatchEntry) -> None:
        calendars = {one.slug: self._keep_calendar(one, entry.timezone) for one in entry.calendars}
        for target in entry.targets:
            self._keep(
                ResponseTarget,
                {"queue_id": self._queues[target.queue] if target.queue else None, "severity": target.severity.value},
                acknowledge_minutes=target.acknowledge,
                respond_minutes=target.respond,
                resolve_minutes=target.resolve,
                calendar_id=calendars[target.calendar] if target.calendar else None,
            )
        wanted = [
            self._keep_shift(shift, self._queues[queue], DAYS.index(day), entry.timezone)
            for shift in entry.shifts
            for queue in shift.queues
            for day in shift.days
        ]
        planned = [self._queues[queue] for shift in entry.shifts for queue in shift.queues]
        old = sa.and_(col(Shift.queue_id).in_(planned), col(Shift.id).not_in(wanted))
        self._session.connection().execute(sa.delete(Shift).where(old))

    def _keep_calendar(self, entry: CalendarEntry, timezone: str) -> int:
        return self._keep(
            Calendar,
            {"slug": entry.slug},
            timezone=entry.timezone or timezone,
            hours=[list(entry.hours.get(day, ())) for day in DAYS],
            holidays=[day.isoformat() for day in entry.holidays],
        )

    def _keep_shift(self, entry: ShiftEntry, queue_id: int, weekday: int, timezone: str) -> int:
        from_time, to_time = entry.from_and_to
        staff = select(Staff.id).where(Staff.login == entry.staff)
        by = {"queue_id": queue_id, "weekday": weekday, "from_time": from_time, "to_time": to_time}
        staff_id = self._session.exec(staff).first() if entry.staff else None
        return self._keep(Shift, {**by, "staff_id": staff_id}, timezone=timezone)

    def _keep(self, model: type[SQLModel], by: dict[str, Any], **values: Any) -> int:
        """The id of the row that has these keys, made or changed to hold these values; 0 where it has no id."""
        table = str(model.__tablename__)
        row: Any = self._session.exec(select(model).filter_by(**by)).first()
        self.counts[table] += 1
        if row is None:
            self.new[table] += 1
            row = model(**by, **values)
            self._session.add(row)
        else:
            for name, value in values.items():
                setattr(row, name, value)
        self._session.flush()
        return int(getattr(row, "id", 0) or 0)


def _retired(entry: PosterEntry, zone: ZoneInfo) -> dict[str, datetime]:
    """The first moment of the day of its retirement. A file that says nothing does not bring a poster back."""
    return {"retired_at": datetime.combine(entry.retired, time(), zone)} if entry.retired else {}
