"""Handovers: what one watch leaves to the next. They write themselves, and the next officer accepts them by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from engage import arrivals, cases, watches
from engage.accounts import Officer
from engage.db import add_row
from engage.models import Alarm, Case, Handover, Queue, Staff
from engage.taxonomy import CaseStatus
from engage.watches import WatchRefused

#: Nobody takes over more than these by name; there may be more, and then the list says so.
MOST_NAMED = 50
MOST_SHOWN = 10
LONGEST_WORDS = 5000
#: What a handover tells of, in the order in which the next officer needs it.
PARTS = ("ringing", "late", "waiting", "referred", "open")


def _(sentence: str) -> str:
    return sentence


@dataclass(frozen=True, slots=True)
class Told:
    """A handover as the desk shows it. `parts` has the references of each part; 51 of them mean more than 50."""

    id: int
    by: str
    by_id: int
    to: str | None
    written_at: datetime
    accepted_at: datetime | None
    words: str
    parts: Mapping[str, list[str]]


def contents(session: Session, queue: Queue, now: datetime) -> dict[str, list[str]]:
    """What a queue leaves to whoever comes next: references by part, those due first at the front."""
    own = sa.and_(col(Case.queue_id) == queue.id, col(Case.closed_at).is_(None))
    rings = sa.exists().where(col(Alarm.case_id) == Case.id, col(Alarm.silenced_at).is_(None))
    which: dict[str, sa.ColumnElement[bool]] = {
        "ringing": rings,
        "late": sa.and_(col(Case.due_at) <= now, col(Case.paused_at).is_(None)),
        "waiting": col(Case.status) == CaseStatus.WAITING_FOR_REPORTER,
        "referred": col(Case.status) == CaseStatus.REFERRED,
        "open": sa.true(),
    }
    first_due = (col(Case.due_at).is_(None), col(Case.due_at), col(Case.id))
    found = {}
    for part in PARTS:
        query = select(Case.reference).where(own, which[part]).order_by(*first_due).limit(MOST_NAMED + 1)
        found[part] = list(session.exec(query))
    return found


def write(session: Session, officer: Officer, slug: str, now: datetime, *, words: str) -> Handover:
    """Hand over one's watch: written anew while nobody has accepted it. The watch goes on until somebody does."""
    queue = watches.find_queue(session, officer, slug)
    holder = watches.had(session, [queue.id or 0]).get(queue.id or 0)
    if holder is None or holder.staff_id != officer.staff_id:
        raise WatchRefused(_("Only who has the watch can hand it over."))
    said = _words(words)
    told = contents(session, queue, now)
    waiting = session.exec(_unaccepted(queue).with_for_update()).first()
    if waiting is None:
        row_id = add_row(
            session,
            Handover,
            queue_id=queue.id,
            from_staff_id=officer.staff_id,
            to_staff_id=None,
            contents=told,
            words=said,
            written_at=now,
            accepted_at=None,
        )
        return session.get_one(Handover, row_id)
    waiting.from_staff_id, waiting.contents, waiting.words, waiting.written_at = officer.staff_id, told, said, now
    session.add(waiting)
    session.flush()
    return waiting


def accept(session: Session, officer: Officer, slug: str, handover_id: int, now: datetime) -> None:
    """Accept a handover by name: the watch that wrote it ends, and one's own begins."""
    queue = watches.find_queue(session, officer, slug)
    session.exec(select(Queue).where(Queue.id == queue.id).with_for_update()).one()
    waiting = session.exec(_unaccepted(queue)).first()
    if waiting is None or waiting.id != handover_id:
        raise WatchRefused(_("This handover was accepted or written anew meanwhile. Look at it again."))
    if waiting.from_staff_id == officer.staff_id:
        raise WatchRefused(_("You wrote this handover; the next officer accepts it."))
    waiting.to_staff_id, waiting.accepted_at = officer.staff_id, now
    session.add(waiting)
    session.flush()
    watches.begin_watch(session, queue.id or 0, officer.staff_id, now)


def pending(session: Session, officer: Officer, queue: Queue) -> Told | None:
    """The handover of a queue that nobody has accepted yet, with the cases that the officer may see."""
    found = session.exec(_unaccepted(queue)).first()
    return _told(session, officer, [found])[0] if found else None


def history(session: Session, officer: Officer, queue: Queue) -> list[Told]:
    """The last accepted handovers of a queue, the newest first, with the cases that the officer may see."""
    query = (
        select(Handover)
        .where(Handover.queue_id == queue.id, col(Handover.accepted_at).is_not(None))
        .order_by(col(Handover.id).desc())
    )
    return _told(session, officer, session.exec(query.limit(MOST_SHOWN)).all())


def _unaccepted(queue: Queue) -> SelectOfScalar[Handover]:
    query = select(Handover).where(Handover.queue_id == queue.id, col(Handover.accepted_at).is_(None))
    return query.order_by(col(Handover.id).desc()).execution_options(populate_existing=True)


def _words(typed: str) -> str:
    """What the officer adds; a handover that writes itself may go without."""
    try:
        return arrivals.accepted_text(typed)[:LONGEST_WORDS]
    except arrivals.EmptyText:
        return ""


def _told(session: Session, officer: Officer, rows: Sequence[Handover]) -> list[Told]:
    """Handovers as they are shown: a case that went where the officer may not look is named in none of them."""
    named = {str(one) for row in rows for part in PARTS for one in row.contents.get(part, ())}
    seen = cases.visible_references(session, officer, named)
    return [
        Told(
            id=row.id or 0,
            by=session.get_one(Staff, row.from_staff_id).name,
            by_id=row.from_staff_id,
            to=session.get_one(Staff, row.to_staff_id).name if row.to_staff_id else None,
            written_at=row.written_at,
            accepted_at=row.accepted_at,
            words=row.words,
            parts={part: [str(one) for one in row.contents.get(part, ()) if str(one) in seen] for part in PARTS},
        )
        for row in rows
    ]
