"""Reports that may tell of one event, corrections of triage, ready replies, and who looks at a case now."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from engage.models.columns import BigId, Json, UtcDateTime, word
from engage.taxonomy import Category, Severity, Verdict


class Proposal(SQLModel, table=True):
    """Two cases may be one event: the newer one, the older one, why, and what staff decided."""

    __tablename__ = "proposals"
    __table_args__ = (sa.UniqueConstraint("case_id", "other_case_id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    case_id: int = Field(foreign_key="cases.id", sa_type=BigId)
    other_case_id: int = Field(foreign_key="cases.id", sa_type=BigId, index=True)
    likeness: float
    reasons: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    proposed_at: datetime = Field(sa_type=UtcDateTime)
    verdict: Verdict | None = Field(default=None, sa_type=word(Verdict, "proposals_verdict_word"))
    decided_by: int | None = Field(default=None, foreign_key="staff.id", sa_type=BigId)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ReportTrace(SQLModel, table=True):
    """What a report tells of, as it is compared with others: its terms with the words that stood for them."""

    __tablename__ = "report_traces"

    report_id: int = Field(foreign_key="reports.id", primary_key=True, sa_type=BigId)
    site_id: int = Field(foreign_key="sites.id", sa_type=BigId)
    zone_id: int | None = Field(default=None, foreign_key="zones.id", sa_type=BigId)
    place_id: int | None = Field(default=None, foreign_key="places.id", sa_type=BigId)
    language: str = Field(max_length=8)
    category: Category = Field(sa_type=word(Category, "report_traces_category_word"))
    terms: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    told_at: datetime = Field(sa_type=UtcDateTime)


class TraceTerm(SQLModel, table=True):
    """By which reports of the last hour are found: a site, a term, and a report that has it. Old rows are deleted."""

    __tablename__ = "trace_terms"

    site_id: int = Field(foreign_key="sites.id", primary_key=True, sa_type=BigId)
    term: str = Field(primary_key=True, max_length=40)
    report_id: int = Field(foreign_key="reports.id", primary_key=True, sa_type=BigId)
    told_at: datetime = Field(sa_type=UtcDateTime, index=True)


class Correction(SQLModel, table=True):
    """An officer says what triage should have said of a report, and why; kept as it was and as it should be."""

    __tablename__ = "corrections"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    case_id: int = Field(foreign_key="cases.id", sa_type=BigId, index=True)
    report_id: int = Field(foreign_key="reports.id", sa_type=BigId)
    staff_id: int = Field(foreign_key="staff.id", sa_type=BigId)
    said_category: Category = Field(sa_type=word(Category, "corrections_said_category_word"))
    said_severity: Severity = Field(sa_type=word(Severity, "corrections_said_severity_word"))
    category: Category = Field(sa_type=word(Category, "corrections_category_word"))
    severity: Severity = Field(sa_type=word(Severity, "corrections_severity_word"))
    words: str = Field(max_length=500)
    reason: str = Field(sa_type=sa.Text)
    corrected_at: datetime = Field(sa_type=UtcDateTime)


class ReadyReply(SQLModel, table=True):
    """An answer that is ready in several languages, for one authority or for all, for one category or for any."""

    __tablename__ = "ready_replies"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    slug: str = Field(unique=True, max_length=64)
    authority_id: int | None = Field(default=None, foreign_key="authorities.id", sa_type=BigId)
    category: Category | None = Field(default=None, sa_type=word(Category, "ready_replies_category_word"))
    texts: dict[str, str] = Field(default_factory=dict, sa_type=Json)


class Look(SQLModel, table=True):
    """An officer has a case on the screen; old ones mean nothing."""

    __tablename__ = "looks"

    case_id: int = Field(foreign_key="cases.id", primary_key=True, sa_type=BigId)
    staff_id: int = Field(foreign_key="staff.id", primary_key=True, sa_type=BigId)
    looked_at: datetime = Field(sa_type=UtcDateTime)
    typing: bool = Field(default=False)


class SavedView(SQLModel, table=True):
    """A queue page that an officer wants to come back to: its name and its address's question."""

    __tablename__ = "saved_views"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    staff_id: int = Field(foreign_key="staff.id", sa_type=BigId, index=True)
    name: str = Field(max_length=80)
    query: str = Field(max_length=500)
