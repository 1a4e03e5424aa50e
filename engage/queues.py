"""Reading queues: what waits where, and the cases of one queue page by page, the most urgent and newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import cases
from engage.accounts import Officer
from engage.cases import CaseMissing
from engage.models import Case, Place, Queue, Report, Site, Staff, Zone
from engage.posters.register import Named
from engage.taxonomy import CaseStatus, Category, Severity

#: Nobody reads further than this, and counting a million rows takes seconds.
MOST_COUNTED = 1000
PAGE = 50
EXCERPT = 120


@dataclass(frozen=True, slots=True)
class Waiting:
    """A queue and how many open cases wait in it; counts stop at 1,000. `oldest` opened first of those nobody holds."""

    slug: str
    name: str
    sealed: bool
    by_severity: dict[Severity, int]
    unheld: int
    oldest: datetime | None

    @property
    def open(self) -> int:
        """How many cases are open."""
        return min(sum(self.by_severity.values()), MOST_COUNTED)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases of a queue to show, from where on. Without a status: the open ones; `closed`: the ended ones."""

    status: CaseStatus | None = None
    category: Category | None = None
    severity: Severity | None = None
    site: str | None = None
    place: str | None = None
    after: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One case as the queue shows it. `excerpt` begins the first report of `reports`."""

    id: int
    reference: str
    status: CaseStatus
    category: Category
    severity: Severity
    urgency: int
    reporter_waits: bool
    opened_at: datetime
    site: Named
    timezone: str
    zone: Named | None
    place: Named | None
    holder: str | None
    excerpt: str = ""
    language: str = ""
    reports: int = 1


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that a queue page can be narrowed to."""

    site: Named
    site_slug: str
    zone: Named
    slug: str
    name: Named


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page of a queue; `next` continues it, where there is more."""

    slug: str
    name: str
    sealed: bool
    rows: tuple[Row, ...]
    next: tuple[int, int] | None


def waiting(session: Session, officer: Officer) -> list[Waiting]:
    """The queues an officer works, and what waits in them."""
    return [_count(session, queue) for queue in cases.queues_of(session, officer)]


def spots(session: Session) -> list[Spot]:
    """Every place, site by site and zone by zone."""
    query = (
        select(Site, Zone, Place)
        .join(Zone, col(Zone.site_id) == Site.id)
        .join(Place, col(Place.zone_id) == Zone.id)
        .order_by(col(Site.name), col(Zone.name), col(Place.name), col(Place.id))
    )
    return [
        Spot(
            site=Named(site.name, site.names),
            site_slug=site.slug,
            zone=Named(zone.name, zone.names),
            slug=place.slug,
            name=Named(place.name, place.names),
        )
        for site, zone, place in session.exec(query)
    ]


def read_page(session: Session, officer: Officer, slug: str, wanted: Wanted) -> QueuePage:
    """A page of 50 cases; `CaseMissing` for a queue that the officer may not see, just as for none at all."""
    # PostgreSQL cannot even be asked for a NUL.
    named = Queue.slug == slug.replace("\0", "␀")
    queue = session.exec(select(Queue).where(named, cases.visible_to(officer))).first()
    if queue is None:
        raise CaseMissing
    found = session.connection().execute(_narrowed(queue, wanted)).all()
    shown = [_row(row) for row in found[:PAGE]]
    more = len(found) > PAGE
    return QueuePage(
        slug=queue.slug,
        name=queue.name,
        sealed=queue.sealed,
        rows=tuple(_with_reports(session, shown)),
        next=(shown[-1].urgency, shown[-1].id) if more else None,
    )


_COLUMNS: tuple[Any, ...] = (
    col(Case.id),
    col(Case.reference),
    col(Case.status),
    col(Case.category),
    col(Case.severity),
    col(Case.urgency),
    col(Case.reporter_waits),
    col(Case.opened_at),
    col(Site.name).label("site_name"),
    col(Site.names).label("site_names"),
    col(Site.timezone),
    col(Zone.name).label("zone_name"),
    col(Zone.names).label("zone_names"),
    col(Place.name).label("place_name"),
    col(Place.names).label("place_names"),
    col(Staff.name).label("holder"),
)
_ROWS = (
    sa.select(*_COLUMNS)
    .select_from(Case)
    .join(Site, col(Site.id) == Case.site_id)
    .outerjoin(Place, col(Place.id) == Case.place_id)
    .outerjoin(Zone, col(Zone.id) == Place.zone_id)
    .outerjoin(Staff, col(Staff.id) == Case.holder_id)
    .order_by(col(Case.urgency).desc(), col(Case.id).desc())
    .limit(PAGE + 1)
)


def _narrowed(queue: Queue, wanted: Wanted) -> sa.Select[Any]:
    query = _ROWS.where(col(Case.queue_id) == queue.id)
    if wanted.status is None:
        query = query.where(col(Case.closed_at).is_(None))
    elif wanted.status is CaseStatus.CLOSED:
        query = query.where(col(Case.closed_at).is_not(None))
    else:
        query = query.where(col(Case.status) == wanted.status)
    if wanted.category:
        query = query.where(col(Case.category) == wanted.category)
    if wanted.severity:
        query = query.where(col(Case.severity) == wanted.severity)
    if wanted.site:
        query = query.where(col(Site.slug) == wanted.site)
    if wanted.place:
        query = query.where(col(Place.slug) == wanted.place)
    if wanted.after:
        query = query.where(sa.tuple_(col(Case.urgency), col(Case.id)) < sa.tuple_(*map(sa.literal, wanted.after)))
    return query


def _row(row: sa.Row[Any]) -> Row:
    return Row(
        id=row.id,
        reference=row.reference,
        status=row.status,
        category=row.category,
        severity=row.severity,
        urgency=row.urgency,
        reporter_waits=row.reporter_waits,
        opened_at=row.opened_at,
        site=Named(row.site_name, row.site_names),
        timezone=row.timezone,
        zone=Named(row.zone_name, row.zone_names) if row.zone_name else None,
        place=Named(row.place_name, row.place_names) if row.place_name else None,
        holder=row.holder,
    )


def _with_reports(session: Session, rows: Sequence[Row]) -> list[Row]:
    """The rows with the beginning of their first report, and how many reports each holds."""
    counted = (
        sa.select(sa.func.min(Report.id).label("first"), sa.func.count().label("reports"))
        .where(col(Report.case_id).in_([row.id for row in rows]))
        .group_by(col(Report.case_id))
        .subquery()
    )
    beginning = sa.func.substr(Report.text, 1, 2 * EXCERPT).label("beginning")
    query = sa.select(col(Report.case_id), beginning, col(Report.language), counted.c.reports).join(
        counted, col(Report.id) == counted.c.first
    )
    found = {row.case_id: row for row in session.connection().execute(query)} if rows else {}
    return [
        replace(row, excerpt=excerpt(report.beginning), language=report.language, reports=report.reports)
        if (report := found.get(row.id))
        else row
        for row in rows
    ]


def excerpt(text: str) -> str:
    """The beginning of a text on one line, about 120 characters of it, cut between words where there are any."""
    line = " ".join(text.split())
    if len(line) <= EXCERPT:
        return line
    cut = line[: EXCERPT - 1]
    space = cut.rfind(" ", EXCERPT * 2 // 3)
    return (cut[:space] if space > 0 else cut) + "…"


def _count(session: Session, queue: Queue) -> Waiting:
    counted = session.connection().execute(sa.union_all(*(_counting(queue, severity) for severity in Severity))).all()
    by_urgency = {row.urgency: row for row in counted}
    return Waiting(
        slug=queue.slug,
        name=queue.name,
        sealed=queue.sealed,
        by_severity={severity: by_urgency[severity.urgency].cases for severity in Severity},
        unheld=min(sum(row.unheld or 0 for row in counted), MOST_COUNTED),
        oldest=min((row.oldest for row in counted if row.oldest), default=None),
    )


def _counting(queue: Queue, severity: Severity) -> sa.Select[*tuple[Any, ...]]:
    """Counts over the oldest 1,000 open cases of a severity, found in the partial index of open cases."""
    oldest = (
        sa.select(col(Case.holder_id), col(Case.opened_at))
        .where(col(Case.queue_id) == queue.id, col(Case.urgency) == severity.urgency, col(Case.closed_at).is_(None))
        .order_by(col(Case.id))
        .limit(MOST_COUNTED)
        .subquery()
    )
    free = oldest.c.holder_id.is_(None)
    return sa.select(
        sa.literal(severity.urgency).label("urgency"),
        sa.func.count().label("cases"),
        sa.func.sum(sa.case((free, 1), else_=0)).label("unheld"),
        sa.func.min(sa.case((free, oldest.c.opened_at))).label("oldest"),
    ).select_from(oldest)
