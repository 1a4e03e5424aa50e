"""What people sent, never edited, and what triage found in it."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from engage.models.columns import BigId, Json, UtcDateTime, word
from engage.taxonomy import Category, Channel, FoundBy, ReporterKind, Severity


class Report(SQLModel, table=True):
    """What a person sent. `access_hash` is the keyed hash of the access code; the code itself is kept nowhere.

    `typed_code` is the poster code as it was asked for, where it is not that of a poster in use.
    """

    __tablename__ = "reports"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    reference: str = Field(unique=True, max_length=16)
    case_id: int = Field(foreign_key="cases.id", sa_type=BigId, index=True)
    site_id: int = Field(foreign_key="sites.id", sa_type=BigId)
    place_id: int | None = Field(default=None, foreign_key="places.id", sa_type=BigId)
    poster_id: int | None = Field(default=None, foreign_key="posters.id", sa_type=BigId)
    typed_code: str | None = Field(default=None, max_length=64)
    found_by: FoundBy = Field(sa_type=word(FoundBy, "reports_found_by_word"))
    channel: Channel = Field(sa_type=word(Channel, "reports_channel_word"))
    reporter: ReporterKind | None = Field(default=None, sa_type=word(ReporterKind, "reports_reporter_word"))
    language: str = Field(max_length=8)
    text: str = Field(sa_type=sa.Text)
    access_salt: bytes = Field(max_length=16)
    access_hash: str = Field(unique=True, max_length=64)
    received_at: datetime = Field(sa_type=UtcDateTime)


class ReportFinding(SQLModel, table=True):
    """What triage said of a report, kept as it was said."""

    __tablename__ = "findings"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    report_id: int = Field(foreign_key="reports.id", sa_type=BigId, index=True)
    category: Category = Field(sa_type=word(Category, "findings_category_word"))
    second: Category | None = Field(default=None, sa_type=word(Category, "findings_second_word"))
    severity: Severity = Field(sa_type=word(Severity, "findings_severity_word"))
    language: str = Field(max_length=8)
    confidence: float
    reason: str = Field(sa_type=sa.Text)
    evidence: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    found_at: datetime = Field(sa_type=UtcDateTime)
