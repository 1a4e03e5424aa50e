"""Inspections: how officers found posters on their walls, each written down once, wherever the phone was meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import audit
from engage.accounts import Officer
from engage.db import add_row
from engage.models import PosterInspection, Staff
from engage.posters import owners, watching
from engage.posters.codes import normalise
from engage.taxonomy import Act, Condition
from engage.vault import Vault

LONGEST_NOTE: Final = 500
LONGEST_KEY: Final = 64
#: A phone may have kept an inspection for so long; what claims to be older is taken to be made when it came.
LONGEST_KEPT: Final = timedelta(days=30)
#: What photos are sealed for.
PHOTO: Final = "poster-photo"
MOST_SHOWN: Final = 20


class InspectionRefused(Exception):
    """An inspection that cannot be taken as it is. Sending it again changed helps."""


@dataclass(frozen=True, slots=True)
class Found:
    """An inspection at the door. `photo` is a picture made safe; `made_at` is what the officer's clock said."""

    key: str
    condition: str
    note: str = ""
    photo: bytes | None = None
    made_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Inspected:
    """An inspection as it is shown."""

    id: int
    by: str
    found: Condition
    note: str
    has_photo: bool
    made_at: datetime


def inspect(session: Session, vault: Vault, officer: Officer, code: str, found: Found, now: datetime) -> bool:
    """Write down an inspection and look at what it warns of; False where it had come before.

    Raises `owners.PosterMissing` and `InspectionRefused`. Two at once with one key: the second fails with an
    IntegrityError, and done again is a repetition.
    """
    if found.condition not in list(Condition) or not 0 < len(found.key) <= LONGEST_KEY or "\0" in found.key:
        raise InspectionRefused
    if len(found.note.replace("\r\n", "\n")) > LONGEST_NOTE:
        raise InspectionRefused
    poster = owners.find(session, officer.authority_id, normalise(code))
    own = col(PosterInspection.staff_id) == officer.staff_id
    if session.exec(select(PosterInspection.id).where(own, PosterInspection.key == found.key)).first() is not None:
        return False
    add_row(
        session,
        PosterInspection,
        poster_id=poster.id,
        staff_id=officer.staff_id,
        key=found.key,
        found=Condition(found.condition),
        note=found.note.strip().replace("\r\n", "\n").replace("\0", "␀"),
        sealed_photo=vault.seal(PHOTO, found.photo) if found.photo else None,
        made_at=_made_at(found.made_at, now),
        received_at=now,
    )
    audit.record(
        session,
        now=now,
        act=Act.POSTER_INSPECTED,
        staff_id=officer.staff_id,
        authority_id=officer.authority_id,
        about=f"poster:{poster.code}",
        details={"found": found.condition},
    )
    watching.look_at_one(session, poster.id or 0, now)
    return True


def _made_at(told: datetime | None, now: datetime) -> datetime:
    """When it was made, as far as a phone's clock can be believed."""
    return told if told is not None and now - LONGEST_KEPT <= told <= now else now


def of_poster(session: Session, poster_id: int) -> list[Inspected]:
    """The inspections of a poster, the newest first; at most 20."""
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            col(PosterInspection.id),
            col(Staff.name).label("by"),
            col(PosterInspection.found),
            col(PosterInspection.note),
            col(PosterInspection.sealed_photo).is_not(None).label("has_photo"),
            col(PosterInspection.made_at),
        )
        .join(Staff, col(Staff.id) == PosterInspection.staff_id)
        .where(col(PosterInspection.poster_id) == poster_id)
        .order_by(col(PosterInspection.made_at).desc(), col(PosterInspection.id).desc())
        .limit(MOST_SHOWN)
    )
    return [Inspected(**row._mapping) for row in session.connection().execute(query)]


def photo(session: Session, vault: Vault, officer: Officer, code: str, inspection_id: int) -> bytes:
    """The photo of an inspection of a poster; `owners.PosterMissing` where there is none for this officer."""
    poster = owners.find(session, officer.authority_id, normalise(code))
    row = session.exec(
        select(PosterInspection.sealed_photo).where(
            PosterInspection.id == inspection_id, PosterInspection.poster_id == poster.id
        )
    ).first()
    if row is None:
        raise owners.PosterMissing
    return vault.unseal(PHOTO, row)
