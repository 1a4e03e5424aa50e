"""The register of posters as staff read it: each with its place, how it was made, and what is known of it there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col

from engage.models import Place, Poster, PosterInspection, PosterScan, PosterWarning, Site, Zone
from engage.posters import owners
from engage.posters.codes import normalise
from engage.posters.register import Named, named, with_names
from engage.taxonomy import Condition, PosterTrouble

ON_A_PAGE: Final = 50
#: What posters can be narrowed by beside how they were found last.
WARNED, NEVER, RETIRED = "warned", "never", "retired"
STATES: Final = (WARNED, *Condition, NEVER, RETIRED)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which posters are wanted: of a site, of a state, of a design, with a code or a piece of a place's name."""

    site: str = ""
    state: str = ""
    design: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """One poster of the register. `installed_at` is when it was first found in place."""

    id: int
    code: str
    version: int
    design: str | None
    size: str | None
    languages: str | None
    printed_at: datetime | None
    retired_at: datetime | None
    place: Named
    zone: Named
    site: Named
    site_slug: str
    timezone: str
    detail: str | None
    found: Condition | None
    inspected_at: datetime | None
    installed_at: datetime | None
    scanned_at: datetime | None
    warnings: tuple[PosterTrouble, ...] = field(default=())


def page(session: Session, authority_id: int, asked: Asked, after: str = "") -> tuple[list[Listed], str]:
    """The posters after a code, by place and code, and the code that the next page comes after; empty at the end."""
    query = _query().where(col(Place.site_id).in_(owners.sites_of(authority_id)), *_narrowed(asked))
    last = session.connection().execute(
        sa.select(col(Place.name), col(Poster.code))
        .join(Place, col(Place.id) == Poster.place_id)
        .where(col(Poster.code) == normalise(after[:20]))
    )
    for name, code in last:
        query = query.where(sa.tuple_(col(Place.name), col(Poster.code)) > sa.tuple_(sa.literal(name), code))
    query = query.order_by(col(Place.name), col(Poster.code)).limit(ON_A_PAGE + 1)
    rows = session.connection().execute(query).all()
    found = _listed(session, rows[:ON_A_PAGE])
    return found, found[-1].code if len(rows) > ON_A_PAGE else ""


def one(session: Session, authority_id: int, code: str) -> Listed:
    """One poster, or `owners.PosterMissing`."""
    poster = owners.find(session, authority_id, normalise(code))
    return _listed(session, session.connection().execute(_query().where(col(Poster.id) == poster.id)).all())[0]


def designs(session: Session) -> list[str]:
    """The designs of which there is a poster."""
    query = sa.select(col(Poster.design)).where(col(Poster.design).is_not(None)).distinct()
    return sorted(session.connection().scalars(query))


def hourly_scans(session: Session, poster_id: int, since: datetime) -> list[tuple[datetime, int]]:
    """The scans of a poster by the hour since a moment."""
    query = (
        sa.select(col(PosterScan.hour), col(PosterScan.scans))
        .where(col(PosterScan.poster_id) == poster_id, col(PosterScan.hour) >= since)
        .order_by(col(PosterScan.hour))
    )
    return [(hour, scans) for hour, scans in session.connection().execute(query)]


def _latest(column: Any) -> Any:
    """A column of the latest inspection of a poster."""
    return (
        sa.select(column)
        .where(col(PosterInspection.poster_id) == Poster.id)
        .order_by(col(PosterInspection.made_at).desc(), col(PosterInspection.id).desc())
        .limit(1)
        .correlate(Poster)
        .scalar_subquery()
    )


_FOUND = _latest(col(PosterInspection.found))
_WARNED = sa.exists().where(col(PosterWarning.poster_id) == Poster.id, col(PosterWarning.ended_at).is_(None))


def _query() -> sa.Select[*tuple[Any, ...]]:
    installed = (
        sa.select(sa.func.min(col(PosterInspection.made_at)))
        .where(col(PosterInspection.poster_id) == Poster.id, col(PosterInspection.found) == Condition.IN_PLACE)
        .correlate(Poster)
        .scalar_subquery()
    )
    scanned = (
        sa.select(sa.func.max(col(PosterScan.hour)))
        .where(col(PosterScan.poster_id) == Poster.id, col(PosterScan.scans) > 0)
        .correlate(Poster)
        .scalar_subquery()
    )
    columns: tuple[Any, ...] = (
        *(Poster.id, Poster.code, Poster.version, Poster.design, Poster.size, Poster.languages),
        *(Poster.printed_at, Poster.retired_at, Place.detail, Site.timezone),
    )
    return (
        sa.select(
            *(col(column) for column in columns),
            *named(Place, "place"),
            *named(Zone, "zone"),
            *named(Site, "site"),
            col(Site.slug).label("site_slug"),
            _FOUND.label("found"),
            _latest(col(PosterInspection.made_at)).label("inspected_at"),
            installed.label("installed_at"),
            scanned.label("scanned_at"),
        )
        .select_from(Poster)
        .join(Place, col(Place.id) == Poster.place_id)
        .join(Zone, col(Zone.id) == Place.zone_id)
        .join(Site, col(Site.id) == Place.site_id)
    )


def _narrowed(asked: Asked) -> list[Any]:
    """What rows must be like. A retired poster is shown where retired ones are asked for, or its own code."""
    narrowed: list[Any] = []
    code = normalise(asked.words[:20])
    if asked.site:
        narrowed.append(col(Site.slug) == asked.site.replace("\0", "␀"))
    if asked.design:
        narrowed.append(col(Poster.design) == asked.design.replace("\0", "␀"))
    if asked.words:
        name = col(Place.name).icontains(asked.words.replace("\0", "␀"), autoescape=True)
        narrowed.append(sa.or_(name, col(Poster.code) == code))
    in_use = col(Poster.retired_at).is_(None)
    if asked.state == RETIRED:
        narrowed.append(sa.not_(in_use))
    elif asked.state == WARNED:
        narrowed.append(_WARNED)
    elif asked.state == NEVER:
        narrowed += [in_use, _FOUND.is_(None)]
    elif asked.state in list(Condition):
        narrowed += [in_use, _FOUND.in_([Condition(asked.state)])]
    elif not asked.words:
        narrowed.append(in_use)
    return narrowed


def _listed(session: Session, rows: Sequence[Any]) -> list[Listed]:
    warnings: dict[int, list[PosterTrouble]] = defaultdict(list)
    query = sa.select(col(PosterWarning.poster_id), col(PosterWarning.kind)).where(
        col(PosterWarning.poster_id).in_([row.id for row in rows]), col(PosterWarning.ended_at).is_(None)
    )
    for poster_id, kind in session.connection().execute(query):
        warnings[poster_id].append(kind)
    order = list(PosterTrouble)
    found = []
    for row in rows:
        found.append(Listed(**with_names(row), warnings=tuple(sorted(warnings[row.id], key=order.index))))
    return found


@dataclass(frozen=True, slots=True)
class Inspectable:
    """A poster in use on the way round a site."""

    code: str
    place: Named
    zone: Named
    detail: str | None
    inspected_at: datetime | None


def to_inspect(session: Session, site_slug: str) -> list[Inspectable]:
    """The posters in use of a site, as one walks."""
    query = (
        sa.select(
            col(Poster.code),
            *named(Place, "place"),
            *named(Zone, "zone"),
            col(Place.detail),
            _latest(col(PosterInspection.made_at)).label("inspected_at"),
        )
        .select_from(Poster)
        .join(Place, col(Place.id) == Poster.place_id)
        .join(Zone, col(Zone.id) == Place.zone_id)
        .join(Site, col(Site.id) == Place.site_id)
        .where(col(Site.slug) == site_slug, col(Poster.retired_at).is_(None))
        .order_by(col(Zone.id), col(Place.walking_order).nulls_last(), col(Place.id), col(Poster.code))
    )
    return [
        Inspectable(
            row.code,
            Named(row.place_name, row.place_names),
            Named(row.zone_name, row.zone_names),
            row.detail,
            row.inspected_at,
        )
        for row in session.connection().execute(query)
    ]
