"""Proposals: which open cases may be one event with a report that just came, and what staff say of it.

How a new report finds them is told in `lookalikes`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from engage import cases, lookalikes, sameness
from engage.accounts import Officer
from engage.db import Database, add_row, add_rows
from engage.models import Case, Proposal, Queue, Report, ReportTrace, TraceTerm
from engage.posters.register import Whereabouts
from engage.sameness import Likeness, Nearness, Told, Trace
from engage.taxonomy import Category, Severity, Verdict

MOST_PROPOSED: Final = 3
MOST_SHOWN: Final = 50
LIKELY: Final = 0.7
EXCERPT: Final = 160  # characters of a report's beginning
_ABOUT_AS_LIKE = 10  # likenesses of the same tenth are as good, and the older case comes first
#: Terms are kept a little longer than they are compared.
_KEPT = sameness.WITHIN + timedelta(minutes=5)
_OwnCase, _OwnQueue = aliased(Case), aliased(Queue)
_INSERT: Final[dict[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class Proposed:
    """A case that may be one event with the one that an officer reads. `reasons` are those of `sameness.Likeness`."""

    id: int
    reference: str
    category: Category
    severity: Severity
    opened_at: datetime
    reports: int
    excerpt: str
    likeness: float
    reasons: dict[str, Any]

    @property
    def is_likely(self) -> bool:
        """Whether it is chosen already where there are many to choose from."""
        return self.likeness >= LIKELY


def propose(session: Session, report_id: int, case_id: int, trace: Trace, where: Whereabouts, now: datetime) -> int:
    """Keep the trace of a new report and propose the open cases that it may belong to; give how many, at most three."""
    told = Told(trace, now, where.site_id, where.zone_id, where.place_id)
    terms = sameness.looked_up_by(trace)
    found = lookalikes.find(session, told, terms, case_id)
    _keep(session, report_id, told, terms)
    rows = [_row(case_id, other_id, found[other_id], now) for other_id in _best(found)]
    add_rows(session, Proposal, rows)
    return len(rows)


def extend(session: Session, report: Report, trace: Trace, where: Whereabouts, now: datetime) -> int:
    """Compare a report anew, after its reporter said more or where it is became known; give how many are proposed.

    From then on it is told `now`: what just came is compared with what comes now. Words that add nothing change
    nothing, and no pair of cases is proposed twice, whatever staff said of it.
    """
    own = sa.select(ReportTrace.__table__).where(col(ReportTrace.report_id) == report.id)  # type: ignore[attr-defined]
    kept = session.connection().execute(own).first()
    told = Told(trace, now, where.site_id, where.zone_id, where.place_id)
    if kept is not None:
        before = Trace(kept.language, kept.category, kept.terms)
        moved = (kept.site_id, kept.zone_id, kept.place_id) != (told.site_id, told.zone_id, told.place_id)
        if not moved and trace.category is before.category and trace.terms.keys() <= before.terms.keys():
            return 0
        _forget(session, report.id or 0, kept.site_id, sameness.looked_up_by(before))
    terms = sameness.looked_up_by(trace)
    found = lookalikes.find(session, told, terms, report.case_id)
    _keep(session, report.id or 0, told, terms)
    known = _known_others(session, report.case_id)
    new = {other_id: likeness for other_id, likeness in found.items() if other_id not in known}
    # Two reports of one event may go on at the same moment, each the lookalike of the other: always in one order.
    rows = sorted(
        (_row(report.case_id, other_id, new[other_id], now) for other_id in _best(new)),
        key=lambda row: (row["case_id"], row["other_case_id"]),
    )
    if rows:
        insert = _INSERT[session.get_bind().dialect.name](Proposal).values(rows)
        session.connection().execute(insert.on_conflict_do_nothing(index_elements=["case_id", "other_case_id"]))
    return len(rows)


def _known_others(session: Session, case_id: int) -> set[int]:
    """The cases that were ever proposed as one with this."""
    own = sa.or_(col(Proposal.case_id) == case_id, col(Proposal.other_case_id) == case_id)
    pairs = session.exec(select(Proposal.case_id, Proposal.other_case_id).where(own))
    return {other_id for pair in pairs for other_id in pair}


def _forget(session: Session, report_id: int, site_id: int, terms: Sequence[str]) -> None:
    """Take away a report's trace and the terms by which it was found."""
    own = (col(TraceTerm.site_id) == site_id, col(TraceTerm.term).in_(terms), col(TraceTerm.report_id) == report_id)
    session.connection().execute(sa.delete(TraceTerm).where(*own))
    session.connection().execute(sa.delete(ReportTrace).where(col(ReportTrace.report_id) == report_id))


def _best(found: Mapping[int, Likeness]) -> list[int]:
    """The cases to propose: the likeliest, and in any case the oldest, so that the reports of a surge come together."""
    best = sorted(found, key=lambda other_id: (-round(found[other_id].value * _ABOUT_AS_LIKE), other_id))
    best = best[:MOST_PROPOSED]
    if found and min(found) not in best:
        best[-1] = min(found)
    return best


def forget_old_terms(database: Database, now: datetime) -> int:
    """Delete the terms of reports too old to be compared; give how many. Writers wait only where there are any."""
    old = col(TraceTerm.told_at) < now - _KEPT
    with database.reading() as session:
        if session.exec(select(TraceTerm.report_id).where(old).limit(1)).first() is None:
            return 0
    with database.transaction() as session:
        return session.connection().execute(sa.delete(TraceTerm).where(old)).rowcount


def of_case(session: Session, officer: Officer, case: Case) -> list[Proposed]:
    """The open proposals of a case with cases that the officer may see, the likeliest first.

    One of a sealed queue is proposed only to a case of the same queue.
    """
    other = sa.case((col(Proposal.case_id) == case.id, col(Proposal.other_case_id)), else_=col(Proposal.case_id))
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            *(col(column) for column in (Proposal.id, Proposal.likeness, Proposal.reasons)),
            col(Case.id).label("case_id"),
            *(col(column) for column in (Case.reference, Case.category, Case.severity, Case.opened_at)),
        )
        .select_from(Proposal)
        .join(Case, col(Case.id) == other)
        .join(Queue, col(Queue.id) == Case.queue_id)
        .where(
            sa.or_(col(Proposal.case_id) == case.id, col(Proposal.other_case_id) == case.id),
            col(Proposal.verdict).is_(None),
            col(Case.closed_at).is_(None),
            cases.visible_to(officer),
            _not_out_of_sealed(session, case),
        )
        .order_by(col(Proposal.likeness).desc(), col(Proposal.id))
        .limit(MOST_SHOWN)
    )
    rows = session.connection().execute(query).all()
    told = _beginnings(session, [row.case_id for row in rows])
    return [
        Proposed(
            **{name: value for name, value in row._mapping.items() if name != "case_id"},
            reports=told[row.case_id].reports,
            excerpt=" ".join(str(told[row.case_id].beginning).split()),
        )
        for row in rows
        if row.case_id in told
    ]


def open_among(session: Session, officer: Officer, case_ids: Sequence[int]) -> set[int]:
    """Those of these cases for which `of_case` has something to show."""
    found: set[int] = set()
    sides = (col(Proposal.case_id), col(Proposal.other_case_id))
    for own, other in (sides, sides[::-1]) if case_ids else ():
        query = (
            sa.select(own)
            .join(_OwnCase, col(_OwnCase.id) == own)
            .join(_OwnQueue, col(_OwnQueue.id) == col(_OwnCase.queue_id))
            .join(Case, col(Case.id) == other)
            .join(Queue, col(Queue.id) == Case.queue_id)
            .where(
                own.in_(case_ids),
                col(Proposal.verdict).is_(None),
                col(Case.closed_at).is_(None),
                cases.visible_to(officer),
                sa.or_(
                    col(_OwnQueue.id) == col(Queue.id),
                    sa.and_(col(_OwnQueue.sealed).is_(False), col(Queue.sealed).is_(False)),
                ),
            )
        )
        found.update(session.connection().scalars(query))
    return found


def decide(session: Session, proposal_id: int, case: Case, verdict: Verdict, staff_id: int, now: datetime) -> bool:
    """Keep what staff say of a proposal of a case; False where it has none such, or it is decided."""
    done = session.connection().execute(
        sa.update(Proposal)
        .where(
            col(Proposal.id) == proposal_id,
            sa.or_(col(Proposal.case_id) == case.id, col(Proposal.other_case_id) == case.id),
            col(Proposal.verdict).is_(None),
        )
        .values(verdict=verdict, decided_by=staff_id, decided_at=now)
    )
    return done.rowcount == 1


def follow(session: Session, merged: Case, into: Case, staff_id: int, now: datetime) -> None:
    """After a merge: what was proposed between the two is so, and what else was open for the merged one goes over."""
    other = {merged.id, into.id}
    open_ones = sa.or_(col(Proposal.case_id) == merged.id, col(Proposal.other_case_id) == merged.id)
    known = {
        frozenset(pair)
        for pair in session.exec(
            select(Proposal.case_id, Proposal.other_case_id).where(
                sa.or_(col(Proposal.case_id) == into.id, col(Proposal.other_case_id) == into.id)
            )
        )
    }
    for row in session.exec(select(Proposal).where(open_ones, col(Proposal.verdict).is_(None))).all():
        third = row.other_case_id if row.case_id == merged.id else row.case_id
        pair = frozenset({third, into.id or 0})
        if third in other or pair in known:
            row.verdict, row.decided_by, row.decided_at = Verdict.SAME, staff_id, now
        else:
            known.add(pair)
            row.case_id, row.other_case_id = max(third, into.id or 0), min(third, into.id or 0)
        session.add(row)
    session.flush()


def traces_of(session: Session, report_ids: Iterable[int]) -> dict[int, Trace]:
    """The traces of reports; those from before there were any have none."""
    rows = session.exec(select(ReportTrace).where(col(ReportTrace.report_id).in_(list(report_ids))))
    return {row.report_id: Trace(row.language, row.category, row.terms) for row in rows}


def _not_out_of_sealed(session: Session, case: Case) -> sa.ColumnElement[bool]:
    """What is told in a sealed queue stays among its own cases."""
    own = col(Queue.id) == case.queue_id
    return own if session.get_one(Queue, case.queue_id).sealed else sa.or_(own, col(Queue.sealed).is_(False))


def _beginnings(session: Session, case_ids: Sequence[int]) -> dict[int, Any]:
    """How the first report of each case begins, and how many it has."""
    counted = (
        sa.select(sa.func.min(Report.id).label("first"), sa.func.count().label("reports"))
        .where(col(Report.case_id).in_(case_ids))
        .group_by(col(Report.case_id))
        .subquery()
    )
    beginning = sa.func.substr(Report.text, 1, EXCERPT).label("beginning")
    query = sa.select(col(Report.case_id), beginning, counted.c.reports).join(
        counted, col(Report.id) == counted.c.first
    )
    return {row.case_id: row for row in session.connection().execute(query)}


def _keep(session: Session, report_id: int, told: Told, terms: Sequence[str]) -> None:
    add_row(
        session,
        ReportTrace,
        report_id=report_id,
        site_id=told.site_id,
        zone_id=told.zone_id,
        place_id=told.place_id,
        language=told.trace.language,
        category=told.trace.category,
        terms=dict(told.trace.terms),
        told_at=told.at,
    )
    add_rows(
        session,
        TraceTerm,
        [{"site_id": told.site_id, "term": term, "report_id": report_id, "told_at": told.at} for term in terms],
    )


def _row(case_id: int, other_id: int, likeness: Likeness, now: datetime) -> dict[str, Any]:
    reasons = {
        "near": (likeness.near or Nearness.SITE).value,
        "minutes": likeness.minutes,
        "category": likeness.category.value if likeness.category else None,
        "shared": [list(pair) for pair in likeness.shared],
        "differ": [list(pair) for pair in likeness.differ],
    }
    return {
        "case_id": max(case_id, other_id),
        "other_case_id": min(case_id, other_id),
        "likeness": likeness.value,
        "reasons": reasons,
        "proposed_at": now,
        "verdict": None,
        "decided_by": None,
        "decided_at": None,
    }
