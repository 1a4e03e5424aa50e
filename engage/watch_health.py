"""Whether somebody is there: queues of which nobody has the watch now, and alarms that ring."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage.db import Database
from engage.models import Alarm, Case, Queue, Shift, Watch
from engage.readiness import Check, State, first_line

MOST_NAMED = 10
MOST_COUNTED = 1000


def examine_watch(database: Database, now: datetime) -> list[Check]:
    """The checks of watches and alarms; an OK where the database is too old or empty to say."""
    try:
        with database.reading() as session:
            return [_watches(session), _alarms(session, now)]
    except sa.exc.DBAPIError as problem:
        return [Check("watch", State.FAIL, first_line(problem), "See the tables above.")]


def _watches(session: Session) -> Check:
    """Queues without a watch. Where shifts are planned for some queues, only those are asked after."""
    watched = sa.select(col(Watch.queue_id)).where(col(Watch.ended_at).is_(None))
    planned = sa.select(col(Shift.queue_id))
    is_planned = session.exec(select(Shift.id).limit(1)).first() is not None
    query = select(Queue.slug).where(col(Queue.id).not_in(watched)).order_by(col(Queue.slug))
    slugs = list(session.exec(query.where(col(Queue.id).in_(planned)) if is_planned else query))
    if not slugs:
        return Check("watch", State.OK, "somebody has the watch of every queue")
    named = ", ".join(slugs[:MOST_NAMED]) + (f" and {len(slugs) - MOST_NAMED} more" if slugs[MOST_NAMED:] else "")
    return Check("watch", State.WARN, f"nobody has the watch of {named}", "Take it at /desk/watch.")


def _alarms(session: Session, now: datetime) -> Check:
    ringing = (
        sa.select(col(Case.reference), col(Alarm.raised_at))
        .join(Case, col(Case.id) == Alarm.case_id)
        .where(col(Alarm.silenced_at).is_(None))
        .order_by(col(Alarm.rings_at), col(Alarm.id))
        .limit(MOST_COUNTED)
    )
    rows = session.connection().execute(ringing).all()
    if not rows:
        return Check("alarms", State.OK, "none rings")
    oldest = min(rows, key=lambda row: row.raised_at)
    count = f"{MOST_COUNTED:,} or more" if len(rows) == MOST_COUNTED else f"{len(rows):,}"
    minutes = max(0, int((now - oldest.raised_at).total_seconds() // 60))
    found = f"{count} ring, {oldest.reference} for {minutes:,} minutes"
    return Check("alarms", State.WARN, found, "Take the cases at the desk; `engage worker` must run to send mails.")
