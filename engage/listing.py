"""Pages of cases: those of one queue, of all queues of an officer, or found by a search, by keyset in both directions.

A queue is read by what is due next: first the cases whose clock runs, then those that wait for their reporter, then
those of which nothing is promised. Each of these stretches, and each queue, is read from an index of its own, so that
a page costs the same however many cases there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import case_rows, cases, proposals
from engage.accounts import Officer
from engage.case_rows import Row
from engage.cases import CaseMissing
from engage.models import Case, Place, Queue, Report, Site
from engage.taxonomy import CaseStatus, Category, Channel, Severity

PAGE = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Order(StrEnum):
    """How a page is sorted: by what is due next, or the most urgent and newest first."""

    DUE = "due"
    SEVERITY = "severity"


class Holder(StrEnum):
    """Whose cases are shown."""

    ME = "me"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in an order: stretch, key (microseconds since 1970, or an urgency; 0 where there is none), and id."""

    stretch: int
    key: int
    id: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases to show, and from where on. Without a status: the open ones; `closed`: the ended ones."""

    order: Order = Order.DUE
    status: CaseStatus | None = None
    category: Category | None = None
    severity: Severity | None = None
    site: str | None = None
    place: str | None = None
    holder: Holder | None = None
    language: str | None = None
    channel: Channel | None = None
    reporter_waits: bool = False
    late: bool = False
    after: Spot | None = None
    before: Spot | None = None

    @property
    def is_open(self) -> bool:
        """Whether only open cases are wanted."""
        return self.status is None or self.status.is_open


@dataclass(frozen=True, slots=True)
class Page:
    """One page of cases; `previous` and `next` go on from it in either direction, where there is more."""

    rows: tuple[Row, ...]
    previous: Spot | None
    next: Spot | None


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A part of an order in which no key is empty: what belongs to it, its columns, and their direction."""

    where: sa.ColumnElement[bool]
    columns: tuple[Any, ...]
    descending: bool = False


_RUNS, _PAUSED = col(Case.paused_at).is_(None), col(Case.paused_at).is_not(None)
_DUE, _NEVER = col(Case.due_at).is_not(None), col(Case.due_at).is_(None)
_BY_DUE = (col(Case.due_at), col(Case.id))
_STRETCHES: dict[Order, tuple[_Stretch, ...]] = {
    Order.DUE: (
        _Stretch(sa.and_(_RUNS, _DUE), _BY_DUE),
        _Stretch(sa.and_(_PAUSED, _DUE), _BY_DUE),
        _Stretch(sa.and_(_RUNS, _NEVER), (col(Case.id),)),
        _Stretch(sa.and_(_PAUSED, _NEVER), (col(Case.id),)),
    ),
    Order.SEVERITY: (_Stretch(sa.true(), (col(Case.urgency), col(Case.id)), descending=True),),
}


def find_queue(session: Session, officer: Officer, slug: str) -> Queue:
    """A queue by its slug; `CaseMissing` for one that the officer may not see, just as for none at all."""
    # PostgreSQL cannot even be asked for a NUL.
    named = Queue.slug == slug.replace("\0", "␀")
    queue = session.exec(select(Queue).where(named, cases.visible_to(officer))).first()
    if queue is None:
        raise CaseMissing
    return queue


def my_queues(session: Session, officer: Officer, holder: Holder | None) -> list[Queue]:
    """The queues of a page of all of them; for what an officer holds, every queue that they may see."""
    if holder is not Holder.ME:
        return cases.queues_of(session, officer)
    return list(session.exec(select(Queue).where(cases.visible_to(officer)).order_by(col(Queue.name))))


def read_page(session: Session, officer: Officer, queues: Sequence[Queue], wanted: Wanted, now: datetime) -> Page:
    """A page of up to 50 cases of queues that the officer may see."""
    backwards = wanted.before is not None
    ids = _ids(session, officer, queues, wanted, now)
    more = len(ids) > PAGE
    ids = ids[:PAGE][:: -1 if backwards else 1]
    proposed = proposals.open_among(session, officer, ids)
    rows = [replace(row, perhaps_same=row.id in proposed) for row in case_rows.read(session, ids)]
    first, last = (spot_of(rows[at], wanted) for at in (0, -1)) if rows else (None, None)
    return Page(
        rows=tuple(rows),
        previous=first if (more if backwards else wanted.after is not None) else None,
        next=last if (backwards or more) else None,
    )


def spot_of(row: Row, wanted: Wanted) -> Spot:
    """Where a row stands in the order of a page."""
    if _order(wanted) is Order.SEVERITY:
        return Spot(0, row.urgency, row.id)
    paused = row.paused_at is not None
    if row.due_at is None:
        return Spot(2 + paused, 0, row.id)
    return Spot(0 + paused, (row.due_at - _EPOCH) // _MICROSECOND, row.id)


def _order(wanted: Wanted) -> Order:
    """Nothing is due any more of cases that have ended."""
    return wanted.order if wanted.is_open else Order.SEVERITY


def _ids(session: Session, officer: Officer, queues: Sequence[Queue], wanted: Wanted, now: datetime) -> list[int]:
    """The ids of a page and one more, from where it begins on; against the order when it goes back."""
    found: list[int] = []
    if not queues:
        return found
    narrowed = _narrowed(officer, wanted, now)
    spot = wanted.before or wanted.after
    for stretch, spots in _stretches(_order(wanted), spot, backwards=wanted.before is not None):
        if wanted.late and stretch.where is not _STRETCHES[Order.DUE][0].where and _order(wanted) is Order.DUE:
            continue  # nothing is late while its clock stands still
        descending = stretch.descending != (wanted.before is not None)
        query = sa.select(col(Case.id).label("id"), *_labelled(stretch)).where(stretch.where, *narrowed, *spots)
        legs = [
            query.where(col(Case.queue_id) == queue.id)
            .order_by(*(column.desc() if descending else column for column in stretch.columns))
            .limit(PAGE + 1 - len(found))
            .subquery()
            for queue in queues
        ]
        merged = sa.union_all(*(sa.select(leg) for leg in legs)).subquery()
        sorting = [merged.c[f"key_{at}"] for at in range(len(stretch.columns))]
        in_order = sa.select(merged.c.id).order_by(*(key.desc() if descending else key for key in sorting))
        found += session.connection().execute(in_order.limit(PAGE + 1 - len(found))).scalars()
        if len(found) > PAGE:
            break
    return found


def _labelled(stretch: _Stretch) -> list[Any]:
    return [column.label(f"key_{at}") for at, column in enumerate(stretch.columns)]


def _stretches(
    order: Order, spot: Spot | None, *, backwards: bool
) -> Iterator[tuple[_Stretch, tuple[sa.ColumnElement[bool], ...]]]:
    """The stretches that a page may reach from a spot on, nearest first, with what bounds them there."""
    stretches = _STRETCHES[order]
    begin = min(spot.stretch, len(stretches) - 1) if spot else 0
    for at in range(begin, -1, -1) if backwards else range(begin, len(stretches)):
        stretch = stretches[at]
        if spot is None or at != begin:
            yield stretch, ()
            continue
        key: Any = _EPOCH + timedelta(microseconds=spot.key) if order is Order.DUE else spot.key
        values = (key, spot.id)[-len(stretch.columns) :]
        own = sa.tuple_(*stretch.columns)
        there = sa.tuple_(
            *(sa.literal(value, column.type) for value, column in zip(values, stretch.columns, strict=True))
        )
        yield stretch, ((own < there) if stretch.descending != backwards else (own > there),)


def _narrowed(officer: Officer, wanted: Wanted, now: datetime) -> list[sa.ColumnElement[bool]]:
    ended = col(Case.closed_at).is_not(None)
    found: list[sa.ColumnElement[bool]] = [sa.not_(ended) if wanted.is_open else ended]
    if wanted.status not in (None, CaseStatus.CLOSED):
        found.append(col(Case.status) == wanted.status)
    if wanted.category:
        found.append(col(Case.category) == wanted.category)
    if wanted.severity:
        found.append(col(Case.urgency) == wanted.severity.urgency)
    if wanted.site:
        found.append(col(Case.site_id).in_(sa.select(col(Site.id)).where(col(Site.slug) == wanted.site)))
    if wanted.place:
        found.append(col(Case.place_id).in_(sa.select(col(Place.id)).where(col(Place.slug) == wanted.place)))
    if wanted.holder:
        mine = wanted.holder is Holder.ME
        found.append(col(Case.holder_id) == officer.staff_id if mine else col(Case.holder_id).is_(None))
    if wanted.reporter_waits:
        found.append(col(Case.reporter_waits).is_(True))
    if wanted.late:
        found += [col(Case.due_at) < now, col(Case.paused_at).is_(None)]
    said = [
        own == value
        for own, value in ((col(Report.language), wanted.language), (col(Report.channel), wanted.channel))
        if value
    ]
    if said:
        found.append(sa.exists().where(col(Report.case_id) == col(Case.id), *said).correlate(Case))
    return found
