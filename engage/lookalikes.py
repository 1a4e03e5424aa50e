"""Lookalikes: the open cases whose reports are enough like a new one to be proposed as the same event.

A new report is compared with at most `MOST_COMPARED` others, found by its weightiest terms among those of the last hour
at its site: the newest and the first ones of each term, so that in a surge the first case is always met.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
import sqlalchemy.orm
from sqlmodel import Session, col

from engage import sameness
from engage.models import Case, Queue, Report, ReportTrace, TraceTerm
from engage.prepared import Prepared
from engage.sameness import Likeness, Told, Trace

MOST_COMPARED: Final = 30
_NEWEST, _FIRST = 20, 8  # reports that are looked at for each term


def find(session: Session, told: Told, terms: Sequence[str], own_case_id: int) -> dict[int, Likeness]:
    """The cases whose reports are alike enough, each with the likeness of its likest report."""
    if not terms:
        return {}
    values = {f"term_{at}": term for at, term in enumerate(terms)}
    having: dict[int, list[str]] = defaultdict(list)
    for row in _looked_up(len(terms)).rows(session, site_id=told.site_id, **values):
        if row.term not in having[row.report_id]:
            having[row.report_id].append(row.term)
    seen = Counter(term for found in having.values() for term in found)
    likeliest = sorted(having, key=lambda one: (-_promise(having[one], seen), one))[:MOST_COMPARED]
    slots = {f"report_{at}": one for at, one in enumerate([*likeliest, *[0] * (MOST_COMPARED - len(likeliest))])}
    best: dict[int, Likeness] = {}
    for row in _COMPARED.rows(session, own=own_case_id, **slots):
        if row.case_id == own_case_id or not _may_be_proposed(row):
            continue
        old = Told(Trace(row.language, row.category, row.terms), row.told_at, told.site_id, row.zone_id, row.place_id)
        found = sameness.compare(told, old, seen)
        if found.value >= sameness.ENOUGH and found.value > getattr(best.get(row.case_id), "value", 0.0):
            best[row.case_id] = found
    return best


def _may_be_proposed(row: Any) -> bool:
    """Whether a case is open, of the same authority, and nothing of a sealed queue would be told outside of it."""
    if row.closed_at is not None or row.authority_id != row.own_authority_id:
        return False
    return row.queue_id == row.own_queue_id or not (row.sealed or row.own_sealed)


def _promise(terms: Sequence[str], seen: Counter[str]) -> float:
    """What the terms that a report shares are worth at first sight."""
    return sum(sameness.weight_of(term) / (1 + seen[term] / _NEWEST) for term in terms)


@cache
def _looked_up(count: int) -> Prepared:
    """The newest and the first reports of each of so many terms at a site: every part reads one index and stops."""
    parts = []
    for at in range(count):
        own = sa.select(col(TraceTerm.report_id), col(TraceTerm.term)).where(
            col(TraceTerm.site_id) == sa.bindparam("site_id"), col(TraceTerm.term) == sa.bindparam(f"term_{at}")
        )
        newest = own.order_by(col(TraceTerm.report_id).desc()).limit(_NEWEST).subquery()
        first = own.order_by(col(TraceTerm.report_id)).limit(_FIRST).subquery()
        parts += [sa.select(newest.c.report_id, newest.c.term), sa.select(first.c.report_id, first.c.term)]
    both = sa.union_all(*parts).subquery()
    return Prepared(sa.select(both.c.report_id, both.c.term))


#: The traces are read first and by their keys, whatever a planner thinks of tables that have just grown a thousandfold.
_TRACES = (
    sa.select(
        *(
            col(column)
            for column in (
                ReportTrace.report_id,
                ReportTrace.language,
                ReportTrace.category,
                ReportTrace.terms,
                ReportTrace.told_at,
                ReportTrace.zone_id,
                ReportTrace.place_id,
            )
        )
    )
    .where(col(ReportTrace.report_id).in_([sa.bindparam(f"report_{at}") for at in range(MOST_COMPARED)]))
    .cte("traces")
    .prefix_with("MATERIALIZED")
)
#: So is nothing filtered here but by keys: which of them may be proposed is asked of the few rows that are found.
_Own = sa.orm.aliased(Case)
_OwnQueue = sa.orm.aliased(Queue)
_COMPARED = Prepared(
    sa.select(
        col(Report.case_id),
        *(_TRACES.c[name] for name in ("language", "category", "terms", "told_at", "zone_id", "place_id")),
        col(Case.authority_id),
        col(Case.queue_id),
        col(Case.closed_at),
        col(Queue.sealed),
        col(_Own.authority_id).label("own_authority_id"),
        col(_Own.queue_id).label("own_queue_id"),
        col(_OwnQueue.sealed).label("own_sealed"),
    )
    .select_from(_TRACES)
    .join(Report, col(Report.id) == _TRACES.c.report_id)
    .join(Case, col(Case.id) == Report.case_id)
    .join(Queue, col(Queue.id) == Case.queue_id)
    .join(_Own, col(_Own.id) == sa.bindparam("own", type_=sa.BigInteger))
    .join(_OwnQueue, col(_OwnQueue.id) == _Own.queue_id)
)
