"""Reading the watch page: for each queue that an officer works who has it, who is planned, and what is handed over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from engage import cases, handovers, watches
from engage.accounts import Officer
from engage.handovers import Told
from engage.models import Queue, Site
from engage.watches import Had, Planned


@dataclass(frozen=True, slots=True)
class Board:
    """One queue on the watch page. `leaves` has the references of what its watch would hand over, where it is mine."""

    slug: str
    name: str
    sealed: bool
    holder: Had | None
    mine: bool
    shifts: tuple[Planned, ...]
    leaves: Mapping[str, list[str]]
    pending: Told | None
    history: tuple[Told, ...]


def read(session: Session, officer: Officer, now: datetime) -> list[Board]:
    """Every queue of an officer, in the order of their names."""
    queues = cases.queues_of(session, officer)
    queue_ids = [queue.id or 0 for queue in queues]
    holders = watches.had(session, queue_ids)
    shifts = watches.planned(session, queue_ids, now)
    return [
        _board(session, queue, officer, holders.get(queue.id or 0), tuple(shifts.get(queue.id or 0, ())), now)
        for queue in queues
    ]


def timezone(session: Session) -> str:
    """The time zone of the first site: queues serve several sites and have none of their own."""
    return session.exec(select(Site.timezone).order_by(col(Site.id))).first() or "UTC"


def _board(
    session: Session, queue: Queue, officer: Officer, holder: Had | None, shifts: tuple[Planned, ...], now: datetime
) -> Board:
    mine = holder is not None and holder.staff_id == officer.staff_id
    return Board(
        slug=queue.slug,
        name=queue.name,
        sealed=queue.sealed,
        holder=holder,
        mine=mine,
        shifts=shifts,
        leaves=handovers.contents(session, queue, now) if mine else {},
        pending=handovers.pending(session, officer, queue),
        history=tuple(handovers.history(session, officer, queue)),
    )
