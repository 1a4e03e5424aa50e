"""Where places lie: floor plans with pins, and what a place looks like."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from engage.models.columns import BigId, UtcDateTime


class FloorPlan(SQLModel, table=True):
    """A drawing of a site or, where `zone_id` says so, of one of its zones; sealed, since not everybody may see it.

    `width` and `height` are the drawing's, in units of its own. `version` counts every change of it and its pins.
    """

    __tablename__ = "floor_plans"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    site_id: int = Field(foreign_key="sites.id", sa_type=BigId, index=True)
    zone_id: int | None = Field(default=None, foreign_key="zones.id", sa_type=BigId)
    name: str = Field(max_length=200)
    content_type: str = Field(max_length=32)
    sealed_content: bytes = Field(sa_type=sa.LargeBinary)
    width: float
    height: float
    version: int = Field(default=1)
    staff_id: int | None = Field(default=None, foreign_key="staff.id", sa_type=BigId)
    changed_at: datetime = Field(sa_type=UtcDateTime)


class PlanPin(SQLModel, table=True):
    """Where a place lies on a plan: shares of its width from the left and of its height from the top."""

    __tablename__ = "plan_pins"
    __table_args__ = (sa.CheckConstraint("x BETWEEN 0 AND 1 AND y BETWEEN 0 AND 1", name="plan_pins_on_the_plan"),)

    plan_id: int = Field(foreign_key="floor_plans.id", primary_key=True, sa_type=BigId)
    place_id: int = Field(foreign_key="places.id", primary_key=True, sa_type=BigId, index=True)
    x: float
    y: float


class PlacePhoto(SQLModel, table=True):
    """What a place looks like: a small JPEG of our own drawing, which everybody sees who opens a poster's page."""

    __tablename__ = "place_photos"

    place_id: int = Field(foreign_key="places.id", primary_key=True, sa_type=BigId)
    picture: bytes = Field(sa_type=sa.LargeBinary)
    width: int
    height: int
    staff_id: int | None = Field(default=None, foreign_key="staff.id", sa_type=BigId)
    changed_at: datetime = Field(sa_type=UtcDateTime)
