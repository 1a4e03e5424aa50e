"""What did not reach anybody and needs a person: the messages of open cases that an officer may see.

Ending a case takes its messages off the list: then nobody waits for them any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from engage import cases, outbox
from engage.accounts import Officer
from engage.models import Case, Outgoing, Queue, Site
from engage.reach import Sending
from engage.taxonomy import OutgoingStatus, Severity

LOST = (OutgoingStatus.UNDELIVERED, OutgoingStatus.FAILED, OutgoingStatus.NEEDS_HUMAN)
MOST_COUNTED = 1000
PAGE = 50


@dataclass(frozen=True, slots=True)
class Lost:
    """One message that did not arrive, the case it belongs to, and since when it waits for a person."""

    id: int
    reference: str
    severity: Severity
    sending: Sending
    since: datetime
    timezone: str


@dataclass(frozen=True, slots=True)
class LostPage:
    """One page of them, the newest first; `next` continues it, where there is more."""

    rows: tuple[Lost, ...]
    next: int | None


_COLUMNS: tuple[Any, ...] = (
    col(Outgoing.id),
    col(Case.reference),
    col(Case.severity),
    col(Outgoing.carrier),
    col(Outgoing.status),
    col(Outgoing.problem),
    col(Outgoing.error_code),
    col(Outgoing.written_at),
    col(Site.timezone),
)


def count(session: Session, officer: Officer) -> int:
    """How many there are, as far as anybody counts."""
    some = sa.select(col(Outgoing.id)).select_from(Outgoing)
    counted = _seen_by(officer, some).limit(MOST_COUNTED).subquery()
    return int(session.connection().execute(sa.select(sa.func.count()).select_from(counted)).scalar_one())


def read_page(session: Session, officer: Officer, after: int | None = None) -> LostPage:
    """A page of 50, from the one after a message's number on."""
    query = _seen_by(officer, sa.select(*_COLUMNS).select_from(Outgoing)).join(Site, col(Site.id) == Case.site_id)
    if after is not None:
        query = query.where(col(Outgoing.id) < after)
    found = session.connection().execute(query.order_by(col(Outgoing.id).desc()).limit(PAGE + 1)).all()
    rows = tuple(
        Lost(
            row.id,
            row.reference,
            row.severity,
            Sending(row.carrier, row.status, row.problem, row.error_code),
            row.written_at,
            row.timezone,
        )
        for row in found[:PAGE]
    )
    return LostPage(rows, rows[-1].id if len(found) > PAGE else None)


def is_limit_reached(session: Session, most_segments_a_day: int, now: datetime) -> bool:
    """Whether today's texts are used up, so that those that wait go out tomorrow (UTC)."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return outbox.paid_segments(session, midnight) >= most_segments_a_day


def _seen_by(officer: Officer, query: sa.Select[*tuple[Any, ...]]) -> sa.Select[*tuple[Any, ...]]:
    """The query narrowed to lost messages of open cases that an officer may see."""
    return (
        query.join(Case, col(Case.id) == Outgoing.case_id)
        .join(Queue, col(Queue.id) == Case.queue_id)
        .where(col(Case.closed_at).is_(None), col(Outgoing.status).in_(LOST), cases.visible_to(officer))
    )
