"""Proving: whether the chain of the trail is whole, and still the one whose heads were published.

It is read as the database keeps it, in pieces, so that a million entries need no more room than a thousand.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session

from engage import chain
from engage.heads import SignedHead

AT_ONCE: Final = 1_000
#: Each entry as `chain.line` writes it, put together by the database: a tenth of what reading ten columns takes.
_LINES: Final = {
    "sqlite": (
        "SELECT id, CAST(id || char(9) || at || char(9) || act || char(9) || ifnull(staff_id, '-') || char(9) || "
        "ifnull(authority_id, '-') || char(9) || about || char(9) || reason || char(9) || details || char(9) || "
        "previous AS BLOB), CAST(hash AS BLOB) FROM audit_entries"
    ),
    "postgresql": (
        "SELECT id, concat_ws(E'\\t', id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), act, "
        "coalesce(staff_id::text, '-'), coalesce(authority_id::text, '-'), about, reason, details, previous), hash "
        "FROM audit_entries"
    ),
}
Raw = tuple[bytes | None, bytes | None]


@dataclass(frozen=True, slots=True)
class Fault:
    """The first entry that is wrong, by its number, and what is wrong."""

    number: int
    said: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found: so many entries, up to the first fault if there is one."""

    entries: int
    fault: Fault | None
    installation: str = ""


def prove(session: Session, heads: Sequence[SignedHead] = (), told: Callable[[int], None] | None = None) -> Proof:
    """Read the whole chain and compare it with heads. `told` hears how many more entries were read."""
    return check(raw_entries(session, told), heads)


def check(entries: Iterable[Raw], heads: Sequence[SignedHead] = ()) -> Proof:
    """Whether lines and hashes are a chain, and the one of the heads."""
    kept = {head.entries: head for head in heads}
    if len({(head.entries, head.hash) for head in heads}) != len(kept):
        return Proof(0, Fault(0, "Two heads of the file contradict each other."))
    number, last, installation = 0, chain.BEFORE_THE_FIRST.encode(), ""
    digest = hashlib.sha256
    for written, own in entries:
        number += 1
        if written is None or own is None:
            return Proof(number - 1, Fault(number, "A field of it is empty."))
        if not written.startswith(b"%d\t" % number):
            return Proof(number - 1, _misplaced(number, written))
        if digest(written).hexdigest().encode() != own or written.count(b"\t") != chain.TABS:
            return Proof(number - 1, Fault(number, "It was changed after it was written."))
        if not written.endswith(last) or written[-65:-64] != b"\t":
            return Proof(
                number - 1, Fault(number, "It does not hang on the entry before it: one of the two is another.")
            )
        if number == 1:
            installation = _installation(written)
        if number in kept and (kept[number].hash.encode() != own or kept[number].installation != installation):
            return Proof(number - 1, Fault(number, _rewritten(kept[number])))
        last = own
    return Proof(number, _cut(number, heads), installation)


def raw_entries(session: Session, told: Callable[[int], None] | None = None) -> Iterator[Raw]:
    """Every entry as its line and its hash, in the order of their numbers."""
    lines = _LINES[session.get_bind().dialect.name]
    connection, mark = session.connection(), "?" if session.get_bind().dialect.name == "sqlite" else "%s"
    order = f"ORDER BY id LIMIT {AT_ONCE}"
    rows = connection.exec_driver_sql(f"{lines} {order}").fetchall()
    while rows:
        yield from ((_bytes(row[1]), _bytes(row[2])) for row in rows)
        if told:
            told(len(rows))
        rows = connection.exec_driver_sql(f"{lines} WHERE id > {mark} {order}", (rows[-1][0],)).fetchall()


def _bytes(value: str | bytes | None) -> bytes | None:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value


def _misplaced(number: int, written: bytes) -> Fault:
    own = written.partition(b"\t")[0].decode("utf-8", "replace")
    if own.isdigit() and int(own) > number:
        return Fault(number, "It is missing." if number > 1 else "The first entries are missing.")
    return Fault(number, f"Where it belongs, there is one with the number {own}.")


def _installation(written: bytes) -> str:
    return written.split(b"\t")[5].decode("utf-8", "replace").removeprefix("installation:")


def _rewritten(head: SignedHead) -> str:
    return f"It is not the one that was published on {head.at:%Y-%m-%d %H:%M} UTC: the chain was written anew."


def _cut(number: int, heads: Sequence[SignedHead]) -> Fault | None:
    furthest = max(heads, key=lambda head: head.entries, default=None)
    if furthest is None or furthest.entries <= number:
        return None
    return Fault(
        number + 1,
        f"It is missing, as is all up to entry {furthest.entries}, which was published on "
        f"{furthest.at:%Y-%m-%d %H:%M} UTC: the end was cut off, or an older database was put in its place.",
    )
