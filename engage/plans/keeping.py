"""Floor plans and their pins: added, changed and removed by administrators, each of their own sites."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import audit
from engage.accounts import Officer
from engage.db import add_row, add_rows
from engage.models import FloorPlan, Place, PlanPin, Site, Zone
from engage.plans.files import PlanFile
from engage.posters import owners
from engage.posters.register import Named, named
from engage.taxonomy import Act
from engage.vault import Vault

#: What plans are sealed for.
PLAN: Final = "floor-plan"
LONGEST_NAME: Final = 200
#: Plans of one site.
MOST: Final = 50


class PlanMissing(Exception):
    """There is no such plan, site or zone for this officer."""


class StalePlan(Exception):
    """Somebody else changed the plan meanwhile. Looking again helps."""


class NoName(Exception):
    """A plan needs a name that can be kept."""


class TooManyPlans(Exception):
    """The site has as many plans as one may have."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where on a plan: shares of its width from the left and of its height from the top."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Plan:
    """A floor plan as it is told of. `height` is what it would be with a width of 1."""

    id: int
    name: str
    site_id: int
    site_slug: str
    site: Named
    timezone: str
    zone_id: int | None
    zone: Named | None
    height: float
    version: int
    pins: int


@dataclass(frozen=True, slots=True)
class Pinned:
    """A place of a plan's site or zone, and where its pin is, if it has one."""

    id: int
    slug: str
    place: Named
    zone: Named
    detail: str | None
    spot: Spot | None


def listed(session: Session, authority_id: int) -> list[Plan]:
    """The plans of an authority's sites, site by site; those of a whole site come first."""
    query = _query(authority_id).order_by(
        col(Site.name), col(Site.id), col(Zone.id).nulls_first(), col(FloorPlan.name), col(FloorPlan.id)
    )
    return [_plan(row) for row in session.connection().execute(query)]


def find(session: Session, authority_id: int, plan_id: int) -> Plan:
    """One plan, or `PlanMissing`."""
    row = session.connection().execute(_query(authority_id).where(col(FloorPlan.id) == plan_id)).first()
    if row is None:
        raise PlanMissing
    return _plan(row)


def content(session: Session, vault: Vault, authority_id: int, plan_id: int) -> tuple[bytes, str]:
    """The drawing of a plan and its type, or `PlanMissing`."""
    plan = find(session, authority_id, plan_id)
    sealed, kind = session.exec(
        select(FloorPlan.sealed_content, FloorPlan.content_type).where(FloorPlan.id == plan.id)
    ).one()
    return vault.unseal(PLAN, sealed), kind


def places(session: Session, plan: Plan) -> list[Pinned]:
    """The places in use that a plan can show, as one walks."""
    query = (
        sa.select(
            *(col(column) for column in (Place.id, Place.slug, Place.detail, PlanPin.x, PlanPin.y)),
            *named(Place, "place"),
            *named(Zone, "zone"),
        )
        .select_from(Place)
        .join(Zone, col(Zone.id) == Place.zone_id)
        .outerjoin(PlanPin, sa.and_(col(PlanPin.place_id) == Place.id, col(PlanPin.plan_id) == plan.id))
        .where(col(Place.site_id) == plan.site_id, col(Place.retired_at).is_(None))
        .order_by(col(Zone.id), col(Place.walking_order).nulls_last(), col(Place.id))
    )
    if plan.zone_id is not None:
        query = query.where(col(Place.zone_id) == plan.zone_id)
    return [
        Pinned(
            id=row.id,
            slug=row.slug,
            place=Named(row.place_name, row.place_names),
            zone=Named(row.zone_name, row.zone_names),
            detail=row.detail,
            spot=None if row.x is None else Spot(row.x, row.y),
        )
        for row in session.connection().execute(query)
    ]


def add(
    session: Session, vault: Vault, officer: Officer, now: datetime, site: str, zone: str, name: str, file: PlanFile
) -> int:
    """Add a plan of a site, or of one of its zones where `zone` names it, and give its id.

    Raises `PlanMissing` for a site or zone that is none of theirs, `NoName` and `TooManyPlans`.
    """
    kept = checked_name(name)
    found = {one.slug: one.id for one in owners.named_sites(session, officer.authority_id)}
    site_id = found.get(site)
    query = select(Zone.id).where(Zone.site_id == site_id, Zone.slug == zone.replace("\0", "␀"))
    zone_id = session.exec(query.where(col(Zone.retired_at).is_(None))).first() if zone else None
    if site_id is None or (zone and zone_id is None):
        raise PlanMissing
    there = select(sa.func.count()).select_from(FloorPlan).where(col(FloorPlan.site_id) == site_id)
    if session.exec(there).one() >= MOST:
        raise TooManyPlans
    plan_id = add_row(
        session,
        FloorPlan,
        site_id=site_id,
        zone_id=zone_id,
        name=kept,
        version=1,
        **_drawn(vault, file),
        **_changed(officer, now),
    )
    _tell(session, officer, now, plan_id, {"added": kept, "site": site})
    return plan_id


def change(
    session: Session,
    vault: Vault,
    officer: Officer,
    now: datetime,
    plan_id: int,
    *,
    seen: int,
    name: str,
    spots: Mapping[str, Spot | None],
    file: PlanFile | None = None,
) -> None:
    """Give a plan another name, other pins and, where there is a file, another drawing, on which the pins stay.

    `spots` has the places that were on the form, by their slugs. Raises `PlanMissing`, `NoName`, and `StalePlan` where
    `seen` is not the version of now.
    """
    kept = checked_name(name)
    plan = find(session, officer.authority_id, plan_id)
    drawn = _drawn(vault, file) if file else {}
    _take(session, plan, seen, name=kept, **drawn, **_changed(officer, now))
    known = [one for one in places(session, plan) if one.slug in spots]
    moved = {one.slug: spots[one.slug] for one in known if spots[one.slug] != one.spot}
    session.connection().execute(
        sa.delete(PlanPin).where(col(PlanPin.plan_id) == plan.id, col(PlanPin.place_id).in_([one.id for one in known]))
    )
    pins = ((one.id, spots[one.slug]) for one in known)
    add_rows(
        session,
        PlanPin,
        [{"plan_id": plan.id, "place_id": place, "x": spot.x, "y": spot.y} for place, spot in pins if spot],
    )
    about = {"name": kept, "pins": {slug: [spot.x, spot.y] if spot else None for slug, spot in moved.items()}}
    _tell(session, officer, now, plan.id, about | ({"drawing": file.content_type} if file else {}))


def remove(session: Session, officer: Officer, now: datetime, plan_id: int, seen: int) -> None:
    """Remove a plan with its pins. Raises `PlanMissing` and `StalePlan`."""
    plan = find(session, officer.authority_id, plan_id)
    _take(session, plan, seen)
    session.connection().execute(sa.delete(PlanPin).where(col(PlanPin.plan_id) == plan.id))
    session.connection().execute(sa.delete(FloorPlan).where(col(FloorPlan.id) == plan.id))
    _tell(session, officer, now, plan.id, {"removed": plan.name, "pins": plan.pins})


def checked_name(name: str) -> str:
    """A name as it is kept. Raises `NoName`."""
    kept = " ".join(name.split())
    if not 0 < len(kept) <= LONGEST_NAME or any(unicodedata.category(letter) == "Cc" for letter in kept):
        raise NoName
    return kept


def _take(session: Session, plan: Plan, seen: int, **values: Any) -> None:
    """Change a plan that is as it was seen, so that nobody else does until this transaction ends; else `StalePlan`."""
    done = session.connection().execute(
        sa.update(FloorPlan)
        .where(col(FloorPlan.id) == plan.id, col(FloorPlan.version) == seen)
        .values(version=seen + 1, **values)
    )
    if done.rowcount != 1:
        raise StalePlan


def _drawn(vault: Vault, file: PlanFile) -> dict[str, Any]:
    sealed = vault.seal(PLAN, file.content)
    return {
        "content_type": file.content_type,
        "sealed_content": sealed,
        "width": file.width,
        "height": file.height,
    }


def _changed(officer: Officer, now: datetime) -> dict[str, Any]:
    return {"staff_id": officer.staff_id or None, "changed_at": now}


def _tell(session: Session, officer: Officer, now: datetime, plan_id: int, details: dict[str, Any]) -> None:
    audit.record(
        session,
        now=now,
        act=Act.SETTINGS_CHANGED,
        staff_id=officer.staff_id or None,
        authority_id=officer.authority_id,
        about=f"plans:{plan_id}",
        details=details,
    )


def _query(authority_id: int) -> sa.Select[*tuple[Any, ...]]:
    pins = (
        sa.select(sa.func.count())
        .select_from(PlanPin)
        .join(Place, sa.and_(col(Place.id) == PlanPin.place_id, col(Place.retired_at).is_(None)))
        .where(col(PlanPin.plan_id) == FloorPlan.id)
        .correlate(FloorPlan)
        .scalar_subquery()
    )
    columns: tuple[Any, ...] = (FloorPlan.id, FloorPlan.name, FloorPlan.site_id, FloorPlan.zone_id, FloorPlan.version)
    return (
        sa.select(
            *(col(column) for column in (*columns, FloorPlan.width, FloorPlan.height, Site.timezone)),
            col(Site.slug).label("site_slug"),
            *named(Site, "site"),
            *named(Zone, "zone"),
            pins.label("pins"),
        )
        .select_from(FloorPlan)
        .join(Site, col(Site.id) == FloorPlan.site_id)
        .outerjoin(Zone, col(Zone.id) == FloorPlan.zone_id)
        .where(col(FloorPlan.site_id).in_(owners.sites_of(authority_id)))
    )


def _plan(row: Any) -> Plan:
    return Plan(
        id=row.id,
        name=row.name,
        site_id=row.site_id,
        site_slug=row.site_slug,
        site=Named(row.site_name, row.site_names),
        timezone=row.timezone,
        zone_id=row.zone_id,
        zone=Named(row.zone_name, row.zone_names) if row.zone_id is not None else None,
        height=row.height / row.width,
        version=row.version,
        pins=row.pins,
    )
