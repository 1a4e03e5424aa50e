"""What quizzes found: kept by unit and day, with a name only where its owner wanted that; read by supervisors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage.accounts import Officer
from engage.db import add_row
from engage.guides.quiz import QUESTIONS
from engage.models import QuizResult, Staff, Unit
from engage.taxonomy import Category

#: Fewer results of a unit are not told, so that nobody reads one person's out of them.
FEWEST_TOLD = 5
LOOKED_BACK = timedelta(days=90)
MOST_NAMED = 50


@dataclass(frozen=True, slots=True)
class UnitResults:
    """How a unit did: how many quizzes, and the share of right answers from 0 to 1; None where too few were taken."""

    unit: str
    taken: int
    share: float | None


@dataclass(frozen=True, slots=True)
class NamedResult:
    """One result whose owner wanted their name to stand there."""

    name: str
    unit: str
    category: Category
    right_answers: int
    on_day: date


def units_of(session: Session, officer: Officer) -> list[tuple[int, str]]:
    """The units of an officer, by name: a result is kept for one of them."""
    query = select(Unit.id, Unit.name).where(col(Unit.id).in_(officer.unit_ids)).order_by(Unit.name)
    return [(unit_id or 0, name) for unit_id, name in session.exec(query)]


def keep(
    session: Session,
    officer: Officer,
    now: datetime,
    *,
    form_key: str,
    unit_id: int,
    category: Category,
    right_answers: int,
    with_name: bool,
) -> bool:
    """Keep a result for one of an officer's units; once for each form. False where it is not one of theirs."""
    if unit_id not in officer.unit_ids:
        return False
    there = session.exec(select(QuizResult.id).where(QuizResult.form_key == form_key)).first()
    if there is None:
        add_row(
            session,
            QuizResult,
            form_key=form_key,
            unit_id=unit_id,
            category=category,
            right_answers=right_answers,
            on_day=now.date(),
            staff_id=officer.staff_id if with_name else None,
        )
    return True


def by_unit(session: Session, officer: Officer, now: datetime) -> list[UnitResults]:
    """How the units of an officer's authority did in the last 90 days, by name; those without a result too."""
    since = (now - LOOKED_BACK).date()
    counted = (
        select(Unit.name, sa.func.count(col(QuizResult.id)), sa.func.coalesce(sa.func.sum(QuizResult.right_answers), 0))
        .outerjoin(QuizResult, sa.and_(col(QuizResult.unit_id) == Unit.id, col(QuizResult.on_day) >= since))
        .where(Unit.authority_id == officer.authority_id, col(Unit.retired_at).is_(None))
        .group_by(col(Unit.id), Unit.name)
        .order_by(Unit.name)
    )
    return [
        UnitResults(name, taken, int(right) / (QUESTIONS * taken) if taken >= FEWEST_TOLD else None)
        for name, taken, right in session.exec(counted)
    ]


def named(session: Session, officer: Officer, now: datetime) -> list[NamedResult]:
    """The newest results with a name in an officer's authority, 50 at most."""
    query = (
        select(Staff.name, Unit.name, QuizResult)
        .join(QuizResult, col(QuizResult.staff_id) == Staff.id)
        .join(Unit, col(Unit.id) == QuizResult.unit_id)
        .where(Unit.authority_id == officer.authority_id, col(QuizResult.on_day) >= (now - LOOKED_BACK).date())
        .order_by(col(QuizResult.id).desc())
        .limit(MOST_NAMED)
    )
    return [
        NamedResult(name, unit, row.category, row.right_answers, row.on_day) for name, unit, row in session.exec(query)
    ]
