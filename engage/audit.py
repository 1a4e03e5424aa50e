"""The trail: who did or saw what, and why. Entries are only ever added, each with the hash of the one before.

An entry is written in the transaction of what it tells of, at its very end: only there the order of the chain is
decided, under a lock that is then held no longer than the commit takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col

from engage import chain
from engage.db import add_rows, at_the_end
from engage.models import AuditEntry
from engage.prepared import Prepared
from engage.taxonomy import Act

#: Held while the next entries of the chain are decided and committed (PostgreSQL advisory lock). On SQLite the writers'
#: own lock does that.
CHAIN_LOCK: Final = 0x456E6761676501
_STAGED: Final = "audit"


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry that waits for its place in the chain."""

    at: datetime
    act: Act
    staff_id: int | None
    authority_id: int | None
    about: str
    reason: str
    details: str


def record(
    session: Session,
    *,
    now: datetime,
    act: Act,
    staff_id: int | None = None,
    authority_id: int | None = None,
    about: str = "",
    reason: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    """Add an entry, for good, if and when the transaction is committed. `db.transaction()` only, not `reading()`.

    `staff_id` is empty where a reporter or Engage itself acted. `about` is a kind and a name, such as `case:EN-7K2P-4`.
    """
    entry = _Entry(
        now,
        act,
        staff_id,
        authority_id,
        chain.plain(about, chain.LONGEST_ABOUT),
        chain.plain(reason, chain.LONGEST_REASON),
        chain.details(details or {}),
    )
    staged: list[_Entry] | None = session.info.get(_STAGED)
    if staged is None:
        staged = session.info[_STAGED] = []
        at_the_end(session, _write_staged)
    staged.append(entry)


def about_case(reference: str) -> str:
    """What an entry about a case is about."""
    return f"case:{reference}"


def has_recent(session: Session, *, act: Act, staff_id: int, about: str, since: datetime) -> bool:
    """Whether somebody did the same since a moment, this transaction included."""
    staged: list[_Entry] = session.info.get(_STAGED, [])
    if any((one.act, one.staff_id, one.about) == (act, staff_id, about) for one in staged):
        return True
    return bool(_RECENT.rows(session, act=act.value, staff_id=staff_id, about=about, since=since))


def record_once_an_hour(
    session: Session, *, now: datetime, act: Act, staff_id: int, authority_id: int, about: str
) -> None:
    """Add an entry of a reading, unless the same person read the same within the hour before."""
    if not has_recent(session, act=act, staff_id=staff_id, about=about, since=now - timedelta(hours=1)):
        record(session, now=now, act=act, staff_id=staff_id, authority_id=authority_id, about=about)


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry of the chain."""

    number: int
    hash: str


def head(session: Session) -> Head:
    """Where the chain stands."""
    found = _HEAD.rows(session)
    return Head(*found[0]) if found else Head(0, chain.BEFORE_THE_FIRST)


def _write_staged(session: Session) -> None:
    if session.get_bind().dialect.name == "postgresql":
        _LOCK.rows(session)
    last = head(session)
    rows = []
    for entry in session.info.pop(_STAGED):
        given = (entry.act.value, entry.staff_id, entry.authority_id, entry.about, entry.reason, entry.details)
        own = chain.digest(chain.line(last.number + 1, chain.moment(entry.at), *given, last.hash))
        rows.append(
            {
                "id": last.number + 1,
                "at": entry.at,
                "act": entry.act.value,
                "staff_id": entry.staff_id,
                "authority_id": entry.authority_id,
                "about": entry.about,
                "reason": entry.reason,
                "details": entry.details,
                "previous": last.hash,
                "hash": own,
            }
        )
        last = Head(last.number + 1, own)
    add_rows(session, AuditEntry, rows)


_HEAD: Final = Prepared(
    sa.select(col(AuditEntry.id), col(AuditEntry.hash)).order_by(col(AuditEntry.id).desc()).limit(1)
)
_LOCK: Final = Prepared(sa.select(sa.func.pg_advisory_xact_lock(CHAIN_LOCK).label("taken")))
_RECENT: Final = Prepared(
    sa.select(col(AuditEntry.id))
    .where(
        col(AuditEntry.about) == sa.bindparam("about"),
        col(AuditEntry.staff_id) == sa.bindparam("staff_id"),
        col(AuditEntry.act) == sa.bindparam("act"),
        col(AuditEntry.at) > sa.bindparam("since"),
    )
    .limit(1)
)
