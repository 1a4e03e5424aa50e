"""The queues of an officer and what waits in each; their cases are read in `listing`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import cases
from engage.accounts import Officer
from engage.models import Case, Place, Queue, Site, Watch, Zone
from engage.permissions import Right
from engage.posters.register import Named
from engage.taxonomy import Severity

#: Nobody reads further than this, and counting a million rows takes seconds.
MOST_COUNTED = 1000


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
class PlaceChoice:
    """A place that a queue page can be narrowed to."""

    site: Named
    site_slug: str
    zone: Named
    slug: str
    name: Named


def waiting(session: Session, officer: Officer) -> list[Waiting]:
    """The queues an officer works, and what waits in them."""
    return [_count(session, queue) for queue in cases.queues_of(session, officer)]


def spots(session: Session) -> list[PlaceChoice]:
    """Every place in use, site by site and zone by zone."""
    query = (
        select(Site, Zone, Place)
        .join(Zone, col(Zone.site_id) == Site.id)
        .join(Place, col(Place.zone_id) == Zone.id)
        .where(*(col(model.retired_at).is_(None) for model in (Site, Zone, Place)))
        .order_by(col(Site.name), col(Zone.name), col(Place.name), col(Place.id))
    )
    return [
        PlaceChoice(
            site=Named(site.name, site.names),
            site_slug=site.slug,
            zone=Named(zone.name, zone.names),
            slug=place.slug,
            name=Named(place.name, place.names),
        )
        for site, zone, place in session.exec(query)
    ]


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


def needs(session: Session, officer: Officer) -> int:
    """How many urgent cases nobody holds in the queues whose watch an officer has; counted up to 1,000."""
    watched = (
        sa.select(col(Watch.queue_id))
        .join(Queue, col(Queue.id) == Watch.queue_id)
        .where(
            col(Watch.staff_id) == officer.staff_id,
            col(Watch.ended_at).is_(None),
            cases.within(officer, Right.WORK),  # who has left the unit has its watch no longer
        )
    )
    query = (
        sa.select(col(Case.id))
        .where(
            col(Case.queue_id).in_(watched),
            col(Case.closed_at).is_(None),
            col(Case.urgency) >= Severity.HIGH.urgency,
            col(Case.holder_id).is_(None),
        )
        .limit(MOST_COUNTED)
    )
    return int(session.connection().execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one())
