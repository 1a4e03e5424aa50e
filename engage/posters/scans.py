"""How often each poster is opened, by the hour, with nothing about the person who did.

Openings are gathered in memory and written together some seconds later, so that no page waits for the disk: a durable
write for each halved how many pages SQLite served. What a killed process had not written yet is lost; when it ends or
closes its database, it is written.
"""

from __future__ import annotations

import logging
import threading
import weakref
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from multiprocessing.util import Finalize
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from engage.db import Database
from engage.models import PosterScan
from engage.posters import register
from engage.posters.register import Whereabouts
from engage.vault import Vault

#: So long counts wait in memory, and so much of them a kill can lose.
WRITTEN_AFTER_SECONDS: Final = 5.0
#: Counts that cannot be written for so long that more posters and hours than this have come are dropped.
MOST_KEPT: Final = 100_000
#: So many earlier versions of a poster are told from its present one.
MOST_EARLIER: Final = 20

_COLUMNS: Final = ("scans", "typed", "outdated", "elsewhere")

_log = logging.getLogger(__name__)
#: A poster, an hour, and the column that is counted.
_Key = tuple[int, datetime, str]


class Opening(StrEnum):
    """How somebody came to a poster's page: by its QR code, by a typed address, by the QR code of an earlier version.

    Or that they said there that they stand somewhere else. Each is a column of the counts.
    """

    SCANNED = "scans"
    TYPED = "typed"
    OUTDATED = "outdated"
    ELSEWHERE = "elsewhere"


def opening_by(vault: Vault, where: Whereabouts, tag: str | None) -> Opening:
    """How somebody came who asks for a poster's page with this tag."""
    if register.is_genuine_tag(vault, where, tag):
        return Opening.SCANNED
    earlier = range(max(1, where.version - MOST_EARLIER), where.version) if tag else ()
    if any(register.is_genuine_tag(vault, replace(where, version=version), tag) for version in earlier):
        return Opening.OUTDATED
    return Opening.TYPED


class Tally:
    """The openings that one process has counted and not written yet."""

    def __init__(self, database: Database, after: float = WRITTEN_AFTER_SECONDS) -> None:
        self._database = database
        self._after = after
        self._lock = threading.Lock()
        self._counts: Counter[_Key] = Counter()
        self._timer: threading.Timer | None = None
        database.before_closing(self.write)
        _at_the_end_of_the_process(self)

    def count(self, poster_id: int, what: Opening, now: datetime) -> None:
        """Count one opening of a poster's page, or one who says there that they stand elsewhere."""
        hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        with self._lock:
            self._counts[(poster_id, hour, what.value)] += 1
            if self._timer is None:
                self._timer = threading.Timer(self._after, self.write)
                self._timer.daemon = True
                self._timer.start()

    def write(self) -> None:
        """Write what was counted. Where the database cannot, the counts are kept for the next time."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
        if not counts:
            return
        try:
            with self._database.transaction() as session:
                add(session, counts)
        except sa.exc.IntegrityError:  # a poster that is no more: it would be refused the next time too
            _log.warning("openings of posters were not counted: there is no such poster")
        except sa.exc.SQLAlchemyError as error:
            _log.warning("openings of posters wait to be counted: %s", type(error).__name__)
            with self._lock:
                if len(self._counts) < MOST_KEPT:
                    self._counts.update(counts)


def add(session: Session, counts: Counter[_Key]) -> None:
    """Add counts to those that are kept. In one order for all, so that no two processes wait in a ring."""
    rows: dict[tuple[int, datetime], dict[str, int]] = {}
    for (poster_id, hour, what), number in sorted(counts.items()):
        rows.setdefault((poster_id, hour), dict.fromkeys(_COLUMNS, 0))[what] += number
    connection = session.connection()
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    table = sa.inspect(PosterScan).local_table
    insert = dialect.insert(table)
    more = {name: table.c[name] + insert.excluded[name] for name in _COLUMNS}
    connection.execute(
        insert.on_conflict_do_update(index_elements=["poster_id", "hour"], set_=more),
        [{"poster_id": poster_id, "hour": hour, **row} for (poster_id, hour), row in rows.items()],
    )


def _at_the_end_of_the_process(tally: Tally) -> None:
    """A tally that is still there when the process ends is written; one that is not is not kept alive for it.

    A forked worker of the server ends without what `atexit` was told; what multiprocessing was told, any process does.
    """
    kept = weakref.ref(tally)

    def write() -> None:
        there = kept()
        if there is not None:
            there.write()

    Finalize(None, write, exitpriority=0)
