"""Photos of places: one for each, drawn anew and small, which a poster's page shows to everybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import audit
from engage.accounts import Officer
from engage.db import add_row
from engage.models import Place, PlacePhoto, Site, Zone
from engage.pictures import THUMB, Picture
from engage.plans.keeping import PlanMissing
from engage.posters import owners, register
from engage.posters.register import Named, named
from engage.taxonomy import Act


@dataclass(frozen=True, slots=True)
class Photographed:
    """A place in use of a site, and whether there is a photo of it."""

    slug: str
    place: Named
    zone: Named
    detail: str | None
    has_photo: bool


def of_site(session: Session, site_id: int) -> list[Photographed]:
    """The places in use of a site, as one walks."""
    query = (
        sa.select(
            col(Place.slug),
            col(Place.detail),
            *named(Place, "place"),
            *named(Zone, "zone"),
            col(PlacePhoto.place_id).is_not(None).label("has_photo"),
        )
        .select_from(Place)
        .join(Zone, col(Zone.id) == Place.zone_id)
        .outerjoin(PlacePhoto, col(PlacePhoto.place_id) == Place.id)
        .where(col(Place.site_id) == site_id, col(Place.retired_at).is_(None))
        .order_by(col(Zone.id), col(Place.walking_order).nulls_last(), col(Place.id))
    )
    return [
        Photographed(
            slug=row.slug,
            place=Named(row.place_name, row.place_names),
            zone=Named(row.zone_name, row.zone_names),
            detail=row.detail,
            has_photo=row.has_photo,
        )
        for row in session.connection().execute(query)
    ]


def picture_at(session: Session, authority_id: int, site: str, place: str) -> bytes:
    """The photo of a place of one of an authority's sites, or `PlanMissing`."""
    found = register.photo_of(session, _place(session, authority_id, site, place))
    if found is None:
        raise PlanMissing
    return found


def keep(session: Session, officer: Officer, now: datetime, site: str, place: str, photo: Picture | None) -> None:
    """Keep the photo of a place in the place of the one there was, or remove it. Raises `PlanMissing`.

    Two at once for one place: the second fails with an IntegrityError, and done again it replaces the first.
    """
    place_id = _place(session, officer.authority_id, site, place)
    session.connection().execute(sa.delete(PlacePhoto).where(col(PlacePhoto.place_id) == place_id))
    if photo is not None:
        shrunk = min(1.0, THUMB / max(photo.width, photo.height))
        add_row(
            session,
            PlacePhoto,
            place_id=place_id,
            picture=photo.thumb,
            width=max(1, round(shrunk * photo.width)),
            height=max(1, round(shrunk * photo.height)),
            staff_id=officer.staff_id or None,
            changed_at=now,
        )
    audit.record(
        session,
        now=now,
        act=Act.SETTINGS_CHANGED,
        staff_id=officer.staff_id or None,
        authority_id=officer.authority_id,
        about=f"places:{site}.{place}",
        details={"photo": photo is not None},
    )


def _place(session: Session, authority_id: int, site: str, place: str) -> int:
    """The id of a place of one of an authority's sites,"""
    query = (
        select(Place.id)
        .join(Site, col(Site.id) == Place.site_id)
        .where(Site.slug == site.replace("\0", "␀"), Place.slug == place.replace("\0", "␀"))
        .where(col(Site.id).in_(owners.sites_of(authority_id)), col(Place.retired_at).is_(None))
    )
    found = session.exec(query).first()
    if found is None:
        raise PlanMissing
    return found
