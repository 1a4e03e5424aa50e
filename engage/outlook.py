"""The outlook for whoever writes now: the honest promise of the queue that reads it, before and after sending.

Of a sealed queue nothing is told: its hours would say that there is one.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from engage import duty_rows, watches
from engage.models import Queue
from engage.posters.register import Whereabouts
from engage.routing import Matter, route
from engage.taxonomy import Category, Severity
from engage.watches import Public

#: What is told where nothing is known, and where nothing may be known.
NOTHING_KNOWN = Public(staffed=False, reads_by=None, first_answer=None)
#: What most posters ask for. Before anything is written nobody knows more.
_PLAIN = (Category.SUSPICIOUS_BEHAVIOUR, Severity.MEDIUM)


def of_place(session: Session, where: Whereabouts, now: datetime) -> Public:
    """What may be told at a place before anything is written: that of the queue a plain report goes to at this hour."""
    category, severity = _PLAIN
    local_time = now.astimezone(ZoneInfo(where.timezone)).time()
    matter = Matter(category, severity, where.site_id, where.zone_id, local_time)
    chosen = route(matter, duty_rows.duties_for(session, category, where.site_id), where.fallback_queue_id)
    return of_queue(session, chosen.queue_id, now)


def of_queue(session: Session, queue_id: int, now: datetime) -> Public:
    """What may be told to those whose report waits in a queue."""
    if session.get_one(Queue, queue_id).sealed:
        return NOTHING_KNOWN
    return watches.promise_to_reporters(session, queue_id, now)
