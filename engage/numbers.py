"""Numbers for supervisors: the newest cases of a window, read through an index, and what they come to.

Never more than `MOST_READ` cases are read, whatever the window holds and the database has; where there are more, the
numbers are those of the newest, and say since when. So a page costs the same at 10,000 cases and at a million.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import audit, cases
from engage.accounts import Officer
from engage.models import Case, CaseEvent, Correction, Place, Queue, Report, Site, Zone
from engage.permissions import Right
from engage.posters.register import Named
from engage.tallies import CaseFacts, ReportFacts, Tally, Where, tally
from engage.taxonomy import Act, Category, Happening, Severity

#: The windows of time that can be asked for, in days.
WINDOWS = (7, 28, 90)
MOST_READ = 10_000

#: What the history tells of a case here.
_REFERRED = (Happening.REFERRED, Happening.REFERRAL_ACCEPTED)
_TOLD = (Happening.REOPENED, *_REFERRED, Happening.RECLASSIFIED)


@dataclass(frozen=True, slots=True)
class Spotted:
    """A place by its names; without a zone and a place, the site as a whole."""

    site: Named
    zone: Named | None = None
    place: Named | None = None


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a window: of all its cases, or of the newest, opened since `since`."""

    days: int
    since: datetime
    is_cut: bool
    tally: Tally
    spots: Mapping[Where, Spotted]
    timezones: tuple[str, ...]


def save(session: Session, officer: Officer, name: str, days: int, now: datetime) -> Numbers:
    """The same for a file, whose table is named: that it left the house is in the trail."""
    audit.record(
        session,
        now=now,
        act=Act.NUMBERS_EXPORTED,
        staff_id=officer.staff_id,
        authority_id=officer.authority_id,
        about=f"numbers:{name}",
        details={"days": days},
    )
    return read(session, officer, days, now)


def read(session: Session, officer: Officer, days: int, now: datetime, most: int = MOST_READ) -> Numbers:
    """The numbers of the cases of the last days that an officer may count."""
    since = now - timedelta(days=days)
    queue_ids = list(session.exec(select(Queue.id).where(cases.within(officer, Right.COUNT))))
    newest = sample(queue_ids, since, most)
    query = _CASES.join(newest, newest.c.id == col(Case.id))
    read = list(session.connection().execute(query)) if queue_ids else []
    rows: list[sa.Row[Any]] = sorted(read, key=lambda row: (row.opened_at, row.id), reverse=True)
    is_cut, rows = len(rows) > most, rows[:most]
    if is_cut:
        since = rows[-1].opened_at
    told = _history(session, newest, queue_ids)
    facts = [_facts(row, told.get(row.id, _Told())) for row in rows]
    reports = _reports(session, newest) if queue_ids else []
    found = tally(facts, reports, since, now)
    return Numbers(
        days=days,
        since=since,
        is_cut=is_cut,
        tally=found,
        spots=_spots(session, [where for where, _count in found.places]),
        timezones=tuple(sorted({report.timezone for report in reports})),
    )


@dataclass(slots=True)
class _Told:
    """What the history and the corrections of a case tell: the first of each word of triage is what it had said."""

    reopened: bool = False
    referred: bool = False
    said_category: Category | None = None
    said_severity: Severity | None = None


def sample(queue_ids: list[int | None], since: datetime, most: int) -> sa.Subquery:
    """The ids of the newest cases, one more than are read: of each queue so many through its index, then of all."""
    of_queues = [
        sa.select(
            sa.select(col(Case.id), col(Case.opened_at))
            .where(col(Case.queue_id) == queue_id, col(Case.opened_at) >= since)
            .order_by(col(Case.opened_at).desc(), col(Case.id).desc())
            .limit(most + 1)
            .subquery()
        )
        for queue_id in queue_ids or [None]
    ]
    every = sa.union_all(*of_queues).subquery()
    return sa.select(every.c.id).order_by(every.c.opened_at.desc(), every.c.id.desc()).limit(most + 1).subquery()


_COLUMNS: tuple[Any, ...] = (
    col(Case.id),
    col(Case.opened_at),
    col(Case.category),
    col(Case.severity),
    col(Case.acknowledged_at),
    col(Case.responded_at),
    col(Case.closed_at),
    col(Case.acknowledge_by),
    col(Case.respond_by),
    col(Case.resolve_by),
    col(Case.disposition),
    col(Case.escalation),
    col(Case.merged_into_id),
)
_CASES = sa.select(*_COLUMNS)


def _history(session: Session, newest: sa.Subquery, queue_ids: list[int | None]) -> dict[int, _Told]:
    found: dict[int, _Told] = {}
    if not queue_ids:
        return found
    events = (
        sa.select(col(CaseEvent.case_id), col(CaseEvent.what), col(CaseEvent.details))
        .join(newest, newest.c.id == col(CaseEvent.case_id))
        .where(col(CaseEvent.what).in_(_TOLD))
        .order_by(col(CaseEvent.id))
    )
    for event in session.connection().execute(events):
        told = found.setdefault(event.case_id, _Told())
        told.reopened |= event.what is Happening.REOPENED
        told.referred |= event.what in _REFERRED
        if event.what is Happening.RECLASSIFIED:
            _said_first(told, event.details.get("before") or {})
    corrections = (
        sa.select(col(Correction.case_id), col(Correction.said_category), col(Correction.said_severity))
        .join(newest, newest.c.id == col(Correction.case_id))
        .order_by(col(Correction.id))
    )
    corrected: set[int] = set()
    for row in session.connection().execute(corrections):
        if row.case_id not in corrected:  # a correction knows what triage itself had said, so it stands before
            corrected.add(row.case_id)
            told = found.setdefault(row.case_id, _Told())
            told.said_category, told.said_severity = row.said_category, row.said_severity
    return found


def _said_first(told: _Told, before: Mapping[str, Any]) -> None:
    category, severity = before.get("category"), before.get("severity")
    if told.said_category is None and category in list(Category):
        told.said_category = Category(str(category))
    if told.said_severity is None and severity in list(Severity):
        told.said_severity = Severity(str(severity))


def _facts(row: sa.Row[Any], told: _Told) -> CaseFacts:
    return CaseFacts(
        id=row.id,
        opened_at=row.opened_at,
        category=row.category,
        severity=row.severity,
        said_category=told.said_category or row.category,
        said_severity=told.said_severity or row.severity,
        kept=(row.acknowledged_at, row.responded_at, row.closed_at),
        due=(row.acknowledge_by, row.respond_by, row.resolve_by),
        disposition=row.disposition,
        reopened=told.reopened,
        referred=told.referred,
        escalated=row.escalation > 0,
        merged=row.merged_into_id is not None,
    )


def _reports(session: Session, newest: sa.Subquery) -> list[ReportFacts]:
    query = (
        sa.select(
            col(Report.case_id),
            col(Report.site_id),
            col(Report.place_id),
            col(Report.channel),
            col(Report.language),
            col(Report.received_at),
            col(Site.timezone),
        )
        .join(newest, newest.c.id == col(Report.case_id))
        .join(Site, col(Site.id) == Report.site_id)
    )
    return [
        ReportFacts(
            case_id=row.case_id,
            where=(row.site_id, row.place_id),
            timezone=row.timezone,
            channel=row.channel,
            language=row.language,
            received_at=row.received_at,
        )
        for row in session.connection().execute(query)
    ]


def _spots(session: Session, wheres: list[Where]) -> dict[Where, Spotted]:
    """The names of some places; there are never more of them than the site has posters for."""
    sites = {site.id: Named(site.name, site.names) for site in session.exec(select(Site))}
    query = select(Place, Zone).join(Zone, col(Zone.id) == Place.zone_id)
    places = {
        place.id: (Named(zone.name, zone.names), Named(place.name, place.names)) for place, zone in session.exec(query)
    }
    return {where: Spotted(sites[where[0]], *places.get(where[1], ())) for where in wheres}
