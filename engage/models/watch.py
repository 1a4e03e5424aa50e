"""Who has the watch of a queue, what was handed over, and which alarms still ring."""

from datetime import datetime, time
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from engage.models.columns import BigId, Json, UtcDateTime, word
from engage.taxonomy import AlarmKind

#: The WHERE of the index over alarms that still ring.
RINGING = "silenced_at IS NULL"


class Shift(SQLModel, table=True):
    """A queue is to be watched on one weekday (0 is Monday) from one time to another, in its site's time zone.

    A shift that ends at or before its beginning ends on the next day. `staff_id` is who is planned for it, if anybody.
    """

    __tablename__ = "shifts"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    queue_id: int = Field(foreign_key="queues.id", sa_type=BigId, index=True)
    weekday: int
    from_time: time
    to_time: time
    timezone: str = Field(max_length=64)
    staff_id: int | None = Field(default=None, foreign_key="staff.id", sa_type=BigId)


class Watch(SQLModel, table=True):
    """Somebody has a queue, by name, from one moment to another; at most one watch of a queue is open."""

    __tablename__ = "watches"
    __table_args__ = (
        sa.Index(
            "ix_watches_open",
            "queue_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    queue_id: int = Field(foreign_key="queues.id", sa_type=BigId)
    staff_id: int = Field(foreign_key="staff.id", sa_type=BigId)
    began_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Handover(SQLModel, table=True):
    """What one watch leaves to the next: written by itself, with words of the officer, accepted by name."""

    __tablename__ = "handovers"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    queue_id: int = Field(foreign_key="queues.id", sa_type=BigId, index=True)
    from_staff_id: int = Field(foreign_key="staff.id", sa_type=BigId)
    to_staff_id: int | None = Field(default=None, foreign_key="staff.id", sa_type=BigId)
    contents: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    words: str = Field(sa_type=sa.Text)
    written_at: datetime = Field(sa_type=UtcDateTime)
    accepted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Alarm(SQLModel, table=True):
    """A case needs somebody now. It rings again and goes up until somebody acts; of one case, one rings at a time.

    `level` is how far up it went: 0 to who has the watch, 1 to the supervisor, 2 to the duty manager; `rings` counts
    how often it rang there.
    """

    __tablename__ = "alarms"
    __table_args__ = (
        sa.Index(
            "ix_alarms_ringing",
            "rings_at",
            "id",
            sqlite_where=sa.text(RINGING),
            postgresql_where=sa.text(RINGING),
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    case_id: int = Field(foreign_key="cases.id", sa_type=BigId, index=True)
    kind: AlarmKind = Field(sa_type=word(AlarmKind, "alarms_kind_word"))
    level: int = Field(default=0)
    raised_at: datetime = Field(sa_type=UtcDateTime)
    rings_at: datetime = Field(sa_type=UtcDateTime)
    silenced_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    silenced_by: int | None = Field(default=None, foreign_key="staff.id", sa_type=BigId)
    rings: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class Calendar(SQLModel, table=True):
    """When a queue works: `hours` has a list of `HH:MM-HH:MM` for each weekday, Monday first; `holidays` are dates."""

    __tablename__ = "calendars"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    slug: str = Field(unique=True, max_length=64)
    timezone: str = Field(max_length=64)
    hours: list[list[str]] = Field(default_factory=list, sa_type=Json)
    holidays: list[str] = Field(default_factory=list, sa_type=Json)


class ResponseTarget(SQLModel, table=True):
    """The promise for a queue and severity, in minutes of a calendar, or of all hours where it has none.

    The row with a queue stands before the one without.
    """

    __tablename__ = "response_targets"
    __table_args__ = (sa.UniqueConstraint("queue_id", "severity"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    queue_id: int | None = Field(default=None, foreign_key="queues.id", sa_type=BigId)
    severity: str = Field(max_length=32)
    acknowledge_minutes: int
    respond_minutes: int
    resolve_minutes: int
    calendar_id: int | None = Field(default=None, foreign_key="calendars.id", sa_type=BigId)
