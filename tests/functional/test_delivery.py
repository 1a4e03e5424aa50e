"""The worker takes every row of the outbox to the gateway once, and writes down what became of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from engage import outbox
from engage.delivery import deliver_next, work_until_stopped
from engage.gateways import GatewayDown, Parcel, Undeliverable
from engage.installation import Installation
from engage.models import Outgoing
from engage.taxonomy import OutgoingStatus, Severity
from tests import make


class Postman:
    """A gateway that does what it is told, and remembers what it was given."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.sent: list[int] = []
        self.asked: list[int] = []
        self.has: set[int] = set()

    def send(self, parcel: Parcel) -> str:
        if self.failure:
            raise self.failure
        self.sent.append(parcel.id)
        return f"given-{parcel.id}"

    def already_has(self, parcel: Parcel) -> str | None:
        self.asked.append(parcel.id)
        return f"had-{parcel.id}" if parcel.id in self.has else None


@pytest.fixture
def waiting(installation: Installation, now: datetime) -> int:
    """One row that is due."""
    return put(installation, now)


def put(installation: Installation, now: datetime, severity: Severity = Severity.HIGH) -> int:
    with installation.database.transaction() as session:
        return outbox.put(
            session,
            case_id=None,  # type: ignore[arg-type]
            recipient="desk@port.example",
            subject="Case",
            body="A case waits.",
            severity=severity,
            now=now,
        )


def row(installation: Installation) -> Outgoing:
    (only,) = make.rows(installation, Outgoing)
    assert isinstance(only, Outgoing)
    return only


def test_what_is_due_is_sent_once(installation: Installation, waiting: int, now: datetime) -> None:
    postman = Postman()
    assert deliver_next(make.postroom(installation, postman), lambda: now)
    assert not deliver_next(make.postroom(installation, postman), lambda: now)
    assert (postman.sent, postman.asked) == ([waiting], [])
    assert (row(installation).status, row(installation).provider_id) == (OutgoingStatus.ACCEPTED, f"given-{waiting}")


def test_the_most_urgent_goes_first(installation: Installation, waiting: int, now: datetime) -> None:
    urgent = put(installation, now + timedelta(seconds=1), Severity.CRITICAL)
    postman = Postman()
    while deliver_next(make.postroom(installation, postman), lambda: now + timedelta(seconds=2)):
        pass
    assert postman.sent == [urgent, waiting]


@pytest.mark.parametrize("had", [True, False])
def test_after_a_killed_worker_the_gateway_is_asked_first(
    installation: Installation, waiting: int, now: datetime, had: bool
) -> None:
    with installation.database.transaction() as session:
        assert outbox.claim(session, installation.vault, now)
    postman = Postman()
    postman.has = {waiting} if had else set()
    later = now + outbox.LEASE
    assert not deliver_next(make.postroom(installation, postman), lambda: later - timedelta(seconds=1))
    assert deliver_next(make.postroom(installation, postman), lambda: later)
    assert postman.asked == [waiting]
    assert postman.sent == ([] if had else [waiting])
    assert row(installation).status is OutgoingStatus.ACCEPTED


@pytest.mark.parametrize("failure", [GatewayDown("busy"), RuntimeError("a fault of ours")])
def test_what_fails_for_now_is_tried_again(
    installation: Installation, waiting: int, now: datetime, failure: Exception
) -> None:
    assert deliver_next(make.postroom(installation, Postman(failure)), lambda: now)
    assert row(installation).status is OutgoingStatus.QUEUED
    assert row(installation).due_at > now
    postman = Postman()
    assert deliver_next(make.postroom(installation, postman), lambda: now + outbox.LONGEST_WAIT)
    assert postman.sent == [waiting]


@pytest.mark.usefixtures("waiting")
def test_what_can_never_be_sent_asks_for_a_human(installation: Installation, now: datetime) -> None:
    assert deliver_next(make.postroom(installation, Postman(Undeliverable("nobody here"))), lambda: now)
    assert (row(installation).status, row(installation).problem) == (OutgoingStatus.NEEDS_HUMAN, "nobody here")


@pytest.mark.usefixtures("waiting")
def test_others_may_write_while_a_message_is_sent(installation: Installation, now: datetime) -> None:
    class Slow(Postman):
        def send(self, parcel: Parcel) -> str:
            put(installation, now)
            return super().send(parcel)

    assert deliver_next(make.postroom(installation, Slow()), lambda: now)
    assert len(make.rows(installation, Outgoing)) == 2


@pytest.mark.usefixtures("waiting")
def test_it_goes_on_until_it_shall_stop(installation: Installation, now: datetime) -> None:
    pauses: list[float] = []

    def pause(seconds: float) -> bool:
        pauses.append(seconds)
        return len(pauses) == 4

    work_until_stopped(lambda: deliver_next(make.postroom(installation, Postman()), lambda: now), pause)
    assert pauses == [0, 0, 1, 1]
