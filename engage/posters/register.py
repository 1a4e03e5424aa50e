"""Which poster hangs where: from a code that someone scanned or typed to the place it stands for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage.models import Place, PlacePhoto, Poster, Site, Zone
from engage.posters.codes import CODE_LENGTH, is_valid, neighbours, normalise
from engage.posters.design import is_discreet
from engage.prepared import Prepared
from engage.vault import Vault

MOST_SUGGESTIONS = 5


@dataclass(frozen=True, slots=True)
class Named:
    """A name, and how it is called in other languages."""

    name: str
    names: dict[str, str]

    def in_language(self, language: str) -> str:
        """The name in a language, or the name as it is."""
        return self.names.get(language, self.name)


def named(model: Any, label: str) -> tuple[Any, Any]:
    """The columns of a name; `with_names` puts them together again."""
    return col(model.name).label(f"{label}_name"), col(model.names).label(f"{label}_names")


def with_names(row: Any) -> dict[str, Any]:
    """The values of a row, with the names of its place, zone and site each in one."""
    values = dict(row._mapping)
    for label in ("place", "zone", "site"):
        values[label] = Named(values.pop(f"{label}_name"), values.pop(f"{label}_names"))
    return values


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a reporter stands, as far as is known: a site always, a place when its poster is known.

    `discreet` where the poster's design is for those who must not be seen reading it.
    """

    site_id: int
    site_slug: str
    site: Named
    timezone: str
    emergency_number: str
    desk_number: str | None
    fallback_queue_id: int
    zone_id: int | None = None
    zone: Named | None = None
    place_id: int | None = None
    place: Named | None = None
    detail: str | None = None
    poster_id: int | None = None
    code: str | None = None
    version: int = 1
    retired: bool = False
    photographed_at: datetime | None = None
    discreet: bool = False


def find_poster(session: Session, typed: str) -> Whereabouts | None:
    """The whereabouts of a poster, from its code written in any way; a retired poster still has a place."""
    code = normalise(typed)
    if not is_valid(code):
        return None
    found = _BY_CODE.rows(session, code=code)
    return _at_poster(found[0]) if found else None


def find_place(session: Session, place_id: int) -> Whereabouts | None:
    """The whereabouts of a place, whatever posters hang there."""
    found = _BY_PLACE.rows(session, place_id=place_id)
    return _at_poster(found[0]) if found else None


def photo_of(session: Session, place_id: int) -> bytes | None:
    """The photo of a place (JPEG), if there is one."""
    return session.exec(select(PlacePhoto.picture).where(PlacePhoto.place_id == place_id)).first()


def find_place_named(session: Session, site: str, place: str) -> Whereabouts | None:
    """The whereabouts of a place, by its slug and that of its site."""
    # PostgreSQL cannot even be asked for a NUL.
    found = _BY_NAMES.rows(session, site=site.replace("\0", "␀"), place=place.replace("\0", "␀"))
    return _at_poster(found[0]) if found else None


def find_site(session: Session, slug: str | None) -> Whereabouts | None:
    """The whereabouts of someone of whom only the site is known; without a slug, of the first site in use."""
    query = select(Site).order_by(col(Site.id)).limit(1)
    in_use = query.where(col(Site.retired_at).is_(None))
    # PostgreSQL cannot even be asked for a NUL.
    site = session.exec(query.where(Site.slug == slug.replace("\0", "␀")) if slug else in_use).first()
    return _at_site(site) if site else None


def find_site_by_id(session: Session, site_id: int) -> Whereabouts:
    """The whereabouts of a site that is known to exist."""
    return _at_site(session.get_one(Site, site_id))


def all_sites(session: Session) -> list[Whereabouts]:
    """Every site in use, by name."""
    in_use = select(Site).where(col(Site.retired_at).is_(None))
    return [_at_site(site) for site in session.exec(in_use.order_by(col(Site.name)))]


@dataclass(frozen=True, slots=True)
class PlaceChoice:
    """A place of a site to choose from."""

    slug: str
    place: Named
    zone: Named


def places_of_site(session: Session, site_id: int) -> list[PlaceChoice]:
    """The places in use of a site, zone by zone, as one walks."""
    query = (
        sa.select(col(Place.slug), col(Place.name), col(Place.names), col(Zone.name), col(Zone.names))
        .join(Zone, col(Zone.id) == Place.zone_id)
        .where(col(Place.site_id) == site_id, col(Place.retired_at).is_(None))
        .order_by(col(Zone.id), col(Place.walking_order).nulls_last(), col(Place.id))
    )
    rows = session.connection().execute(query)
    return [PlaceChoice(slug, Named(name, names), Named(zone, zones)) for slug, name, names, zone, zones in rows]


def standing_elsewhere(session: Session, where: Whereabouts, place: str | None) -> Whereabouts:
    """The whereabouts of someone who came by a poster and says that they stand elsewhere: at a place of its site, by
    its slug, or somewhere at the site. By which poster they came is kept.
    """
    chosen = find_place_named(session, where.site_slug, place) if place else None
    return replace(
        chosen or find_site_by_id(session, where.site_id),
        poster_id=where.poster_id,
        code=where.code,
        version=where.version,
        retired=where.retired,
        discreet=where.discreet,
    )


def suggest(session: Session, typed: str) -> list[Whereabouts]:
    """The posters in use whose codes someone may have meant, at most five, in order of their codes."""
    near = neighbours(normalise(typed[: 4 * CODE_LENGTH]))
    if not near:
        return []
    query = _AT_POSTERS.where(col(Poster.code).in_(near), col(Poster.retired_at).is_(None))
    rows = session.connection().execute(query.order_by(col(Poster.code)).limit(MOST_SUGGESTIONS))
    return [_at_poster(row) for row in rows]


def is_genuine_tag(vault: Vault, where: Whereabouts, tag: str | None) -> bool:
    """Whether a tag is the one in this poster's QR code."""
    return bool(tag and where.code and normalise(tag) == vault.poster_tag(where.code, where.version))


_COLUMNS: tuple[Any, ...] = (
    col(Site.id).label("site_id"),
    col(Site.slug).label("site_slug"),
    col(Site.name).label("site_name"),
    col(Site.names).label("site_names"),
    col(Site.timezone),
    sa.func.coalesce(Place.emergency_number, Site.emergency_number).label("emergency_number"),
    sa.func.coalesce(Place.desk_number, Site.desk_number).label("desk_number"),
    col(Site.fallback_queue_id),
    col(Zone.id).label("zone_id"),
    col(Zone.name).label("zone_name"),
    col(Zone.names).label("zone_names"),
    col(Place.id).label("place_id"),
    col(Place.name).label("place_name"),
    col(Place.names).label("place_names"),
    col(Place.detail),
    col(PlacePhoto.changed_at).label("photographed_at"),
)
_WITH_POSTER: tuple[Any, ...] = (
    col(Poster.id).label("poster_id"),
    col(Poster.code),
    col(Poster.version),
    col(Poster.retired_at),
    col(Poster.design),
)
_WITHOUT_POSTER: tuple[Any, ...] = (
    sa.null().label("poster_id"),
    sa.null().label("code"),
    sa.literal(1).label("version"),
    sa.null().label("retired_at"),
    sa.null().label("design"),
)
_AT_POSTERS = (
    sa.select(*_COLUMNS, *_WITH_POSTER)
    .select_from(Poster)
    .join(Place, col(Place.id) == Poster.place_id)
    .join(Zone, col(Zone.id) == Place.zone_id)
    .join(Site, col(Site.id) == Place.site_id)
    .outerjoin(PlacePhoto, col(PlacePhoto.place_id) == Place.id)
)
_BY_CODE = Prepared(_AT_POSTERS.where(col(Poster.code) == sa.bindparam("code")))
_AT_PLACES = (
    sa.select(*_COLUMNS, *_WITHOUT_POSTER)
    .select_from(Place)
    .join(Zone, col(Zone.id) == Place.zone_id)
    .join(Site, col(Site.id) == Place.site_id)
    .outerjoin(PlacePhoto, col(PlacePhoto.place_id) == Place.id)
)
_BY_PLACE = Prepared(_AT_PLACES.where(col(Place.id) == sa.bindparam("place_id")))
_BY_NAMES = Prepared(_AT_PLACES.where(col(Site.slug) == sa.bindparam("site"), col(Place.slug) == sa.bindparam("place")))


def _at_poster(row: Any) -> Whereabouts:
    return Whereabouts(
        site_id=row.site_id,
        site_slug=row.site_slug,
        site=Named(row.site_name, row.site_names),
        timezone=row.timezone,
        emergency_number=row.emergency_number,
        desk_number=row.desk_number,
        fallback_queue_id=row.fallback_queue_id,
        zone_id=row.zone_id,
        zone=Named(row.zone_name, row.zone_names),
        place_id=row.place_id,
        place=Named(row.place_name, row.place_names),
        detail=row.detail,
        poster_id=row.poster_id,
        code=row.code,
        version=row.version,
        retired=row.retired_at is not None,
        photographed_at=row.photographed_at,
        discreet=is_discreet(row.design),
    )


def _at_site(site: Site) -> Whereabouts:
    return Whereabouts(
        site_id=site.id or 0,
        site_slug=site.slug,
        site=Named(site.name, site.names),
        timezone=site.timezone,
        emergency_number=site.emergency_number,
        desk_number=site.desk_number,
        fallback_queue_id=site.fallback_queue_id,
    )
