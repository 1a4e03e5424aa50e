"""The outbox: what must leave the house, claimed by one worker at a time and never sent blindly twice.

A worker leases a row with one conditional UPDATE, sends with no transaction open, and writes the result after. When a
worker dies in between, the next one first asks the gateway whether it already has the row.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from engage.db import add_row
from engage.models import Outgoing
from engage.models.outgoing import UNSENT
from engage.taxonomy import Carrier, OutgoingStatus, Severity
from engage.vault import Unsealable, Vault

LEASE = timedelta(seconds=60)
#: What is left of a lease must last for one talk with a gateway; with less, another worker may soon have the row.
LEAST_LEFT = timedelta(seconds=50)
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=30)
MOST_ATTEMPTS = 12
#: What addresses and bodies are sealed for, here as in `contacts`.
ADDRESS, BODY = "address", "outgoing-body"

#: How far along each status is; a report of the provider may only move a row on. Of the four ends only "delivered"
#: may still follow another: then the provider knows better than it first said.
_FURTHER = {
    OutgoingStatus.QUEUED: 0,
    OutgoingStatus.SENDING: 1,
    OutgoingStatus.ACCEPTED: 2,
    OutgoingStatus.SENT: 3,
    OutgoingStatus.NEEDS_HUMAN: 4,
    OutgoingStatus.FAILED: 4,
    OutgoingStatus.UNDELIVERED: 4,
    OutgoingStatus.DELIVERED: 5,
}
_UNSENT = (OutgoingStatus.QUEUED, OutgoingStatus.SENDING)
_FORGOTTEN: dict[str, Any] = {"sealed_recipient": None, "sealed_body": None}


@dataclass(frozen=True, slots=True)
class Parcel:
    """One claimed row, as a gateway needs it. `attempts` above one: it may have been sent before.

    One that is not readable was sealed under another secret key, and cannot be sent.
    """

    id: int
    recipient: str
    subject: str
    body: str
    attempts: int
    carrier: Carrier
    sender: str | None
    first_tried_at: datetime
    leased_until: datetime
    callback_key: str
    case_id: int | None
    contact_id: int | None
    is_readable: bool = True


@dataclass(frozen=True, slots=True)
class Recipient:
    """A reporter's address as it is kept. `lane` tells one recipient from another; `sender` is our number."""

    carrier: Carrier
    sealed_address: bytes
    lane: str
    sender: str | None = None
    contact_id: int | None = None


def put(
    session: Session,
    *,
    case_id: int | None,
    recipient: str,
    subject: str,
    body: str,
    severity: Severity,
    now: datetime,
) -> int:
    """Write the intent to send a mail, in the caller's transaction, and give the row's id."""
    return _put(
        session, now, severity, case_id=case_id, carrier=Carrier.MAIL, recipient=recipient, subject=subject, body=body
    )


def put_sealed(
    session: Session,
    recipient: Recipient,
    *,
    body: str,
    segments: int,
    severity: Severity,
    now: datetime,
    sealed_body: bytes | None = None,
    subject: str = "",
    case_id: int | None = None,
    message_id: int | None = None,
    problem: str | None = None,
) -> int:
    """Write the intent to send something to a reporter, and give the row's id.

    With a `problem` it is not sent: it is known beforehand that it cannot be, and a human must look.
    """
    return _put(
        session,
        now,
        severity,
        case_id=case_id,
        message_id=message_id,
        contact_id=recipient.contact_id,
        carrier=recipient.carrier,
        recipient="",
        sealed_recipient=None if problem else recipient.sealed_address,
        lane=recipient.lane,
        sender=recipient.sender,
        subject=subject,
        body=body,
        sealed_body=sealed_body,
        segments=segments,
        problem=problem,
        status=OutgoingStatus.NEEDS_HUMAN if problem else OutgoingStatus.QUEUED,
    )


_EMPTY_AT_FIRST = (
    *("message_id", "contact_id", "sealed_recipient", "sealed_body", "lane", "sender"),
    *("leased_until", "first_tried_at", "provider_id", "error_code", "problem"),
)


def _put(session: Session, now: datetime, severity: Severity, **values: Any) -> int:
    empty = dict.fromkeys(_EMPTY_AT_FIRST)
    rest = {"segments": 0, "urgency": severity.urgency, "status": OutgoingStatus.QUEUED, "attempts": 0}
    return add_row(session, Outgoing, **{**empty, **rest, **values, "due_at": now, "written_at": now})


def claim(
    session: Session,
    vault: Vault,
    now: datetime,
    carriers: Collection[Carrier] = tuple(Carrier),
    lease: timedelta = LEASE,
) -> Parcel | None:
    """Lease the most urgent row that is due, or give None. The conditional UPDATE lets one of many workers win.

    Of rows to the same recipient only the oldest may go, so that a conversation arrives in its order and only one is
    under way. `FOR UPDATE SKIP LOCKED` would be dropped silently on SQLite, so both databases do without.
    """
    due = _due(now, carriers)
    first = (
        sa.select(col(Outgoing.id))
        .where(sa.text(UNSENT), due, sa.or_(col(Outgoing.lane).is_(None), col(Outgoing.id).in_(_oldest_of_lanes())))
        .order_by(col(Outgoing.urgency).desc(), col(Outgoing.due_at), col(Outgoing.id))
    )
    taken = (
        sa.update(Outgoing)
        .where(col(Outgoing.id) == first.limit(1).scalar_subquery(), due)
        .values(
            status=OutgoingStatus.SENDING,
            attempts=col(Outgoing.attempts) + 1,
            leased_until=now + lease,
            first_tried_at=sa.func.coalesce(Outgoing.first_tried_at, now),
        )
        .returning(*_CLAIMED)
    )
    row = session.connection().execute(taken).first()
    return _parcel(vault, row) if row else None


def _due(now: datetime, carriers: Collection[Carrier]) -> sa.ColumnElement[bool]:
    return sa.and_(
        col(Outgoing.status).in_(_UNSENT),
        col(Outgoing.due_at) <= now,
        sa.or_(col(Outgoing.leased_until).is_(None), col(Outgoing.leased_until) <= now),
        col(Outgoing.carrier).in_(list(carriers)),
    )


def _oldest_of_lanes() -> sa.Select[Any]:
    """The oldest unsent row of every recipient, read once from its index.

    Asking of each row whether one is before it took a tenth of a second when two thousand were waiting.
    """
    other = aliased(Outgoing)
    oldest = sa.select(sa.func.min(other.id)).where(sa.text(UNSENT), col(other.lane).is_not(None))
    return oldest.group_by(col(other.lane))


_CLAIMED: tuple[Any, ...] = (
    *(Outgoing.id, Outgoing.recipient, Outgoing.sealed_recipient, Outgoing.subject, Outgoing.body),
    *(Outgoing.sealed_body, Outgoing.attempts, Outgoing.carrier, Outgoing.sender, Outgoing.first_tried_at),
    *(Outgoing.leased_until, Outgoing.written_at, Outgoing.case_id, Outgoing.contact_id),
)


def _parcel(vault: Vault, row: Any) -> Parcel:
    values = dict(row._mapping)
    address, body = values.pop("sealed_recipient"), values.pop("sealed_body")
    written_at = values.pop("written_at")
    try:
        if address:
            values["recipient"] = vault.unseal(ADDRESS, address).decode()
        if body:
            values["body"] = vault.unseal(BODY, body).decode()
    except Unsealable:  # it must not stop the rows behind it
        values["is_readable"] = False
    return Parcel(**values, callback_key=callback_key(vault, row.id, written_at))


def callback_key(vault: Vault, row_id: int, written_at: datetime) -> str:
    """The secret in the address at which a provider reports on a row; another database's row 7 has another one."""
    return vault.look_up_hash("callback", f"{row_id} {written_at.isoformat()}")[:32]


def settle(session: Session, parcel: Parcel, provider_id: str) -> None:
    """The gateway has it; the address is needed no longer."""
    values = {"provider_id": provider_id, "problem": None, "leased_until": None, **_FORGOTTEN}
    _write(session, parcel, status=OutgoingStatus.ACCEPTED, **values)


def put_back(
    session: Session,
    parcel: Parcel,
    problem: str,
    now: datetime,
    at_least: timedelta | None = None,
    first_wait: timedelta = FIRST_WAIT,
) -> bool:
    """Sending failed for now: wait longer after each attempt, with jitter, and ask for a human after the last.

    `at_least` is how long the other side told us to wait. True when it was the last attempt.
    """
    if parcel.attempts >= MOST_ATTEMPTS:
        return give_up(session, parcel, problem)
    wait = min(LONGEST_WAIT, first_wait * 2 ** (parcel.attempts - 1)) * random.uniform(0.5, 1.0)  # noqa: S311
    due_at = now + max(wait, min(at_least or wait, LONGEST_WAIT))
    _write(session, parcel, status=OutgoingStatus.QUEUED, problem=problem[:500], leased_until=None, due_at=due_at)
    return False


def give_up(session: Session, parcel: Parcel, problem: str, error_code: int | None = None) -> bool:
    """Sending can never succeed: a human must look. False where another worker has the row meanwhile."""
    status = OutgoingStatus.NEEDS_HUMAN
    values = {"problem": problem[:500], "error_code": error_code, "leased_until": None, **_FORGOTTEN}
    return _write(session, parcel, status=status, **values)


def _write(session: Session, parcel: Parcel, **values: object) -> bool:
    """Write a result, unless another worker has taken the row, or the provider has reported on it, meanwhile."""
    done = session.connection().execute(
        sa.update(Outgoing)
        .where(
            col(Outgoing.id) == parcel.id,
            col(Outgoing.status) == OutgoingStatus.SENDING,
            col(Outgoing.attempts) == parcel.attempts,
        )
        .values(**values)
    )
    return done.rowcount == 1


def advance(
    session: Session, row_id: int, status: OutgoingStatus, *, provider_id: str, error_code: int | None = None
) -> bool:
    """What the provider reports of a row: it only moves on, whatever the order of the reports. True when it did."""
    behind = [other for other, far in _FURTHER.items() if far < _FURTHER[status]]
    done = session.connection().execute(
        sa.update(Outgoing)
        .where(col(Outgoing.id) == row_id, col(Outgoing.status).in_(behind))
        .values(status=status, provider_id=provider_id, error_code=error_code, leased_until=None, **_FORGOTTEN)
    )
    return done.rowcount == 1


def known_ids(session: Session, provider_ids: Collection[str]) -> set[str]:
    """Which of a provider's ids belong to rows already."""
    query = sa.select(col(Outgoing.provider_id)).where(col(Outgoing.provider_id).in_(list(provider_ids)))
    return {str(found) for found in session.connection().scalars(query)}


def paid_segments(session: Session, since: datetime) -> int:
    """How many texts were tried since a moment, each counted as it is paid for."""
    query = sa.select(sa.func.coalesce(sa.func.sum(Outgoing.segments), 0)).where(
        col(Outgoing.carrier).in_([Carrier.SMS, Carrier.WHATSAPP]), col(Outgoing.first_tried_at) >= since
    )
    return int(session.connection().execute(query).scalar_one())
