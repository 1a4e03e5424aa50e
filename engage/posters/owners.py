"""Whose posters they are: those of the sites at which an authority has anything to do."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage.models import DutyRule, Place, Poster, Queue, Site


class PosterMissing(Exception):
    """There is no such poster for this officer."""


def sites_of(authority_id: int) -> sa.Select[int | None]:
    """The ids of the sites in use whose reports reach an authority, by a rule or because no rule takes them."""
    own = sa.select(col(Queue.id)).where(col(Queue.authority_id) == authority_id)
    rules = sa.select(col(DutyRule.id)).where(
        col(DutyRule.queue_id).in_(own), sa.or_(col(DutyRule.site_id).is_(None), col(DutyRule.site_id) == Site.id)
    )
    reached = sa.or_(col(Site.fallback_queue_id).in_(own), rules.exists())
    return sa.select(col(Site.id)).where(col(Site.retired_at).is_(None), reached)


def named_sites(session: Session, authority_id: int) -> list[Site]:
    """These sites, by name."""
    query = select(Site).where(col(Site.id).in_(sites_of(authority_id))).order_by(col(Site.name), col(Site.id))
    return list(session.exec(query))


def find(session: Session, authority_id: int, code: str) -> Poster:
    """The poster of a code at one of these sites, or `PosterMissing`."""
    query = (
        select(Poster)
        .join(Place, col(Place.id) == Poster.place_id)
        .where(Poster.code == code, col(Place.site_id).in_(sites_of(authority_id)))
    )
    found = session.exec(query).first()
    if found is None:
        raise PosterMissing
    return found


def has(session: Session, authority_id: int, site_id: int) -> bool:
    """Whether a site is one of these."""
    query = sites_of(authority_id).where(col(Site.id) == site_id)
    return session.connection().execute(query).first() is not None
