"""The outbox: what must leave the house, claimed by one worker at a time and never sent blindly twice.

A worker leases a row with one conditional UPDATE, sends with no transaction open, and writes the result after. When a
worker dies in between, the next one first asks the gateway whether it already has the row.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from engage.db import add_row
from engage.models import Outgoing
from engage.taxonomy import OutgoingStatus, Severity

LEASE = timedelta(seconds=60)
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=30)
MOST_ATTEMPTS = 12


@dataclass(frozen=True, slots=True)
class Parcel:
    """One claimed row, as a gateway needs it. `attempts` above one: it may have been sent before."""

    id: int
    recipient: str
    subject: str
    body: str
    attempts: int


_PARCEL: tuple[Any, ...] = (
    Outgoing.id,
    Outgoing.recipient,
    Outgoing.subject,
    Outgoing.body,
    Outgoing.attempts,
)


def put(
    session: Session, *, case_id: int, recipient: str, subject: str, body: str, severity: Severity, now: datetime
) -> int:
    """Write the intent to send, in the caller's transaction, and give the row's id."""
    return add_row(
        session,
        Outgoing,
        case_id=case_id,
        recipient=recipient,
        subject=subject,
        body=body,
        urgency=severity.urgency,
        status=OutgoingStatus.QUEUED,
        attempts=0,
        due_at=now,
        leased_until=None,
        provider_id=None,
        problem=None,
        written_at=now,
    )


def claim(session: Session, now: datetime) -> Parcel | None:
    """Lease the most urgent row that is due, or give None. The conditional UPDATE lets one of many workers win.

    `FOR UPDATE SKIP LOCKED` would be dropped silently on SQLite, so both databases do without.
    """
    due = sa.and_(
        col(Outgoing.status).in_([OutgoingStatus.QUEUED, OutgoingStatus.SENDING]),
        col(Outgoing.due_at) <= now,
        sa.or_(col(Outgoing.leased_until).is_(None), col(Outgoing.leased_until) <= now),
    )
    first = (
        sa.select(col(Outgoing.id))
        .where(due)
        .order_by(col(Outgoing.urgency).desc(), col(Outgoing.due_at), col(Outgoing.id))
    )
    taken = (
        sa.update(Outgoing)
        .where(col(Outgoing.id) == first.limit(1).scalar_subquery(), due)
        .values(status=OutgoingStatus.SENDING, attempts=col(Outgoing.attempts) + 1, leased_until=now + LEASE)
        .returning(*(col(column) for column in _PARCEL))
    )
    row = session.connection().execute(taken).first()
    return Parcel(**row._mapping) if row else None


def settle(session: Session, parcel: Parcel, provider_id: str) -> None:
    """The gateway has it."""
    _write(session, parcel, status=OutgoingStatus.ACCEPTED, provider_id=provider_id, problem=None, leased_until=None)


def put_back(session: Session, parcel: Parcel, problem: str, now: datetime) -> None:
    """Sending failed for now: wait longer after each attempt, with jitter, and ask for a human after the last."""
    if parcel.attempts >= MOST_ATTEMPTS:
        _write(session, parcel, status=OutgoingStatus.NEEDS_HUMAN, problem=problem[:500], leased_until=None)
        return
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (parcel.attempts - 1)) * random.uniform(0.5, 1.0)  # noqa: S311
    _write(session, parcel, status=OutgoingStatus.QUEUED, problem=problem[:500], leased_until=None, due_at=now + wait)


def give_up(session: Session, parcel: Parcel, problem: str) -> None:
    """Sending can never succeed: a human must look."""
    _write(session, parcel, status=OutgoingStatus.NEEDS_HUMAN, problem=problem[:500], leased_until=None)


def _write(session: Session, parcel: Parcel, **values: object) -> None:
    """Write a result, unless another worker has taken the row meanwhile."""
    session.connection().execute(
        sa.update(Outgoing)
        .where(
            col(Outgoing.id) == parcel.id,
            col(Outgoing.status) == OutgoingStatus.SENDING,
            col(Outgoing.attempts) == parcel.attempts,
        )
        .values(**values)
    )
