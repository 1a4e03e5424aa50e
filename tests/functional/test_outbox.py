"""The outbox: one worker at a time has a row, the most urgent first, and no row is forgotten or sent for ever."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest

from engage import outbox
from engage.installation import Installation
from engage.models import Outgoing
from engage.outbox import FIRST_WAIT, LEASE, LONGEST_WAIT, MOST_ATTEMPTS, Parcel
from engage.taxonomy import OutgoingStatus, Severity
from tests import make

MOMENT = timedelta(microseconds=1)


class Worker:
    """A worker: each step in a transaction of its own."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation

    def put(self, subject: str, now: datetime, severity: Severity = Severity.HIGH) -> int:
        with self.installation.database.transaction() as session:
            return outbox.put(
                session,
                case_id=1,
                recipient="marine@port.example",
                subject=subject,
                body="",
                severity=severity,
                now=now,
            )

    def claim(self, now: datetime) -> Parcel | None:
        with self.installation.database.transaction() as session:
            return outbox.claim(session, self.installation.vault, now)

    def claims(self, now: datetime) -> Parcel:
        parcel = self.claim(now)
        assert parcel is not None
        return parcel

    def settle(self, parcel: Parcel) -> None:
        with self.installation.database.transaction() as session:
            outbox.settle(session, parcel, "mail-1")

    def put_back(self, parcel: Parcel, now: datetime, problem: str = "no answer") -> None:
        with self.installation.database.transaction() as session:
            outbox.put_back(session, parcel, problem, now)

    def give_up(self, parcel: Parcel) -> None:
        with self.installation.database.transaction() as session:
            outbox.give_up(session, parcel, "no such mailbox" * 100)

    def row(self) -> Outgoing:
        """The one row of the outbox."""
        (only,) = make.rows(self.installation, Outgoing)
        assert isinstance(only, Outgoing)
        return only


@pytest.fixture
def worker(installation: Installation, port: make.Port) -> Worker:
    """A worker whose outbox is empty, of a port with one case."""
    make.report(installation, make.LOST_HAT)
    return Worker(installation)


def test_nothing_to_do(worker: Worker, now: datetime) -> None:
    assert worker.claim(now) is None


def test_twenty_workers_take_every_row_once(worker: Worker, now: datetime) -> None:
    rows = {worker.put(f"subject {number}", now) for number in range(200)}
    taken: list[int] = []
    problems: list[Exception] = []

    def work() -> None:
        try:
            misses = 0
            while misses < 3:  # another worker may have won the row that this one looked at
                parcel = worker.claim(now)
                misses = 0 if parcel else misses + 1
                taken.extend([parcel.id] if parcel else [])
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while (left := worker.claim(now)) is not None:
        taken.append(left.id)
    assert problems == []
    assert sorted(taken) == sorted(rows)


def test_the_most_urgent_goes_first_then_the_oldest(worker: Worker, now: datetime) -> None:
    worker.put("low", now, Severity.LOW)
    worker.put("later", now + timedelta(minutes=1))
    worker.put("high", now)
    worker.put("critical", now + timedelta(minutes=1), Severity.CRITICAL)
    order = [worker.claims(now + timedelta(minutes=2)).subject for _ in range(4)]
    assert order == ["critical", "high", "later", "low"]


def test_a_row_that_is_not_due_waits(worker: Worker, now: datetime) -> None:
    worker.put("later", now)
    assert worker.claim(now - MOMENT) is None
    assert worker.claims(now).subject == "later"


def test_a_leased_row_is_nobody_elses_until_the_lease_ends(worker: Worker, now: datetime) -> None:
    worker.put("only", now)
    first = worker.claims(now)
    assert worker.claim(now + LEASE - MOMENT) is None
    second = worker.claims(now + LEASE)
    assert (first.id, first.attempts, second.id, second.attempts) == (second.id, 1, first.id, 2)


def test_a_settled_row_is_done(worker: Worker, now: datetime) -> None:
    worker.put("only", now)
    worker.settle(worker.claims(now))
    row = worker.row()
    assert (row.status, row.provider_id, row.leased_until) == (OutgoingStatus.ACCEPTED, "mail-1", None)
    assert worker.claim(now + timedelta(days=400)) is None


def test_a_worker_that_came_back_too_late_changes_nothing(worker: Worker, now: datetime) -> None:
    worker.put("only", now)
    late = worker.claims(now)
    current = worker.claims(now + LEASE)
    worker.settle(late)
    worker.put_back(late, now + LEASE)
    worker.give_up(late)
    assert worker.row().status is OutgoingStatus.SENDING
    worker.settle(current)
    worker.put_back(current, now)
    assert worker.row().status is OutgoingStatus.ACCEPTED


def test_waits_grow_up_to_a_limit_and_then_a_human_must_look(worker: Worker, now: datetime) -> None:
    worker.put("only", now)
    for attempt in range(1, MOST_ATTEMPTS):
        parcel = worker.claims(now)
        assert parcel.attempts == attempt
        worker.put_back(parcel, now)
        row = worker.row()
        longest = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempt - 1))
        assert longest / 2 <= row.due_at - now <= longest
        assert (row.status, row.problem, row.leased_until) == (OutgoingStatus.QUEUED, "no answer", None)
        assert worker.claim(row.due_at - MOMENT) is None
        now = row.due_at
    worker.put_back(worker.claims(now), now)
    assert worker.row().status is OutgoingStatus.NEEDS_HUMAN
    assert worker.claim(now + timedelta(days=400)) is None


def test_what_can_never_succeed_is_a_humans_at_once(worker: Worker, now: datetime) -> None:
    worker.put("only", now)
    worker.give_up(worker.claims(now))
    row = worker.row()
    assert (row.status, len(row.problem or "")) == (OutgoingStatus.NEEDS_HUMAN, 500)
    assert worker.claim(now + timedelta(days=400)) is None


def test_a_row_that_kills_its_worker_is_not_tried_for_ever(worker: Worker, now: datetime) -> None:
    worker.put("only", now)
    for _ in range(MOST_ATTEMPTS + 3):
        if worker.claim(now) is None:
            break
        now += LEASE
    parcel = worker.claim(now)
    if parcel is not None:
        worker.put_back(parcel, now)
    assert worker.row().status is OutgoingStatus.NEEDS_HUMAN
