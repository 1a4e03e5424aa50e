"""Where things happen: site > zone > place."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from engage.models.columns import BigId, Json, UtcDateTime, word
from engage.taxonomy import SiteKind


class Site(SQLModel, table=True):
    """An airport, seaport, station or border crossing. `names` holds its name by language code where it differs.

    `inspection_days`: after so many days a poster is to be inspected again; where it is empty, after the usual number.
    """

    __tablename__ = "sites"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    slug: str = Field(unique=True, max_length=64)
    name: str = Field(max_length=200)
    names: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    kind: SiteKind = Field(sa_type=word(SiteKind, "sites_kind_word"))
    timezone: str = Field(max_length=64)
    emergency_number: str = Field(max_length=32)
    desk_number: str | None = Field(default=None, max_length=32)
    fallback_queue_id: int = Field(foreign_key="queues.id", sa_type=BigId)
    retired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    inspection_days: int | None = Field(default=None)


class Zone(SQLModel, table=True):
    """A terminal, pier, yard or hall of a site."""

    __tablename__ = "zones"
    __table_args__ = (sa.UniqueConstraint("site_id", "slug"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    site_id: int = Field(foreign_key="sites.id", sa_type=BigId)
    slug: str = Field(max_length=64)
    name: str = Field(max_length=200)
    names: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    retired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Place(SQLModel, table=True):
    """A spot that someone can walk to. Its numbers, where given, stand before the site's.

    `latitude` and `longitude` are degrees (WGS 84); `walking_order` is where it comes on the way round the site.
    """

    __tablename__ = "places"
    __table_args__ = (sa.UniqueConstraint("site_id", "slug"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    site_id: int = Field(foreign_key="sites.id", sa_type=BigId)
    zone_id: int = Field(foreign_key="zones.id", sa_type=BigId, index=True)
    slug: str = Field(max_length=64)
    name: str = Field(max_length=200)
    names: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    detail: str | None = Field(default=None, max_length=300)
    emergency_number: str | None = Field(default=None, max_length=32)
    desk_number: str | None = Field(default=None, max_length=32)
    retired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    opening_hours: str | None = Field(default=None, max_length=200)
    latitude: float | None = Field(default=None)
    longitude: float | None = Field(default=None)
    walking_order: int | None = Field(default=None)


class SiteFact(SQLModel, table=True):
    """What is known at a site about a topic people ask for (opening hours, lost property …), by language."""

    __tablename__ = "site_facts"

    site_id: int = Field(foreign_key="sites.id", primary_key=True, sa_type=BigId)
    topic: str = Field(primary_key=True, max_length=64)
    texts: dict[str, str] = Field(default_factory=dict, sa_type=Json)
