"""The things on walls: a poster at a place, with its code and version, how it is made, and how often it is read."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from engage.models.columns import BigId, UtcDateTime


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
    """How often a poster's page was opened in one hour, from its QR code and otherwise. Of whom, nothing is kept."""

    __tablename__ = "poster_scans"
    __table_args__ = (sa.CheckConstraint("scans >= 0 AND typed >= 0", name="poster_scans_counted"),)

    poster_id: int = Field(foreign_key="posters.id", primary_key=True, sa_type=BigId)
    hour: datetime = Field(primary_key=True, sa_type=UtcDateTime)
    scans: int
    typed: int
