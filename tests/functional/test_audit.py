"""The trail: an entry for everything, in one chain, to which nothing can be done but add to it."""

from __future__ import annotations

import threading
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy.exc import IntegrityError

from engage import audit, chain
from engage.installation import Installation
from engage.models import AuditEntry
from engage.taxonomy import Act
from tests import make


def written(installation: Installation, **others: object) -> None:
    with installation.database.transaction() as session:
        audit.record(session, now=make.NOON, act=Act.CASE_READ, **others)  # type: ignore[arg-type]


def lines(entries: list[AuditEntry]) -> list[str]:
    return [
        chain.line(
            one.id,
            chain.moment(one.at),
            one.act,
            one.staff_id,
            one.authority_id,
            one.about,
            one.reason,
            one.details,
            one.previous,
        )
        for one in entries
    ]


def test_entries_hang_on_each_other(installation: Installation) -> None:
    for number in range(3):
        written(installation, staff_id=number, about="case:EN-7K2P", reason="سبب\n", details={"way": number})
    entries = make.rows(installation, AuditEntry)
    assert [one.id for one in entries] == [1, 2, 3, 4]
    assert [one.previous for one in entries] == [chain.BEFORE_THE_FIRST, *(one.hash for one in entries[:-1])]
    assert [chain.digest(line) for line in lines(entries)] == [one.hash for one in entries]
    assert entries[0].about.startswith("installation:")


def test_what_is_rolled_back_leaves_no_entry(installation: Installation) -> None:
    with pytest.raises(ZeroDivisionError), installation.database.transaction() as session:
        audit.record(session, now=make.NOON, act=Act.CASE_READ)
        raise ZeroDivisionError
    assert len(make.rows(installation, AuditEntry)) == 1


def test_an_entry_that_nobody_would_commit_is_refused(installation: Installation) -> None:
    with pytest.raises(RuntimeError), installation.database.reading() as session:
        audit.record(session, now=make.NOON, act=Act.CASE_READ)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_entries SET reason = 'another' WHERE id = 2",
        "DELETE FROM audit_entries WHERE id = 2",
        "DELETE FROM audit_entries",
        "INSERT INTO audit_entries SELECT * FROM audit_entries WHERE id = 1",
    ],
)
def test_nothing_is_changed_or_deleted(installation: Installation, change: str) -> None:
    written(installation)
    with pytest.raises(IntegrityError), installation.database.transaction() as session:
        session.connection().exec_driver_sql(change)
    assert len(make.rows(installation, AuditEntry)) == 2


def test_the_whole_trail_is_not_emptied_nor_written_over(installation: Installation) -> None:
    columns = "id, at, act, staff_id, authority_id, about, reason, details, previous, hash"
    over = (
        f"INSERT OR REPLACE INTO audit_entries ({columns}) SELECT {columns} FROM audit_entries WHERE id = 1"
        if installation.database.is_sqlite
        else "TRUNCATE audit_entries"
    )
    with pytest.raises(IntegrityError), installation.database.transaction() as session:
        session.connection().exec_driver_sql(over)


def test_writers_at_once_make_one_chain(installation: Installation) -> None:
    problems: list[Exception] = []

    def write() -> None:
        try:
            for _ in range(5):
                written(installation)
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = make.rows(installation, AuditEntry)
    assert problems == []
    assert [one.id for one in entries] == list(range(1, 32))
    assert all(later.previous == earlier.hash for earlier, later in pairwise(entries))


def test_a_reading_is_told_once_an_hour(installation: Installation) -> None:
    reading = {"act": Act.CASE_READ, "authority_id": 1}
    for minutes, staff_id, about in ((0, 1, "a"), (0, 1, "a"), (59, 1, "a"), (59, 2, "a"), (59, 1, "b"), (61, 1, "a")):
        moment = make.NOON + timedelta(minutes=minutes)
        with installation.database.transaction() as session:
            audit.record_once_an_hour(session, now=moment, staff_id=staff_id, about=about, **reading)  # type: ignore[arg-type]
    told = [(one.staff_id, one.about) for one in make.rows(installation, AuditEntry)[1:]]
    assert told == [(1, "a"), (2, "a"), (1, "b"), (1, "a")]
