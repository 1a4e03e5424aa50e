"""The things on walls: a poster at a place, with its code and version."""

from datetime import datetime

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
