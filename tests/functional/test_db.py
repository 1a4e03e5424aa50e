"""The database keeps what it acknowledged, drops what failed, and lets many write at once."""

from __future__ import annotations

import multiprocessing
import threading
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from engage.config import Settings
from engage.db import WAL_IS_SAFE_FROM, Database, add_row, add_rows, sqlite_driver
from engage.installation import Installation
from engage.models import Authority, Case
from engage.models.columns import UtcDateTime
from tests import make

#: Each process opens a database of its own, as the workers of a server do.
FORK = multiprocessing.get_context("fork")


def test_sqlite_writes_through_to_the_disk(tmp_path: Path) -> None:
    database = Database(make.settings(data_dir=tmp_path))
    with database.engine.connect() as connection:
        read = {
            pragma: connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one()
            for pragma in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    database.dispose()
    journal = "wal" if sqlite_driver.sqlite_version_info >= WAL_IS_SAFE_FROM else "truncate"
    assert read == {"journal_mode": journal, "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_postgresql_acknowledges_after_the_disk(installation: Installation) -> None:
    said = installation.database.durability()
    assert said.endswith(("WAL+FULL", "TRUNCATE+FULL", "synchronous_commit=on"))


def test_a_transaction_that_raises_leaves_nothing(installation: Installation) -> None:
    with pytest.raises(ZeroDivisionError), installation.database.transaction() as session:
        add_row(session, Authority, slug="a", name="A")
        raise ZeroDivisionError
    assert make.rows(installation, Authority) == []


def test_after_a_failure_others_may_write(installation: Installation) -> None:
    for _ in range(50):  # more often than there are connections
        with pytest.raises(ZeroDivisionError), installation.database.transaction() as session:
            add_row(session, Authority, slug="a", name="A")
            raise ZeroDivisionError
    _write(installation.database, "after")
    assert [row.slug for row in make.rows(installation, Authority)] == ["after"]


def test_what_a_reader_changes_is_dropped(installation: Installation) -> None:
    with installation.database.reading() as session:
        add_row(session, Authority, slug="a", name="A")
    assert make.rows(installation, Authority) == []


def test_a_reader_sees_nothing_half_written(installation: Installation) -> None:
    with installation.database.transaction() as session:
        add_row(session, Authority, slug="a", name="A")
        assert make.rows(installation, Authority) == []
    assert len(make.rows(installation, Authority)) == 1


def test_many_threads_write_and_none_fails(installation: Installation) -> None:
    """Each reads before it writes, which a deferred BEGIN of SQLite would refuse under load."""
    problems: list[Exception] = []

    def write(mine: int) -> None:
        try:
            for number in range(20):
                _write(installation.database, f"{mine}-{number}")
        except Exception as problem:
            problems.append(problem)

    _all_at_once(write, 16)
    assert problems == []
    assert len(make.rows(installation, Authority)) == 16 * 20


def test_two_processes_write_and_neither_fails(installation: Installation) -> None:
    others = [FORK.Process(target=_write_many, args=(installation.settings, mine, 100)) for mine in range(2)]
    for other in others:
        other.start()
    for other in others:
        other.join(60)
    assert [other.exitcode for other in others] == [0, 0]
    assert len(make.rows(installation, Authority)) == 200


def test_the_turn_of_a_killed_writer_passes_on(installation: Installation) -> None:
    began = FORK.Event()
    other = FORK.Process(target=_hold_a_transaction, args=(installation.settings, began))
    other.start()
    assert began.wait(60)
    other.kill()
    other.join(60)
    _write(installation.database, "next")
    assert [row.slug for row in make.rows(installation, Authority)] == ["next"]


def test_rows_get_their_numbers_and_many_are_written_at_once(installation: Installation) -> None:
    with installation.database.transaction() as session:
        first = add_row(session, Authority, slug="a", name="A")
        add_rows(session, Authority, [{"slug": slug, "name": slug} for slug in ("b", "c")])
        add_rows(session, Authority, [])
        last = add_row(session, Authority, slug="d", name="D")
    assert (first, last) == (1, 4)


def test_a_moment_comes_back_in_utc(installation: Installation, port: make.Port) -> None:
    manila = datetime.fromisoformat("2026-03-14T20:00:00.123456+08:00")
    make.report(installation, now=manila)
    with installation.database.reading() as session:
        opened = session.connection().scalar(sa.select(col(Case.opened_at)))
    assert opened is not None
    assert opened.isoformat() == "2026-03-14T12:00:00.123456+00:00"


def test_a_moment_without_a_zone_is_refused(installation: Installation) -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        UtcDateTime().process_bind_param(datetime(2026, 3, 14), installation.database.engine.dialect)  # noqa: DTZ001


def _write(database: Database, slug: str) -> None:
    with database.transaction() as session:
        _read(session)
        add_row(session, Authority, slug=slug, name=slug)


def _read(session: Session) -> None:
    session.connection().execute(sa.select(sa.func.count()).select_from(Authority))


def _write_many(settings: Settings, mine: int, count: int) -> None:
    database = Database(settings)
    for number in range(count):
        _write(database, f"{mine}-{number}")
    database.dispose()


def _hold_a_transaction(settings: Settings, began: threading.Event) -> None:
    with Database(settings).transaction() as session:
        add_row(session, Authority, slug="never", name="never")
        began.set()
        threading.Event().wait(60)


def _all_at_once(write: object, threads: int) -> None:
    started = [threading.Thread(target=write, args=(mine,)) for mine in range(threads)]  # type: ignore[arg-type]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
