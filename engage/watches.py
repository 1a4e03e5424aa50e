"""The watch: who has a queue now, by name, who is planned to, and what may honestly be promised to reporters."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from statistics import median
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import cases
from engage.accounts import Officer
from engage.db import add_row
from engage.models import Case, Queue, Shift, Site, Staff, Watch

#: A watch that nobody ended for so long is nobody's any more, as far as reporters are told.
LONGEST_WATCH = timedelta(hours=24)
DAYS_OF_ANSWERS = 28
#: A median needs no more than these.
MOST_ANSWERS = 200


def _(sentence: str) -> str:
    return sentence


class WatchRefused(Exception):
    """The act does not fit the watch as it stands; `sentence`, filled with `values`, says why."""

    def __init__(self, sentence: str, **values: str) -> None:
        super().__init__(sentence % values)
        self.sentence, self.values = sentence, values


class WatchHeld(WatchRefused):
    """Another officer has the watch; taking it over is an act of its own."""

    def __init__(self, holder: str) -> None:
        super().__init__(_("%(holder)s has the watch of this queue."), holder=holder)


@dataclass(frozen=True, slots=True)
class Had:
    """Who has the watch of a queue, and since when."""

    staff_id: int
    name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Planned:
    """A shift: from when to when, and who is planned for it, if anybody."""

    begins: datetime
    ends: datetime
    timezone: str
    name: str | None


@dataclass(frozen=True, slots=True)
class Public:
    """What reporters may be told: whether somebody has the watch, else by when somebody reads, as far as is planned.

    `first_answer` is the median time to a first answer in the last 28 days, or None where there was none.
    """

    staffed: bool
    reads_by: datetime | None
    first_answer: timedelta | None


def find_queue(session: Session, officer: Officer, slug: str) -> Queue:
    """A queue that an officer works; `cases.CaseMissing` for any other, just as for none at all."""
    found = next((queue for queue in cases.queues_of(session, officer) if queue.slug == slug), None)
    if found is None:
        raise cases.CaseMissing
    return found


def had(session: Session, queue_ids: Collection[int]) -> dict[int, Had]:
    """Who has the watch of these queues, by queue; a queue without one is left out."""
    query = (
        select(Watch, Staff.name)
        .join(Staff, col(Staff.id) == Watch.staff_id)
        .where(col(Watch.queue_id).in_(list(queue_ids)), col(Watch.ended_at).is_(None))
    )
    return {watch.queue_id: Had(watch.staff_id, name, watch.began_at) for watch, name in session.exec(query)}


def mine(session: Session, officer: Officer) -> set[int]:
    """The ids of the queues whose watch an officer has."""
    query = select(Watch.queue_id).where(Watch.staff_id == officer.staff_id, col(Watch.ended_at).is_(None))
    return set(session.exec(query))


def unwatched(session: Session, officer: Officer) -> list[Queue]:
    """The queues of an officer of which nobody has the watch."""
    queues = cases.queues_of(session, officer)
    watched = had(session, [queue.id or 0 for queue in queues])
    return [queue for queue in queues if queue.id not in watched]


def take(session: Session, officer: Officer, slug: str, now: datetime, *, take_over: bool = False) -> Queue:
    """Take the watch of a queue by name; `WatchHeld` when another has it, unless it is taken over on purpose."""
    queue = _locked(session, find_queue(session, officer, slug))
    holder = had(session, [queue.id or 0]).get(queue.id or 0)
    if holder is not None and holder.staff_id == officer.staff_id:
        return queue
    if holder is not None and not take_over:
        raise WatchHeld(holder.name)
    begin_watch(session, queue.id or 0, officer.staff_id, now)
    return queue


def give_up(session: Session, officer: Officer, slug: str, now: datetime) -> Queue:
    """End one's own watch without a successor."""
    queue = _locked(session, find_queue(session, officer, slug))
    holder = had(session, [queue.id or 0]).get(queue.id or 0)
    if holder is None or holder.staff_id != officer.staff_id:
        raise WatchRefused(_("You do not have the watch of this queue."))
    _end(session, queue.id or 0, now)
    return queue


def begin_watch(session: Session, queue_id: int, staff_id: int, now: datetime) -> None:
    """Begin a watch of a queue that the caller has locked; whoever had it has it no longer."""
    _end(session, queue_id, now)
    add_row(session, Watch, queue_id=queue_id, staff_id=staff_id, began_at=now, ended_at=None)


def planned(session: Session, queue_ids: Collection[int], now: datetime) -> dict[int, list[Planned]]:
    """The shifts of queues that are on at a moment, else the next one; by queue, those with a name first."""
    query = (
        select(Shift, Staff.name)
        .outerjoin(Staff, col(Staff.id) == Shift.staff_id)
        .where(col(Shift.queue_id).in_(list(queue_ids)))
    )
    shifts: dict[int, list[Planned]] = {}
    for shift, name in session.exec(query):
        shifts.setdefault(shift.queue_id, []).append(_next(shift, name, now))
    return {queue_id: _on_or_next(found, now) for queue_id, found in shifts.items()}


def promise_to_reporters(session: Session, queue_id: int, now: datetime) -> Public:
    """What may be told to those who write to a queue; `of_site` gives the queue of a site."""
    holder = had(session, [queue_id]).get(queue_id)
    staffed = holder is not None and now - holder.since < LONGEST_WATCH
    coming = next(iter(planned(session, [queue_id], now).get(queue_id, ())), None)
    reads_by = None if staffed or coming is None else max(coming.begins, now)
    return Public(staffed, reads_by, _first_answer(session, queue_id, now))


def of_site(session: Session, site_id: int) -> int:
    """The queue that a site's reports reach at least: the one where they wait when no rule fits."""
    return session.exec(select(Site.fallback_queue_id).where(Site.id == site_id)).one()


def _first_answer(session: Session, queue_id: int, now: datetime) -> timedelta | None:
    since = now - timedelta(days=DAYS_OF_ANSWERS)
    query = (
        select(Case.opened_at, Case.responded_at)
        .where(Case.queue_id == queue_id, col(Case.responded_at) > since, col(Case.responded_at).is_not(None))
        .order_by(col(Case.responded_at).desc())
        .limit(MOST_ANSWERS)
    )
    waited = [(answered - opened).total_seconds() for opened, answered in session.exec(query) if answered is not None]
    return timedelta(seconds=median(waited)) if waited else None


def _locked(session: Session, queue: Queue) -> Queue:
    """A queue whose watch nobody else changes until this transaction ends."""
    return session.exec(select(Queue).where(Queue.id == queue.id).with_for_update()).one()


def _end(session: Session, queue_id: int, now: datetime) -> None:
    is_open = sa.and_(col(Watch.queue_id) == queue_id, col(Watch.ended_at).is_(None))
    session.connection().execute(sa.update(Watch).where(is_open).values(ended_at=now))


def _next(shift: Shift, name: str | None, now: datetime) -> Planned:
    """When a weekly shift is on, or is so next."""
    zone = ZoneInfo(shift.timezone)
    today = now.astimezone(zone).date()
    length = _length(shift.from_time, shift.to_time)
    for days in range(-1, 8):
        day = today + timedelta(days=days)
        if day.weekday() != shift.weekday:
            continue
        begins = datetime.combine(day, shift.from_time, zone)
        ends = datetime.combine(day + timedelta(days=length), shift.to_time, zone)
        if ends > now:
            break
    return Planned(begins, ends, shift.timezone, name)


def _length(from_time: time, to_time: time) -> int:
    """How many days later a shift ends than it begins."""
    return 0 if to_time > from_time else 1


def _on_or_next(shifts: Sequence[Planned], now: datetime) -> list[Planned]:
    """The shifts that are on, else the next ones, those with a name first."""
    on = [one for one in shifts if one.begins <= now] or [
        one for one in shifts if one.begins == min(other.begins for other in shifts)
    ]
    return sorted(on, key=lambda one: (one.name is None, one.begins, one.name or ""))
