"""The staff's work items, their history, and the notes that only staff see."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from engage.models.columns import BigId, Json, UtcDateTime, word
from engage.taxonomy import CaseStatus, Category, Disposition, Happening, Severity

#: The WHERE of the partial index that keeps a queue's page fast when nearly all cases are closed.
OPEN_CASES = "closed_at IS NULL"
#: The same for what is due next: a clock that stands still is read after those that run.
RUNNING_CASES = "closed_at IS NULL AND paused_at IS NULL"
PAUSED_CASES = "closed_at IS NULL AND paused_at IS NOT NULL"
#: The WHEREs of the indexes over cases that will ring by themselves, and over those that were answered.
WILL_RING = "alarm_at IS NOT NULL"
ANSWERED_CASES = "responded_at IS NOT NULL"
MERGED_CASES = "merged_into_id IS NOT NULL"


class Case(SQLModel, table=True):
    """One matter in one queue. `urgency` is that of its severity, 3 the worst, so that pages sort by it.

    `version` counts every change; a write that names an older one is refused. `reporter_waits` means that the
    reporter spoke last.

    `acknowledge_by`, `respond_by` and `resolve_by` are the promises of its response target, `due_at` the next one
    that is not kept yet, `risk_at` from when on that one is at risk; all stand still while `paused_at` is set. They
    count from `promised_from`, without the `paused_seconds` of working time, and `alarm_at` is when the case rings
    next by itself. `escalation` is how far up it went: 1 to the watch supervisor, 2 to the duty manager.
    `incident_at` is when staff designated it as an incident; `away_at` since when another authority has its work.
    """

    __tablename__ = "cases"
    __table_args__ = (
        sa.Index(
            "ix_cases_open",
            "queue_id",
            "urgency",
            "id",
            sqlite_where=sa.text(OPEN_CASES),
            postgresql_where=sa.text(OPEN_CASES),
        ),
        sa.Index(
            "ix_cases_due",
            "queue_id",
            "due_at",
            "id",
            sqlite_where=sa.text(RUNNING_CASES),
            postgresql_where=sa.text(RUNNING_CASES),
        ),
        sa.Index(
            "ix_cases_paused",
            "queue_id",
            "due_at",
            "id",
            sqlite_where=sa.text(PAUSED_CASES),
            postgresql_where=sa.text(PAUSED_CASES),
        ),
        sa.Index(
            "ix_cases_held",
            "holder_id",
            "queue_id",
            "due_at",
            "id",
            sqlite_where=sa.text(OPEN_CASES),
            postgresql_where=sa.text(OPEN_CASES),
        ),
        sa.Index("ix_cases_all", "queue_id", "urgency", "id"),
        sa.Index("ix_cases_opened", "queue_id", "opened_at", "id"),
        sa.Index(
            "ix_cases_alarm",
            "alarm_at",
            "id",
            sqlite_where=sa.text(WILL_RING),
            postgresql_where=sa.text(WILL_RING),
        ),
        sa.Index(
            "ix_cases_answered",
            "queue_id",
            "responded_at",
            sqlite_where=sa.text(ANSWERED_CASES),
            postgresql_where=sa.text(ANSWERED_CASES),
        ),
        sa.Index(
            "ix_cases_merged",
            "merged_into_id",
            sqlite_where=sa.text(MERGED_CASES),
            postgresql_where=sa.text(MERGED_CASES),
        ),
        sa.CheckConstraint("(closed_at IS NULL) = (disposition IS NULL)", name="cases_closed_with_disposition"),
        sa.CheckConstraint("(closed_at IS NULL) = (status NOT IN ('resolved', 'closed'))", name="cases_closed_status"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    reference: str = Field(unique=True, max_length=16)
    authority_id: int = Field(foreign_key="authorities.id", sa_type=BigId)
    queue_id: int = Field(foreign_key="queues.id", sa_type=BigId)
    site_id: int = Field(foreign_key="sites.id", sa_type=BigId)
    place_id: int | None = Field(default=None, foreign_key="places.id", sa_type=BigId)
    status: CaseStatus = Field(sa_type=word(CaseStatus, "cases_status_word"))
    category: Category = Field(sa_type=word(Category, "cases_category_word"))
    severity: Severity = Field(sa_type=word(Severity, "cases_severity_word"))
    urgency: int
    holder_id: int | None = Field(default=None, foreign_key="staff.id", sa_type=BigId)
    reporter_waits: bool = Field(default=True)
    route_reason: str = Field(max_length=500)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    disposition: Disposition | None = Field(default=None, sa_type=word(Disposition, "cases_disposition_word"))
    version: int = Field(default=1)
    acknowledge_by: datetime | None = Field(default=None, sa_type=UtcDateTime)
    respond_by: datetime | None = Field(default=None, sa_type=UtcDateTime)
    resolve_by: datetime | None = Field(default=None, sa_type=UtcDateTime)
    acknowledged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    responded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    paused_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    escalation: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    incident_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    merged_into_id: int | None = Field(default=None, foreign_key="cases.id", sa_type=BigId)
    promised_from: datetime | None = Field(default=None, sa_type=UtcDateTime)
    risk_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    alarm_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    paused_seconds: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    away_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class CaseEvent(SQLModel, table=True):
    """One line of a case's history; `staff_id` is empty where Engage or the reporter acted."""

    __tablename__ = "case_events"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    case_id: int = Field(foreign_key="cases.id", sa_type=BigId, index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    staff_id: int | None = Field(default=None, foreign_key="staff.id", sa_type=BigId)
    what: Happening = Field(sa_type=word(Happening, "case_events_what_word"))
    details: dict[str, Any] = Field(default_factory=dict, sa_type=Json)


class Note(SQLModel, table=True):
    """Text that only staff see."""

    __tablename__ = "notes"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    case_id: int = Field(foreign_key="cases.id", sa_type=BigId, index=True)
    staff_id: int = Field(foreign_key="staff.id", sa_type=BigId)
    text: str = Field(sa_type=sa.Text)
    written_at: datetime = Field(sa_type=UtcDateTime)
