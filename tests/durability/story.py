"""The story of a bad night: reporters send, every process is killed again and again, and the books are compared."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlmodel import col

from engage.config import Settings
from engage.installation import Installation, open_installation
from engage.models import Case, CaseEvent, Queue, Report
from tests import make
from tests.durability.ledger import Entry, Reporter, read_back
from tests.durability.server import Server
from tests.servers import free_port

REPORTERS = 6
#: A server lives until so many more reports were acknowledged, and a moment longer; some are killed while they start.
MOST_REPORTS_OF_A_LIFE = 70
LONGEST_MOMENT = 0.05
LONGEST_LIFE = 15.0
KILLED_WHILE_STARTING = 0.15
READ_THROUGH_THE_DOOR = 60


@dataclass(slots=True)
class Outcome:
    """What came of it. Lost and doubled are lists of keys or references, to look for."""

    kills: int = 0
    sent: int = 0
    acknowledged: int = 0
    unanswered: int = 0
    tries: int = 0
    stored: int = 0
    seconds: float = 0.0
    failures: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    contradicted: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


def happen(settings: Settings, kills: int, tell: Callable[[int], None] = lambda _: None) -> Outcome:
    """Let reporters write to a server that is killed so many times, then compare their books with the database.

    `tell` is called with the number of kills so far. The database holds the tables, and nothing else.
    """
    began = time.monotonic()
    opened = open_installation(settings)
    with opened.database.transaction() as session:
        code = make.port(session).codes["gate"]
    server, stopping = Server(settings, free_port()), threading.Event()
    reporters = [Reporter(server.port, code, stopping, seed) for seed in range(REPORTERS)]
    try:
        _kill_again_and_again(server, reporters, kills, tell)
        stopping.set()
        for reporter in reporters:
            reporter.join()
        entries = [entry for reporter in reporters for entry in reporter.entries]
        outcome = compare(opened, entries)
        outcome.kills = kills
        outcome.failures = sum((Counter(reporter.failures) for reporter in reporters), Counter())
        outcome.unreadable = _unreadable(server.port, entries)
    finally:
        stopping.set()
        server.stop()
        opened.database.dispose()
    outcome.seconds = time.monotonic() - began
    return outcome


def compare(opened: Installation, entries: Iterable[Entry]) -> Outcome:
    """The books of the reporters against what the authority can read."""
    stored = _stored(opened)
    by_text = Counter(row.text for row in stored)
    by_access = {row.access_hash: row for row in stored}
    outcome = Outcome(stored=len(stored))
    for entry in entries:
        outcome.sent += 1
        outcome.tries += entry.tries
        if by_text[entry.text] > 1:
            outcome.doubled.append(entry.key)
        if entry.contradictions:
            outcome.contradicted.append(entry.key)
        if entry.reference is None or entry.access_code is None:
            outcome.unanswered += 1
            continue
        outcome.acknowledged += 1
        row = by_access.get(opened.vault.access_hash(entry.access_code))
        if row is None or (row.text, row.reference, row.in_queues, row.lines) != (entry.text, entry.reference, 1, 3):
            outcome.lost.append(entry.reference)
    return outcome


def _stored(opened: Installation) -> list[sa.Row[tuple[str, str, str, int, int]]]:
    """Every report with the number of queues its case is in and the lines of its history."""
    queues = sa.select(sa.func.count()).where(col(Queue.id) == Case.queue_id).correlate(Case).scalar_subquery()
    lines = sa.select(sa.func.count()).where(col(CaseEvent.case_id) == Case.id).correlate(Case).scalar_subquery()
    query = sa.select(
        col(Report.text),
        col(Report.reference),
        col(Report.access_hash),
        queues.label("in_queues"),
        lines.label("lines"),
    ).outerjoin(Case, col(Case.id) == Report.case_id)
    with opened.database.reading() as session:
        return list(session.connection().execute(query))


def _kill_again_and_again(server: Server, reporters: list[Reporter], kills: int, tell: Callable[[int], None]) -> None:
    """Returns with the server up."""
    chance = random.Random()
    server.start()
    server.wait_until_ready()
    for reporter in reporters:
        reporter.start()
    for number in range(kills):
        _await_reports(reporters, chance.randint(0, MOST_REPORTS_OF_A_LIFE))
        time.sleep(chance.uniform(0, LONGEST_MOMENT))
        server.kill()
        server.start()
        if chance.random() > KILLED_WHILE_STARTING or number == kills - 1:
            server.wait_until_ready()
        tell(number + 1)


def _await_reports(reporters: list[Reporter], more: int) -> None:
    end = time.monotonic() + LONGEST_LIFE
    enough = sum(reporter.acknowledged for reporter in reporters) + more
    while sum(reporter.acknowledged for reporter in reporters) < enough and time.monotonic() < end:
        time.sleep(0.002)


def _unreadable(port: int, entries: list[Entry]) -> list[str]:
    """Of a sample of acknowledged reports, those that their access code does not show as they were sent."""
    acknowledged = [entry for entry in entries if entry.access_code]
    sample = random.sample(acknowledged, min(READ_THROUGH_THE_DOOR, len(acknowledged)))
    return [entry.key for entry in sample if read_back(port, entry.access_code or "") != entry.text]
