"""Describing what is: the rows of an installation as the things that a description says, but for what is retired."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
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
    SiteWords,
    Staff,
    StaffUnit,
    Unit,
    Zone,
)
from engage.sites.entries import (
    AuthorityEntry,
    CalendarEntry,
    DutyEntry,
    PosterEntry,
    ReplyEntry,
    SiteEntry,
    StaffEntry,
    TargetEntry,
    WordsEntry,
)
from engage.sites.parts import KINDS, Parts, PlacePart, QueuePart, ShiftPart, UnitPart, ZonePart, named
from engage.sites.values import DAYS, Entry
from engage.taxonomy import Severity


def described(session: Session) -> Parts:
    """Everything in use, by its kind and name."""
    return {kind: things(session, kind) for kind in KINDS}


def things(session: Session, kind: str) -> dict[str, Entry]:
    """What there is of one kind, by name, in the order in which it is shown."""
    return named(_READ[kind](session))


def _authorities(session: Session) -> Iterator[Entry]:
    for one in _in_use(session, Authority):
        yield AuthorityEntry.model_construct(
            slug=one.slug,
            name=one.name,
            duty_mailbox=one.duty_mailbox,
            two_persons_for_contacts=bool(one.two_persons_for_contacts),
            units=(),
        )


def _units(session: Session) -> Iterator[Entry]:
    authorities = _slugs(session, Authority)
    for one in _in_use(session, Unit):
        yield UnitPart.model_construct(
            slug=one.slug,
            name=one.name,
            responder=one.responder,
            mailbox=one.mailbox,
            authority=authorities[one.authority_id],
            queues=(),
        )


def _queues(session: Session) -> Iterator[Entry]:
    units = _slugs(session, Unit)
    for one in _in_use(session, Queue):
        yield QueuePart.model_construct(slug=one.slug, name=one.name, sealed=one.sealed, unit=units[one.unit_id])


def _sites(session: Session) -> Iterator[Entry]:
    queues = _slugs(session, Queue)
    facts: dict[int, dict[str, dict[str, str]]] = defaultdict(dict)
    for fact in session.exec(select(SiteFact).order_by(col(SiteFact.topic))):
        facts[fact.site_id][fact.topic] = fact.texts
    for one in _in_use(session, Site):
        yield SiteEntry.model_construct(
            slug=one.slug,
            name=one.name,
            names=one.names,
            kind=one.kind,
            timezone=one.timezone,
            emergency_number=one.emergency_number,
            desk_number=one.desk_number,
            fallback_queue=queues[one.fallback_queue_id],
            facts=facts[one.id],
            inspection_days=one.inspection_days,
            zones=(),
        )


def _zones(session: Session) -> Iterator[Entry]:
    sites = _slugs(session, Site)
    for one in _in_use(session, Zone):
        yield ZonePart.model_construct(
            slug=one.slug, name=one.name, names=one.names, site=sites[one.site_id], places=()
        )


def _places(session: Session) -> Iterator[Entry]:
    sites, zones = _slugs(session, Site), _slugs(session, Zone)
    clocks = dict(session.exec(select(Site.id, Site.timezone)).all())
    posters: dict[int, list[PosterEntry]] = defaultdict(list)
    for poster, site_id in session.exec(
        select(Poster, Place.site_id).join(Place, col(Place.id) == Poster.place_id).order_by(col(Poster.code))
    ):
        retired = poster.retired_at.astimezone(ZoneInfo(clocks[site_id])).date() if poster.retired_at else None
        posters[poster.place_id].append(
            PosterEntry.model_construct(code=poster.code, version=poster.version, retired=retired)
        )
    for one in _in_use(session, Place):
        yield PlacePart.model_construct(
            slug=one.slug,
            name=one.name,
            names=one.names,
            detail=one.detail,
            emergency_number=one.emergency_number,
            desk_number=one.desk_number,
            opening_hours=one.opening_hours,
            latitude=one.latitude,
            longitude=one.longitude,
            walking_order=one.walking_order,
            posters=tuple(posters[one.id]),
            site=sites[one.site_id],
            zone=zones[one.zone_id],
        )


def _rules(session: Session) -> Iterator[Entry]:
    rules = select(DutyRule).where(sa.not_(col(DutyRule.shadow))).order_by(col(DutyRule.position))
    yield from rule_entries(session, list(session.exec(rules)))


def rule_entries(session: Session, rules: list[DutyRule]) -> Iterator[DutyEntry]:
    """Rows of the routing table as entries, in the order given."""
    sites, zones, queues = _slugs(session, Site), _slugs(session, Zone), _slugs(session, Queue)
    for one in rules:
        hours = f"{one.from_time:%H:%M}-{one.to_time:%H:%M}" if one.from_time and one.to_time else None
        yield DutyEntry.model_construct(
            slug=one.slug,
            site=sites[one.site_id] if one.site_id else None,
            zone=zones[one.zone_id] if one.zone_id else None,
            responder=one.responder,
            category=one.category,
            severity=one.severity,
            hours=hours,
            queue=queues[one.queue_id],
        )


def _staff(session: Session) -> Iterator[Entry]:
    authorities, units = _slugs(session, Authority), _slugs(session, Unit)
    within: dict[int, list[str]] = defaultdict(list)
    for row in session.exec(select(StaffUnit)):
        within[row.staff_id].append(units[row.unit_id])
    for one in session.exec(select(Staff).where(col(Staff.active).is_(True)).order_by(col(Staff.login))):
        yield StaffEntry.model_construct(
            login=one.login,
            name=one.name,
            authority=authorities[one.authority_id],
            role=one.role,
            units=tuple(sorted(within[one.id or 0])),
            mailbox=one.mailbox,
        )


def _calendars(session: Session) -> Iterator[Entry]:
    for one in session.exec(select(Calendar).order_by(col(Calendar.slug))):
        yield CalendarEntry.model_construct(
            slug=one.slug,
            timezone=one.timezone,
            hours={day: tuple(spans) for day, spans in zip(DAYS, one.hours, strict=True) if spans},
            holidays=CalendarEntry.days_of(one.holidays),
        )


def _targets(session: Session) -> Iterator[Entry]:
    queues, calendars = _slugs(session, Queue), _slugs(session, Calendar)
    found = [
        TargetEntry.model_construct(
            queue=queues[one.queue_id] if one.queue_id else None,
            severity=Severity(one.severity),
            acknowledge=one.acknowledge_minutes,
            respond=one.respond_minutes,
            resolve=one.resolve_minutes,
            calendar=calendars[one.calendar_id] if one.calendar_id else None,
        )
        for one in session.exec(select(ResponseTarget))
    ]
    yield from sorted(found, key=lambda one: (one.queue is not None, one.queue or "", one.severity.rank))


def _shifts(session: Session) -> Iterator[Entry]:
    queues = _slugs(session, Queue)
    logins = dict(session.exec(select(Staff.id, Staff.login).where(col(Staff.active).is_(True))).all())
    for one in session.exec(select(Shift).order_by(col(Shift.queue_id), col(Shift.weekday), col(Shift.from_time))):
        yield ShiftPart.model_construct(
            queue=queues[one.queue_id],
            day=DAYS[one.weekday],
            hours=f"{one.from_time:%H:%M}-{one.to_time:%H:%M}",
            timezone=one.timezone,
            staff=logins.get(one.staff_id),
        )


def _replies(session: Session) -> Iterator[Entry]:
    authorities = _slugs(session, Authority)
    for one in session.exec(select(ReadyReply).order_by(col(ReadyReply.id))):
        yield ReplyEntry.model_construct(
            slug=one.slug,
            authority=authorities[one.authority_id] if one.authority_id else None,
            category=one.category,
            texts=one.texts,
        )


def _words(session: Session) -> Iterator[Entry]:
    for one in session.exec(select(SiteWords).order_by(col(SiteWords.language), col(SiteWords.concept))):
        yield WordsEntry.model_construct(language=one.language, concept=one.concept, words=one.words)


def _in_use(session: Session, model: Any) -> list[Any]:
    return list(session.exec(select(model).where(model.retired_at.is_(None)).order_by(model.id)))


def _slugs(session: Session, model: type[SQLModel]) -> dict[int, str]:
    table: Any = model
    return dict(session.exec(select(table.id, table.slug)).all())


_READ: Final[Mapping[str, Callable[[Session], Iterator[Entry]]]] = {
    "authorities": _authorities,
    "units": _units,
    "queues": _queues,
    "sites": _sites,
    "zones": _zones,
    "places": _places,
    "rules": _rules,
    "staff": _staff,
    "calendars": _calendars,
    "targets": _targets,
    "shifts": _shifts,
    "replies": _replies,
    "words": _words,
}
