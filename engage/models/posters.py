"""The things on walls: a poster at a place, how it is made and how often it is read, and what is known of it there."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from engage.models.columns import BigId, UtcDateTime, word
from engage.taxonomy import Condition, PosterTrouble

#: Warnings that still stand.
STANDING = "ended_at IS NULL"


class Poster(SQLModel, table=True):
    """A poster at a place. A retired one goes on taking reports, which then say so."""

    __tablename__ = "posters"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    code: str = Field(unique=True, min_length=5, max_length=5)
    place_id: int = Field(foreign_key="places.id", sa_type=BigId, index=True)
    version: int = Field(default=1)
    retired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    design: str | None = Field(default=None, max_length=40)
    size: str | None = Field(default=None, max_length=10)
    languages: str | None = Field(default=None, max_length=40)
    printed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class PosterScan(SQLModel, table=True):
    """How often a poster's page was opened in one hour, from its QR code and otherwise. Of whom, nothing is kept.

    `outdated` came by the QR code of an earlier version; `elsewhere` counts who said that they stand somewhere else.
    """

    __tablename__ = "poster_scans"
    __table_args__ = (sa.CheckConstraint("scans >= 0 AND typed >= 0", name="poster_scans_counted"),)

    poster_id: int = Field(foreign_key="posters.id", primary_key=True, sa_type=BigId)
    hour: datetime = Field(primary_key=True, sa_type=UtcDateTime)
    scans: int
    typed: int
    outdated: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    elsewhere: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class PosterInspection(SQLModel, table=True):
    """How an officer found a poster. `key` counts once for each officer; `made_at` is told by their own clock.

    `sealed_photo` is a picture that was made safe, sealed.
    """

    __tablename__ = "poster_inspections"
    __table_args__ = (
        sa.UniqueConstraint("staff_id", "key"),
        sa.Index("ix_poster_inspections_latest", "poster_id", "made_at"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    poster_id: int = Field(foreign_key="posters.id", sa_type=BigId)
    staff_id: int = Field(foreign_key="staff.id", sa_type=BigId)
    key: str = Field(max_length=64)
    found: Condition = Field(sa_type=word(Condition, "poster_inspections_found_word"))
    note: str = Field(default="", max_length=500)
    sealed_photo: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    made_at: datetime = Field(sa_type=UtcDateTime)
    received_at: datetime = Field(sa_type=UtcDateTime)


class PosterWarning(SQLModel, table=True):
    """A warning about a poster: what was counted since when, against what. One of a kind stands at a time.

    `told_at` is when the supervisors were written to.
    """

    __tablename__ = "poster_warnings"
    __table_args__ = (
        sa.Index(
            "ix_poster_warnings_standing",
            "poster_id",
            "kind",
            unique=True,
            sqlite_where=sa.text(STANDING),
            postgresql_where=sa.text(STANDING),
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    poster_id: int = Field(foreign_key="posters.id", sa_type=BigId, index=True)
    kind: PosterTrouble = Field(sa_type=word(PosterTrouble, "poster_warnings_kind_word"))
    since: datetime = Field(sa_type=UtcDateTime)
    counted: int
    against: float
    raised_at: datetime = Field(sa_type=UtcDateTime)
    told_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class PosterReplacement(SQLModel, table=True):
    """A retired poster and the one that hangs in its stead."""

    __tablename__ = "poster_replacements"

    old_id: int = Field(foreign_key="posters.id", primary_key=True, sa_type=BigId)
    new_id: int = Field(foreign_key="posters.id", unique=True, sa_type=BigId)
    staff_id: int = Field(foreign_key="staff.id", sa_type=BigId)
    replaced_at: datetime = Field(sa_type=UtcDateTime)
