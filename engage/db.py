"""The database: one engine, and `transaction()`, the only place that begins and commits."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session, SQLModel

from engage.config import Settings
from engage.prepared import CONNECTION, Prepared

try:
    from pysqlite3 import dbapi2 as sqlite_driver
except ImportError:  # where there is no wheel of it: doctor says which SQLite is used and how safely
    import sqlite3 as sqlite_driver

#: From here on SQLite's write-ahead log is free of the fault that could reset it while a reader looked on.
WAL_IS_SAFE_FROM = (3, 51, 3)
BUSY_SECONDS = 30
POOL_SIZE = 32
#: Where a session keeps what is done at its end.
_AT_THE_END = "at the end"


class Database:
    """An open database. Threads may share it; a process that forks must open its own."""

    def __init__(self, settings: Settings) -> None:
        self.engine = _engine(settings)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._writing = self.engine.execution_options(begin_mode="IMMEDIATE")
        self._turn = _Turn(self._lock_file()) if self.is_sqlite else None
        self._before_closing: list[Callable[[], None]] = []

    def _lock_file(self) -> Path | None:
        file = self.engine.url.database
        return Path(file + ".lock") if file and file != ":memory:" else None

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session whose writes are committed together, durably, when the block ends, or not at all.

        On SQLite writers queue on one lock before `BEGIN IMMEDIATE`: its own busy handler sleeps up to 100 ms between
        tries, which made the slowest hundredth of requests ten times slower, and a deferred BEGIN that reads and then
        writes fails at once under load.
        """
        # The session joins a transaction that is begun and committed here: its own machinery costs more than ours.
        with (
            self._turn.taken() if self._turn else nullcontext(),
            self._writing.begin() as connection,
            Session(connection, join_transaction_mode="rollback_only") as session,
        ):
            session.info[CONNECTION] = connection
            yield session
            session.flush()
            for act in session.info.get(_AT_THE_END, ()):
                act(session)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reading one consistent state. Whatever it changes is dropped."""
        with Session(self.engine) as session:
            yield session
            session.rollback()

    def durability(self) -> str:
        """How this database keeps an acknowledged row through a power cut, in a few words."""
        with self.engine.connect() as connection:
            if self.is_sqlite:
                mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
                level = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
                return f"SQLite {sqlite_driver.sqlite_version} {str(mode).upper()}+{'FULL' if level >= 2 else 'WEAK'}"
            version = connection.exec_driver_sql("SHOW server_version").scalar_one()
            commit = connection.exec_driver_sql("SHOW synchronous_commit").scalar_one()
            return f"PostgreSQL {version} synchronous_commit={commit}"

    def before_closing(self, act: Callable[[], None]) -> None:
        """Do something before the database is closed: what is still to be written, is."""
        self._before_closing.append(act)

    def dispose(self) -> None:
        """Close every connection."""
        for act in self._before_closing:
            act()
        self.engine.dispose()
        if self._turn:
            self._turn.close()


class _Turn:
    """The writers' lock: a mutex between threads, a file lock between processes (freed by the kernel on a kill)."""

    def __init__(self, file: Path | None) -> None:
        self._mutex = threading.Lock()
        self._descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600) if file else None

    @contextmanager
    def taken(self) -> Iterator[None]:
        with self._mutex:
            if self._descriptor is not None:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            try:
                yield
            finally:
                if self._descriptor is not None:
                    fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def at_the_end(session: Session, act: Callable[[Session], None]) -> None:
    """Do something as the last thing of a transaction, after all else is written and just before it is committed.

    For what takes a lock that everybody wants. In a session that only reads it would never come to pass, so it is
    refused there.
    """
    if CONNECTION not in session.info:
        raise RuntimeError("only a transaction has an end at which something can be written")
    session.info.setdefault(_AT_THE_END, []).append(act)


def add_row(session: Session, model: type[SQLModel], **values: Any) -> int:
    """Insert one row of values known to be right, and give its id (0 where the key is no number).

    Every column but the id is named. An ORM flush is the largest single cost of a plain handler, so this goes round it.
    """
    (row,) = _insert(model, tuple(values), True).rows(session, **values)
    return row[0] if isinstance(row[0], int) else 0


def add_rows(session: Session, model: type[SQLModel], rows: list[dict[str, Any]]) -> None:
    """Insert several rows of the same columns."""
    if rows:
        _insert(model, tuple(rows[0]), False).run_many(session, rows)


@cache
def _insert(model: type[SQLModel], columns: tuple[str, ...], returning: bool) -> Prepared:
    table = sa.inspect(model).local_table
    statement = sa.insert(table).values({name: sa.bindparam(name, type_=table.c[name].type) for name in columns})
    return Prepared(statement.returning(*table.primary_key) if returning else statement)


def _engine(settings: Settings) -> sa.Engine:
    url = sa.make_url(settings.sqlalchemy_url)
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(url, pool_size=POOL_SIZE, max_overflow=0, pool_pre_ping=True)
    if url.database:
        Path(url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = sa.create_engine(url, module=sqlite_driver, pool_size=POOL_SIZE, max_overflow=0)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: ConnectionPoolEntry) -> None:
    # The driver's own BEGIN is deferred and comes too late; we begin ourselves.
    connection.isolation_level = None
    wal = sqlite_driver.sqlite_version_info >= WAL_IS_SAFE_FROM
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    connection.execute(f"PRAGMA journal_mode = {'WAL' if wal else 'TRUNCATE'}")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: sa.Connection) -> None:
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('begin_mode', 'DEFERRED')}")
