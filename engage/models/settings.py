"""What administrators change in the browser: the list of changes, a site's own words, rules tried in the shadow."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from engage.models.columns import BigId, Json, UtcDateTime


class SettingsVersion(SQLModel, table=True):
    """How often a part of the settings was changed; whoever changes it counts up first, so that one waits for another.

    `settings` counts all changes, `words` those of the site's own words: running servers watch that one.
    """

    __tablename__ = "settings_versions"

    part: str = Field(primary_key=True, max_length=16)
    number: int = Field(default=0)


class SettingsChange(SQLModel, table=True):
    """One change of the settings: of what kind and name, as it was and as it is; empty is "was not there".

    `authority_id` is whose administrators see it, empty for what all share. `undoes_id` names the change it took back.
    """

    __tablename__ = "settings_changes"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    at: datetime = Field(sa_type=UtcDateTime)
    staff_id: int | None = Field(default=None, foreign_key="staff.id", sa_type=BigId)
    authority_id: int | None = Field(default=None, foreign_key="authorities.id", sa_type=BigId, index=True)
    kind: str = Field(max_length=32)
    name: str = Field(max_length=200)
    before: dict[str, Any] | None = Field(default=None, sa_type=Json)
    after: dict[str, Any] | None = Field(default=None, sa_type=Json)
    reason: str = Field(default="", max_length=500)
    undoes_id: int | None = Field(default=None, foreign_key="settings_changes.id", sa_type=BigId, unique=True)


class SiteWords(SQLModel, table=True):
    """The site's own words for one concept in one language, divided by commas, as in the language files of triage."""

    __tablename__ = "site_words"
    __table_args__ = (sa.UniqueConstraint("language", "concept"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    language: str = Field(max_length=8)
    concept: str = Field(max_length=64)
    words: str = Field(sa_type=sa.Text)


class ShadowRoute(SQLModel, table=True):
    """A rule in the shadow would have sent a report elsewhere than the rules that decide did."""

    __tablename__ = "shadow_routes"

    rule_id: int = Field(foreign_key="duty_rules.id", primary_key=True, sa_type=BigId)
    report_id: int = Field(foreign_key="reports.id", primary_key=True, sa_type=BigId)
    queue_id: int = Field(foreign_key="queues.id", sa_type=BigId)
    shadow_queue_id: int = Field(foreign_key="queues.id", sa_type=BigId)
    at: datetime = Field(sa_type=UtcDateTime)
