"""Rehearsing a change: what the reports of the last 30 days would have done under other rules, or other words.

Nothing is changed by it. What an administrator may not see is counted without its reference; what another authority
has, or the sealed queue of another unit, is not even counted. Words are tried only on what the administrator may read:
else trying one word after another would tell what others were written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col

from engage import cases
from engage.accounts import Officer
from engage.models import Case, Place, Queue, Report, ReportFinding, Site
from engage.routing import Duty, Matter, Route, route
from engage.taxonomy import Category, Severity
from engage.triage import Finding

DAYS: Final = 30
#: The newest so many are judged again; a site with more of them learns enough from these.
MOST_REPORTS: Final = 10_000
MOST_SHOWN: Final = 100
#: What gives the finding for a text.
Judge = Callable[[str], Finding]
_URGENT: Final = (Severity.CRITICAL, Severity.HIGH)


@dataclass(frozen=True, slots=True)
class Past:
    """A report of the last days as routing sees it. `reference` is empty where the administrator may not see it."""

    reference: str
    matter: Matter
    fallback_queue_id: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """A report that would have gone elsewhere, or been called otherwise. `drops`: an urgent one that would sink."""

    reference: str
    from_queue: str
    to_queue: str
    category: Category
    severity: Severity
    new_category: Category
    new_severity: Severity
    drops: bool


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a change would have done: how many reports were judged again, how many move, how many urgent ones drop.

    `ways` counts the moves by their queues, most first; `shown` are those whose references may be seen, 100 at most.
    """

    judged: int
    moved: int
    dropped: int
    ways: tuple[tuple[str, str, int], ...]
    shown: tuple[Move, ...]
    capped: bool


def past(
    session: Session, officer: Officer, now: datetime, *, texts: bool = False, most: int = MOST_REPORTS
) -> list[Past]:
    """The newest reports of the last 30 days with what triage said of them first, newest first."""
    seen = sa.case((cases.visible_to(officer), 1), else_=0).label("seen")
    first = (
        sa.select(sa.func.min(col(ReportFinding.id)))
        .where(col(ReportFinding.report_id) == col(Report.id))
        .correlate(Report)
        .scalar_subquery()
    )
    columns: tuple[Any, ...] = (
        col(Report.reference),
        col(Report.received_at),
        col(Report.site_id),
        col(Site.timezone),
        col(Site.fallback_queue_id),
        col(Place.zone_id),
        col(ReportFinding.category),
        col(ReportFinding.severity),
        col(ReportFinding.confidence),
        seen,
        *((col(Report.text),) if texts else ()),
    )
    newest = sa.select(col(Report.id)).order_by(col(Report.id).desc()).limit(most).subquery()
    query = (
        sa.select(*columns)
        .select_from(Report)
        .join(ReportFinding, col(ReportFinding.id) == first)
        .join(Site, col(Site.id) == Report.site_id)
        .outerjoin(Place, col(Place.id) == Report.place_id)
        .join(Case, col(Case.id) == Report.case_id)
        .join(Queue, col(Queue.id) == Case.queue_id)
        .where(col(Report.id).in_(sa.select(newest.c.id)))  # else all the old ones would be looked at for their age
        .where(col(Report.received_at) > now - timedelta(days=DAYS), reached(officer))
        .where(cases.visible_to(officer) if texts else sa.true())
        .order_by(col(Report.id).desc())
    )
    return [_past(row, texts) for row in session.connection().execute(query)]


def reached(officer: Officer) -> sa.ColumnElement[bool]:
    """The queues whose reports an administrator is told of as numbers: their authority's own, if not sealed away."""
    open_to_them = sa.or_(col(Queue.sealed).is_(False), col(Queue.unit_id).in_(officer.unit_ids))
    return sa.and_(col(Queue.authority_id) == officer.authority_id, open_to_them)


def _past(row: Any, texts: bool) -> Past:
    clock = row.received_at.astimezone(ZoneInfo(row.timezone)).time()
    matter = Matter(row.category, row.severity, row.site_id, row.zone_id, clock, row.confidence)
    return Past(row.reference if row.seen else "", matter, row.fallback_queue_id, row.text if texts else "")


def rehearse_rules(
    some: Sequence[Past], before: Sequence[Duty], after: Sequence[Duty], queues: dict[int, str]
) -> Rehearsed:
    """What other rules would have done with the same findings. `queues` are the names of queues by their ids."""
    return _rehearsed(some, lambda one: _move(one, one.matter, before, after, queues))


def rehearse_words(
    some: Sequence[Past],
    matters: Callable[[str], bool],
    judges: tuple[Judge, Judge],
    duties: Sequence[Duty],
    queues: dict[int, str],
) -> Rehearsed:
    """What other words would have found in the same texts, and where that would have sent them.

    `matters` tells whether words that change are in a text at all; only then it is judged, by the words of before and
    of after. `past` must have been read with texts.
    """

    def move(one: Past) -> Move | None:
        if not matters(one.text):
            return None
        old, new = (_judged(one, judge) for judge in judges)
        return _move(old, new.matter, duties, duties, queues)

    return _rehearsed(some, move)


def _judged(one: Past, judge: Judge) -> Past:
    finding = judge(one.text)
    matter = replace(one.matter, category=finding.category, severity=finding.severity, confidence=finding.confidence)
    return replace(one, matter=matter)


def _rehearsed(some: Sequence[Past], move: Callable[[Past], Move | None]) -> Rehearsed:
    moves = [found for found in map(move, some) if found is not None]
    return Rehearsed(
        judged=len(some),
        moved=len(moves),
        dropped=sum(one.drops for one in moves),
        ways=_ways(moves),
        shown=tuple(sorted((one for one in moves if one.reference), key=lambda one: not one.drops)[:MOST_SHOWN]),
        capped=len(some) >= MOST_REPORTS,
    )


def _ways(moves: Iterable[Move]) -> tuple[tuple[str, str, int], ...]:
    counted = Counter((one.from_queue, one.to_queue) for one in moves)
    return tuple((source, target, count) for (source, target), count in counted.most_common())


def _move(
    one: Past, matter: Matter, before: Sequence[Duty], after: Sequence[Duty], queues: dict[int, str]
) -> Move | None:
    old = route(one.matter, before, one.fallback_queue_id)
    new = route(matter, after, one.fallback_queue_id)
    same = (old.queue_id, old.severity, one.matter.category) == (new.queue_id, new.severity, matter.category)
    if same:
        return None
    return Move(
        reference=one.reference,
        from_queue=queues[old.queue_id],
        to_queue=queues[new.queue_id],
        category=one.matter.category,
        severity=old.severity,
        new_category=matter.category,
        new_severity=new.severity,
        drops=_drops(one, old, new),
    )


def _drops(one: Past, old: Route, new: Route) -> bool:
    """Whether an urgent report would be called less urgent, or would wait where everything waits that nobody takes."""
    if old.severity not in _URGENT:
        return False
    sinks = new.severity.urgency < old.severity.urgency
    return sinks or (new.queue_id == one.fallback_queue_id != old.queue_id)
