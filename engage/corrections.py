"""Corrections: what triage should have said of a report, as officers say; how often they agree; lines for its tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import cases
from engage.accounts import Officer
from engage.db import add_row
from engage.models import Case, Correction, Queue, Report, ReportFinding
from engage.taxonomy import Category, Severity

LONGEST_WORDS: Final = 500
#: Agreement is told of the newest cases, so many at most, and none that came before so many others.
MOST_JUDGED: Final = 2000
_LOOKED_BACK: Final = 100_000
MOST_LISTED: Final = 50


@dataclass(frozen=True, slots=True)
class Corrected:
    """What an officer says that triage should have said, why, and the words that misled it."""

    category: Category
    severity: Severity
    reason: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of one category: how many of the newest cases triage put into it, and in how many staff said otherwise."""

    category: Category
    judged: int
    corrected: int

    @property
    def share(self) -> float:
        """How often nobody said otherwise, from 0 to 1."""
        return 1 - self.corrected / self.judged if self.judged else 1.0


@dataclass(frozen=True, slots=True)
class Listed:
    """A correction as a supervisor reads it."""

    reference: str
    said_category: Category
    said_severity: Severity
    category: Category
    severity: Severity
    words: str
    reason: str
    corrected_at: datetime


def write(session: Session, case: Case, corrected: Corrected, staff_id: int, now: datetime) -> bool:
    """Write down a correction of the first report's finding; False where triage said nothing of it."""
    first = sa.select(sa.func.min(Report.id)).where(col(Report.case_id) == case.id).scalar_subquery()
    query = select(ReportFinding).where(col(ReportFinding.report_id) == first).order_by(col(ReportFinding.id).desc())
    said = session.exec(query).first()
    if said is None:
        return False
    add_row(
        session,
        Correction,
        case_id=case.id,
        report_id=said.report_id,
        staff_id=staff_id,
        said_category=said.category,
        said_severity=said.severity,
        category=corrected.category,
        severity=corrected.severity,
        words=corrected.words.strip()[:LONGEST_WORDS],
        reason=corrected.reason,
        corrected_at=now,
    )
    return True


def agreement(session: Session, officer: Officer) -> list[Agreement]:
    """How often staff agree with triage, by the category that it said, in the newest cases that the officer may see."""
    newest = sa.select(sa.func.coalesce(sa.func.max(Case.id), 0)).scalar_subquery()
    recent = (
        sa.select(col(Case.id))
        .join(Queue, col(Queue.id) == Case.queue_id)
        .where(cases.visible_to(officer), col(Case.id) > newest - _LOOKED_BACK, col(Case.holder_id).is_not(None))
        .order_by(col(Case.id).desc())
        .limit(MOST_JUDGED)
        .subquery()
    )
    first = (
        sa.select(sa.func.min(ReportFinding.id).label("id"))
        .join(Report, col(Report.id) == ReportFinding.report_id)
        .join(recent, recent.c.id == Report.case_id)
        .group_by(col(Report.case_id))
        .subquery()
    )
    said = sa.select(col(ReportFinding.category)).join(first, first.c.id == ReportFinding.id)
    judged = Counter(session.connection().scalars(said))
    corrected = sa.select(col(Correction.said_category), col(Correction.case_id)).join(
        recent, recent.c.id == Correction.case_id
    )
    differs = sa.or_(
        col(Correction.category) != Correction.said_category, col(Correction.severity) != Correction.said_severity
    )
    wrong = Counter(row.said_category for row in session.connection().execute(corrected.where(differs).distinct()))
    return [
        Agreement(category, judged[category], min(wrong[category], judged[category]))
        for category in Category
        if judged[category]
    ]


def newest(session: Session, officer: Officer) -> list[Listed]:
    """The newest corrections of cases that the officer may see."""
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            col(Case.reference),
            *(
                col(column)
                for column in (
                    Correction.said_category,
                    Correction.said_severity,
                    Correction.category,
                    Correction.severity,
                    Correction.words,
                    Correction.reason,
                    Correction.corrected_at,
                )
            ),
        )
        .select_from(Correction)
        .join(Case, col(Case.id) == Correction.case_id)
        .join(Queue, col(Queue.id) == Case.queue_id)
        .where(cases.visible_to(officer))
        .order_by(col(Correction.id).desc())
        .limit(MOST_LISTED)
    )
    return [Listed(**row._mapping) for row in session.connection().execute(query)]


def lines(session: Session) -> Iterator[dict[str, str]]:
    """The newest correction of each report as a line of a file of labelled messages: its text, and nobody's name.

    What is in a sealed queue stays there.
    """
    last = sa.select(sa.func.max(Correction.id)).group_by(col(Correction.report_id))
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            *(col(column) for column in (Correction.id, Correction.category, Correction.severity)),
            *(col(column) for column in (Report.text, Report.language)),
        )
        .select_from(Correction)
        .join(Report, col(Report.id) == Correction.report_id)
        .join(Case, col(Case.id) == Report.case_id)
        .join(Queue, col(Queue.id) == Case.queue_id)
        .where(col(Queue.sealed).is_(False), col(Correction.id).in_(last))
        .order_by(col(Correction.id))
    )
    for row in session.connection().execute(query):
        yield {
            "id": f"correction-{row.id}",
            "text": row.text,
            "category": row.category.value,
            "severity": row.severity.value,
            "language": row.language,
        }


def how_many(session: Session) -> tuple[int, int]:
    """How many reports were corrected, and how many of them are in sealed queues."""
    query = (
        sa.select(col(Queue.sealed), sa.func.count(sa.distinct(col(Correction.report_id))))
        .select_from(Correction)
        .join(Report, col(Report.id) == Correction.report_id)
        .join(Case, col(Case.id) == Report.case_id)
        .join(Queue, col(Queue.id) == Case.queue_id)
        .group_by(col(Queue.sealed))
    )
    counts = {bool(sealed): int(count) for sealed, count in session.connection().execute(query)}
    return sum(counts.values()), counts.get(True, 0)
