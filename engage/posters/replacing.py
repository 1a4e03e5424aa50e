"""Retiring a poster and hanging another in its stead, in one step: the old code goes on taking reports."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import audit
from engage.accounts import Officer
from engage.db import add_row
from engage.models import Place, Poster, PosterReplacement
from engage.posters import owners, watching
from engage.posters.codes import new_code, normalise
from engage.taxonomy import Act


class AlreadyRetired(Exception):
    """The poster is retired; `successor` is the code of the one in its stead, if there is one."""

    def __init__(self, successor: str | None) -> None:
        super().__init__("the poster is retired already")
        self.successor = successor


class PlaceClosed(Exception):
    """The place is in use no more, so nothing is hung there."""


def replace(session: Session, officer: Officer, code: str, now: datetime) -> str:
    """Retire a poster and make one for the same place; give its code.

    Raises `owners.PosterMissing`, `AlreadyRetired` and `PlaceClosed`. Two at once: one of them finds it retired.
    """
    old = owners.find(session, officer.authority_id, normalise(code))
    taken = sa.update(Poster).where(col(Poster.id) == old.id, col(Poster.retired_at).is_(None)).values(retired_at=now)
    if session.connection().execute(taken).rowcount != 1:
        raise AlreadyRetired(successor_of(session, old.id or 0))
    if session.get_one(Place, old.place_id).retired_at is not None:
        raise PlaceClosed
    fresh = _free_code(session)
    new_id = add_row(session, Poster, code=fresh, place_id=old.place_id, version=1)
    add_row(
        session, PosterReplacement, old_id=old.id, new_id=new_id, staff_id=officer.staff_id or None, replaced_at=now
    )
    audit.record(
        session,
        now=now,
        act=Act.POSTER_REPLACED,
        staff_id=officer.staff_id,
        authority_id=officer.authority_id,
        about=f"poster:{old.code}",
        details={"by": fresh},
    )
    session.expire_all()
    watching.look_at_one(session, old.id or 0, now)
    return fresh


def successor_of(session: Session, poster_id: int) -> str | None:
    """The code of the poster that hangs in the stead of another."""
    return session.exec(
        select(Poster.code)
        .join(PosterReplacement, col(PosterReplacement.new_id) == Poster.id)
        .where(PosterReplacement.old_id == poster_id)
    ).first()


def predecessor_of(session: Session, poster_id: int) -> str | None:
    """The code of the poster in whose stead another hangs."""
    return session.exec(
        select(Poster.code)
        .join(PosterReplacement, col(PosterReplacement.old_id) == Poster.id)
        .where(PosterReplacement.new_id == poster_id)
    ).first()


def _free_code(session: Session) -> str:
    """A new code that no poster has."""
    while True:
        code = new_code()
        if session.exec(select(Poster.id).where(Poster.code == code)).first() is None:
            return code
