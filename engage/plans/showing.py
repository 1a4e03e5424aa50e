"""What there is at each place of a plan, for one officer: open cases, reports lately, warnings of posters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col

from engage import cases, permissions
from engage.accounts import Officer
from engage.models import Case, FloorPlan, Place, PlanPin, Poster, PosterWarning, Queue, Report
from engage.permissions import Right
from engage.plans.keeping import Pinned, Plan, PlanMissing, Spot, find, places
from engage.taxonomy import PosterTrouble, Severity

#: Reports are counted of so many days.
DAYS: Final = 7
#: Width and height of what a case shows of a plan that is 1,000 wide.
CROP: Final = (500, 300)


@dataclass(frozen=True, slots=True)
class There:
    """What there is at a place: open cases, the gravest severity of them, reports lately, posters in use and warnings.

    `posters` is None for who does not watch over posters.
    """

    at: Pinned
    cases: int = 0
    worst: Severity | None = None
    reports: int = 0
    posters: int | None = None
    warnings: tuple[PosterTrouble, ...] = ()


@dataclass(frozen=True, slots=True)
class Pin:
    """The pin of a place, by its slug, on a plan that shows it."""

    plan: Plan
    place: str
    spot: Spot

    @property
    def crop(self) -> tuple[float, float]:
        """The left and the top of a window of 500 by 300 around it, on a plan of a width of 1,000."""
        high = 1000 * self.plan.height
        left, top = 1000 * self.spot.x - CROP[0] / 2, high * self.spot.y - CROP[1] / 2
        return round(min(max(left, 0), 1000 - CROP[0]), 2), round(min(max(top, 0), max(high - CROP[1], 0)), 2)


def there(session: Session, officer: Officer, plan: Plan, now: datetime) -> list[There]:
    """What there is at the places of a plan, of what the officer works; as one walks."""
    found = places(session, plan)
    ids = [one.id for one in found]
    working = _cases(session, officer, plan)
    reports = _reports(session, officer, plan, now - timedelta(days=DAYS))
    keeps = permissions.may(officer.role, Right.KEEP_POSTERS).allowed
    posters, warnings = _posters(session, ids) if keeps else ({}, {})
    return [
        There(
            at=one,
            cases=working.get(one.id, (0, None))[0],
            worst=working.get(one.id, (0, None))[1],
            reports=reports.get(one.id, 0),
            posters=posters.get(one.id, 0) if keeps else None,
            warnings=warnings.get(one.id, ()),
        )
        for one in found
    ]


def pin_of(session: Session, officer: Officer, place_id: int | None) -> Pin | None:
    """Where a place is on the plan that shows it largest: that of its zone before that of its site."""
    if place_id is None:
        return None
    query = (
        sa.select(col(PlanPin.plan_id), col(PlanPin.x), col(PlanPin.y), col(Place.slug))
        .join(Place, col(Place.id) == PlanPin.place_id)
        .join(FloorPlan, col(FloorPlan.id) == PlanPin.plan_id)
        .where(col(PlanPin.place_id) == place_id)
        .order_by(col(FloorPlan.zone_id).is_(None), col(FloorPlan.id).desc())
        .limit(1)
    )
    row = session.connection().execute(query).first()
    if row is None:
        return None
    try:
        return Pin(find(session, officer.authority_id, row.plan_id), row.slug, Spot(row.x, row.y))
    except PlanMissing:  # a case that came from another authority, at a site with which this one has nothing to do
        return None


def _cases(session: Session, officer: Officer, plan: Plan) -> dict[int, tuple[int, Severity | None]]:
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(col(Case.place_id), sa.func.count(), sa.func.max(col(Case.urgency)))
        .join(Queue, col(Queue.id) == Case.queue_id)
        .where(
            cases.within(officer, Right.WORK),
            col(Case.site_id) == plan.site_id,
            col(Case.place_id).is_not(None),
            col(Case.closed_at).is_(None),
        )
        .group_by(col(Case.place_id))
    )
    by_urgency = {severity.urgency: severity for severity in Severity}
    return {place: (count, by_urgency[worst]) for place, count, worst in session.connection().execute(query)}


def _reports(session: Session, officer: Officer, plan: Plan, since: datetime) -> dict[int, int]:
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(col(Report.place_id), sa.func.count())
        .join(Case, col(Case.id) == Report.case_id)
        .join(Queue, col(Queue.id) == Case.queue_id)
        .where(
            cases.within(officer, Right.WORK),
            col(Report.site_id) == plan.site_id,
            col(Report.place_id).is_not(None),
            col(Report.received_at) >= since,
        )
        .group_by(col(Report.place_id))
    )
    return _by_place(session, query)


def _posters(
    session: Session, place_ids: Collection[int]
) -> tuple[dict[int, int], dict[int, tuple[PosterTrouble, ...]]]:
    """The posters in use at places, and what is warned of there, the gravest first."""
    at = col(Poster.place_id).in_(place_ids)
    counted: sa.Select[*tuple[Any, ...]] = sa.select(col(Poster.place_id), sa.func.count())
    posters = counted.where(at, col(Poster.retired_at).is_(None)).group_by(col(Poster.place_id))
    standing = (
        sa.select(col(Poster.place_id), col(PosterWarning.kind))
        .join(Poster, col(Poster.id) == PosterWarning.poster_id)
        .where(at, col(PosterWarning.ended_at).is_(None))
    )
    kinds: dict[int, set[PosterTrouble]] = defaultdict(set)
    for place, kind in session.connection().execute(standing):
        kinds[place].add(kind)
    order = list(PosterTrouble)
    warnings = {place: tuple(sorted(some, key=order.index)) for place, some in kinds.items()}
    return _by_place(session, posters), warnings


def _by_place(session: Session, query: sa.Select[*tuple[Any, ...]]) -> dict[int, int]:
    return {row[0]: row[1] for row in session.connection().execute(query)}
