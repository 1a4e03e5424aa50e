"""What may come in, and how a repetition is known: every arrival carries a key that counts once, for ever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from engage.db import Database, add_row
from engage.models import Arrival
from engage.prepared import Prepared
from engage.vault import Vault

LONGEST_TEXT = 10_000
#: How often an arrival that lost a race for a key or a reference is tried again; each try sees what won.
TRIES = 4
Result = TypeVar("Result")
#: Control characters become their pictures (␀ for NUL): PostgreSQL keeps no NUL, and staff should see what was there.
_PICTURES = {code: 0x2400 + code for code in range(32) if chr(code) not in "\t\n\r"} | {127: 0x2421}


class TextRefused(Exception):
    """A text that cannot be taken as it is. Sending it again changed helps."""


class EmptyText(TextRefused):
    """There is nothing in it."""


class LongText(TextRefused):
    """It is longer than 10,000 characters; `characters` says how long."""

    def __init__(self, characters: int) -> None:
        super().__init__(f"{characters} characters; {LONGEST_TEXT} at most")
        self.characters = characters


class KeyReused(Exception):
    """The key came before with other words. Sending with a new key helps, or adding to the earlier report."""

    def __init__(self, earlier: Earlier) -> None:
        super().__init__("this key came with other words")
        self.earlier = earlier


def accepted_text(text: str) -> str:
    """The text as it is kept: as sent, but for control characters, which become visible, one for one.

    Raises `EmptyText` or `LongText`. A line break that a browser sends as two characters counts as one.
    """
    if not text.strip():
        raise EmptyText
    characters = len(text.replace("\r\n", "\n"))
    if characters > LONGEST_TEXT:
        raise LongText(characters)
    return text.translate(_PICTURES)


def kept_text(text: str) -> str:
    """A text that has come by phone, as it is kept: never refused, not even empty, for its sender cannot mend it."""
    return text[:LONGEST_TEXT].translate(_PICTURES)


def committed(database: Database, once: Callable[[Session], Result]) -> Result:
    """Do something in one transaction; where it lost a race for a key, do it again and see who won."""
    for remaining in reversed(range(TRIES)):
        try:
            with database.transaction() as session:
                return once(session)
        except IntegrityError:
            if not remaining:
                raise
    raise AssertionError("unreachable: the last try returns or raises")


@dataclass(frozen=True, slots=True)
class Earlier:
    """What came with a key before: a report, or a later message of that report."""

    digest: str
    report_id: int
    message_id: int | None


def find(session: Session, vault: Vault, key: str, text: str) -> Earlier | None:
    """What came with this key before, or None. Raises `KeyReused` when it came with other words."""
    earlier = find_by_key(session, vault, key)
    if earlier is not None and earlier.digest != _digest(vault, text):
        raise KeyReused(earlier)
    return earlier


def find_by_key(session: Session, vault: Vault, key: str) -> Earlier | None:
    """What came with this key before, whatever its words."""
    found = _BY_KEY.rows(session, key_hash=vault.look_up_hash("arrival", key))
    return Earlier(*found[0]) if found else None


def remember(
    session: Session,
    vault: Vault,
    key: str,
    text: str,
    now: datetime,
    *,
    report_id: int | None,
    message_id: int | None = None,
) -> None:
    """Take the key, for ever. When two arrivals race, the second one's transaction fails with an IntegrityError."""
    add_row(
        session,
        Arrival,
        key_hash=vault.look_up_hash("arrival", key),
        digest=_digest(vault, text),
        report_id=report_id,
        message_id=message_id,
        arrived_at=now,
    )


_BY_KEY = Prepared(
    sa.select(col(Arrival.digest), col(Arrival.report_id), col(Arrival.message_id)).where(
        col(Arrival.key_hash) == sa.bindparam("key_hash")
    )
)


def _digest(vault: Vault, text: str) -> str:
    return vault.look_up_hash("arrival-words", text)
