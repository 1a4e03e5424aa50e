"""Whoever has the database file can do anything to the trail, and is found out every time; nobody else ever is."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from engage import audit, chain, proving, publishing
from engage import heads as signed
from engage.heads import SignedHead
from engage.installation import Installation
from engage.models import AuditEntry
from engage.taxonomy import Act
from tests import make

TABLE: sa.Table = AuditEntry.__table__  # type: ignore[attr-defined]
ENTRIES = 14
#: Where the chain stood when its heads were published.
PUBLISHED = (6, ENTRIES)
FIELDS = ("at", "act", "staff_id", "authority_id", "about", "reason", "details", "previous", "hash")
Row = dict[str, Any]


def written(installation: Installation) -> list[SignedHead]:
    """A chain of 14 entries, and its heads."""
    kept = []
    seed = installation.vault.key_for("audit-head")
    for number in range(2, ENTRIES + 1):
        moment = make.NOON + timedelta(seconds=number)
        with installation.database.transaction() as session:
            about, reason = f"case:EN-{number % 3}", ("", "لماذا\t\n", "x" * 900)[number % 3]
            who = (number % 2 or None, number % 4 or None)
            audit.record(
                session,
                now=moment,
                act=Act.CASE_READ,
                staff_id=who[0],
                authority_id=who[1],
                about=about,
                reason=reason,
                details={"n": number, "\x7f": ["\0\t"]},
            )
        with installation.database.reading() as session:
            if number in PUBLISHED:
                head = audit.head(session)
                name = publishing.installation_of(session)
                kept.append(signed.read(signed.written(seed, name, head.number, head.hash, moment)))
    return kept


@contextmanager
def tampering(installation: Installation) -> Iterator[Session]:
    """A session that may do anything, as the owner of the file may; nothing of it is kept."""
    with pytest.raises(ZeroDivisionError), installation.database.transaction() as session:
        go_round_the_walls(session)
        yield session
        raise ZeroDivisionError


def go_round_the_walls(session: Session) -> None:
    """No trigger stands in the way from now on."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        return
    for name in ("update", "delete", "order"):
        connection.exec_driver_sql(f"DROP TRIGGER audit_entries_keep_{name}")


def rows(session: Session) -> list[Row]:
    return [dict(row._mapping) for row in session.connection().execute(sa.select(TABLE).order_by(TABLE.c.id))]


def put(session: Session, changed: list[Row]) -> None:
    """These rows instead of all."""
    session.connection().execute(sa.delete(TABLE))
    if changed:
        session.connection().execute(sa.insert(TABLE), changed)


def hashed(row: Row, previous: str) -> Row:
    """A row with the hash that it should have."""
    fields = [row[name] for name in ("act", "staff_id", "authority_id", "about", "reason", "details")]
    own = chain.digest(chain.line(row["id"], chain.moment(row["at"]), *fields, previous))
    return {**row, "previous": previous, "hash": own}


def edit(dice: random.Random, found: list[Row]) -> list[Row]:
    row, field = dice.choice(found), dice.choice(FIELDS)
    other: Any = {
        "at": row["at"] + timedelta(microseconds=dice.choice((-1, 1, 10**6))),
        "staff_id": (row["staff_id"] or 0) + 1 if dice.random() < 0.7 or row["staff_id"] is None else None,
        "authority_id": (row["authority_id"] or 0) + 1,
        "hash": dice.choice((dice.randbytes(32).hex(), row["hash"].upper() + " ", "")),
        "previous": dice.choice((dice.randbytes(32).hex(), row["hash"])),
    }
    words = str(row[field])[: dice.randrange(8)] + dice.choice(("x", "\t", " "))
    return [{**one, field: other.get(field, words)} if one is row else one for one in found]


def delete(dice: random.Random, found: list[Row]) -> list[Row]:
    gone = dice.randrange(len(found) - 1)
    left = found[:gone] + found[gone + 1 :]
    return left if dice.random() < 0.5 else [{**one, "id": number} for number, one in enumerate(left, 1)]


def insert(dice: random.Random, found: list[Row]) -> list[Row]:
    place = dice.randrange(len(found))
    forged = {**dice.choice(found), "id": place + 1, "reason": "forged"}
    forged = hashed(forged, found[place - 1]["hash"] if place else chain.BEFORE_THE_FIRST)
    later = [{**one, "id": one["id"] + 1} for one in found[place:]]
    if dice.random() < 0.5:  # and hung on the forged one, as far as it goes
        later[0] = hashed(later[0], forged["hash"])
    return [*found[:place], forged, *later]


def swap(dice: random.Random, found: list[Row]) -> list[Row]:
    first, second = sorted(dice.sample(range(len(found)), 2))
    names = dice.choice((FIELDS, FIELDS[:-2]))
    swapped = [dict(one) for one in found]
    for name in names:
        swapped[first][name], swapped[second][name] = found[second][name], found[first][name]
    return swapped


def cut(dice: random.Random, found: list[Row]) -> list[Row]:
    return found[: dice.randrange(len(found))]


def rewrite(dice: random.Random, found: list[Row]) -> list[Row]:
    begin = dice.randrange(len(found))
    again = [dict(one) for one in found]
    again[begin]["reason"] += "!"
    if dice.random() < 0.3:
        del again[begin + 1 :]
        again += [{**again[begin], "id": number} for number in range(begin + 2, len(found) + 1 + dice.randrange(3))]
    for number in range(begin, len(again)):
        again[number] = hashed(again[number], again[number - 1]["hash"] if number else chain.BEFORE_THE_FIRST)
    return again


TAMPERS: tuple[Callable[[random.Random, list[Row]], list[Row]], ...] = (edit, delete, insert, swap, cut, rewrite)


@pytest.mark.parametrize("seed", range(4))
def test_every_tamper_is_found(installation: Installation, seed: int) -> None:
    """500 of them each time: the heads find those that leave a chain that fits together."""
    kept, dice, missed = written(installation), random.Random(seed), []
    with tampering(installation) as session:
        original = rows(session)
        for number in range(500):
            tamper = dice.choice(TAMPERS)
            changed = tamper(dice, original)
            assert changed != original
            put(session, changed)
            if proving.prove(session, kept).fault is None:
                missed.append((number, tamper.__name__, changed))
        put(session, original)
        assert proving.prove(session, kept).fault is None
    assert missed == []


def test_a_chain_that_nobody_touched_raises_no_alarm(installation: Installation) -> None:
    kept = written(installation)
    for heads in ([], kept, kept[:1], kept[1:]):
        with installation.database.reading() as session:
            found = proving.prove(session, heads)
        assert (found.entries, found.fault) == (ENTRIES, None)


@pytest.mark.parametrize(
    ("change", "number", "said"),
    [
        ("UPDATE audit_entries SET reason = 'another' WHERE id = 5", 5, "changed after it was written"),
        ("DELETE FROM audit_entries WHERE id = 5", 5, "It is missing"),
        ("DELETE FROM audit_entries WHERE id = 1", 1, "first entries are missing"),
        ("DELETE FROM audit_entries WHERE id > 9", 10, "cut off, or an older database"),
        ("UPDATE audit_entries SET id = -5 WHERE id = 5", 1, "one with the number -5"),
    ],
)
def test_the_first_wrong_entry_is_named(installation: Installation, change: str, number: int, said: str) -> None:
    kept = written(installation)
    with tampering(installation) as session:
        session.connection().exec_driver_sql(change)
        fault = proving.prove(session, kept).fault
    assert fault is not None
    assert fault.number == number
    assert said in fault.said


def test_another_installation_in_its_place_is_found(installation: Installation) -> None:
    kept = written(installation)
    with tampering(installation) as session:
        again = rows(session)
        again[0]["about"] = "installation:" + "0" * 32
        for number, row in enumerate(again):
            again[number] = hashed(row, again[number - 1]["hash"] if number else chain.BEFORE_THE_FIRST)
        put(session, again)
        assert proving.prove(session).fault is None
        fault = proving.prove(session, kept).fault
    assert fault is not None
    assert "written anew" in fault.said


def test_it_is_read_in_pieces(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = written(installation)
    monkeypatch.setattr(proving, "AT_ONCE", 3)
    told: list[int] = []
    with installation.database.reading() as session:
        assert proving.prove(session, kept, told.append).fault is None
    assert told == [3, 3, 3, 3, 2]
