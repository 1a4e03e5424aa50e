"""Guides that an installation wrote itself, and what a quiz about them found, by unit."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from engage.models.columns import BigId, Json, UtcDateTime, word
from engage.taxonomy import Category


class GuideText(SQLModel, table=True):
    """The guide of one category in one language, in place of the one that came with Engage."""

    __tablename__ = "guide_texts"
    __table_args__ = (sa.UniqueConstraint("language", "category"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    language: str = Field(max_length=8)
    category: Category = Field(sa_type=word(Category, "guide_texts_category_word"))
    guide: dict[str, Any] = Field(sa_type=Json)
    changed_at: datetime = Field(sa_type=UtcDateTime)


class QuizResult(SQLModel, table=True):
    """How many of five questions somebody of a unit answered right, on which day and no closer.

    `staff_id` only where they wanted their name to stand there. `form_key` makes a form that is sent twice count once.
    """

    __tablename__ = "quiz_results"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    form_key: str = Field(unique=True, max_length=64)
    unit_id: int = Field(foreign_key="units.id", sa_type=BigId, index=True)
    category: Category = Field(sa_type=word(Category, "quiz_results_category_word"))
    right_answers: int
    on_day: date = Field(sa_type=sa.Date)
    staff_id: int | None = Field(default=None, foreign_key="staff.id", sa_type=BigId)
