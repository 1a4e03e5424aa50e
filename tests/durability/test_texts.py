"""Texts in and out, while workers are killed and the provider fails, calls twice, calls late, or does not call."""

from __future__ import annotations

import http.client
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from urllib.parse import urlencode, urlsplit

import pytest
from flask import Flask
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from engage import outbox
from engage.config import Settings
from engage.installation import Installation, open_installation
from engage.models import Arrival, Message, Outgoing, Report
from engage.taxonomy import Carrier, Direction, OutgoingStatus, Severity
from tests import make
from tests.durability import sending
from tests.durability.forger import Forger
from tests.durability.server import ROOT, Server, environment_of
from tests.fakes.twilio import FakeTwilio
from tests.servers import free_port
from tests.visitor import Visitor

pytestmark = pytest.mark.durability

TEXTS, KILLS = 400, 80
WORKERS = {"sqlite": 1, "postgresql": 3}
ARRIVALS = 500
DROPPED = 60
#: On each of the two databases.
FORGED = 10_000
REPORTED = 60
OURS = make.OUR_NUMBERS[0]
#: How far each word of the provider moves a text on, and how far each status of ours is.
TOLD = {"queued": 2, "sending": 2, "sent": 3, "undelivered": 4, "failed": 4, "delivered": 5}
FAR = {
    OutgoingStatus.QUEUED: 0,
    OutgoingStatus.ACCEPTED: 2,
    OutgoingStatus.SENT: 3,
    OutgoingStatus.UNDELIVERED: 4,
    OutgoingStatus.FAILED: 4,
    OutgoingStatus.DELIVERED: 5,
}


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as running:
        yield running


@pytest.fixture
def settings(settings: Settings, twilio: FakeTwilio) -> Settings:
    """The usual settings, with a provider who calls a real server of this machine."""
    public_url = f"http://127.0.0.1:{free_port()}"
    return make.with_provider(
        settings, twilio, public_url=public_url, twilio_daily_segments=1_000_000, log_level="ERROR"
    )


def kind_of(settings: Settings) -> str:
    return "postgresql" if settings.database_url else "sqlite"


@contextmanager
def serving(settings: Settings) -> Iterator[Server]:
    """A real server at the public address of the settings."""
    server = Server(settings, urlsplit(settings.public_url).port or 0)
    server.start()
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.stop()


def run_once(settings: Settings) -> subprocess.Popen[bytes]:
    """`engage worker --once`, begun."""
    command = [sys.executable, "-m", "engage.cli", "worker", "--once"]
    return subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment_of(settings)}, stdout=subprocess.DEVNULL
    )


def post(settings: Settings, url: str, form: dict[str, str]) -> int:
    """What is answered to a form that the provider signs."""
    line = http.client.HTTPConnection("127.0.0.1", urlsplit(url).port, timeout=20)
    signature = RequestValidator(settings.twilio_auth_token).compute_signature(url, form)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature}
    try:
        line.request("POST", urlsplit(url).path, urlencode(form), headers)
        return line.getresponse().status
    finally:
        line.close()


def words(settings: Settings) -> Counter[str]:
    """All that reporters said, and how often it is there."""
    opened = open_installation(settings)
    try:
        later = [row.text for row in make.rows(opened, Message) if row.direction is Direction.FROM_REPORTER]
        return Counter([*(row.text for row in make.rows(opened, Report)), *later])
    finally:
        opened.database.dispose()


def put_text(installation: Installation, number: int, now: datetime) -> int:
    """A text in the outbox; the id of its row."""
    recipient = outbox.Recipient(Carrier.SMS, installation.vault.seal(outbox.ADDRESS, b"+447700900123"), str(number))
    with installation.database.transaction() as session:
        return outbox.put_sealed(session, recipient, body="Thanks.", segments=1, severity=Severity.LOW, now=now)


def how_far(installation: Installation, row_id: int) -> int:
    """How far the text of a row is."""
    with installation.database.reading() as session:
        return FAR[session.get_one(Outgoing, row_id).status]


def test_no_text_is_lost_or_sent_twice(settings: Settings, twilio: FakeTwilio) -> None:
    make.with_port(settings)
    outcome = sending.happen(settings, twilio, texts=TEXTS, kills=KILLS, workers=WORKERS[kind_of(settings)])
    print(outcome)
    assert (outcome.lost, outcome.doubled) == ([], [])
    assert set(outcome.states) <= {"accepted", "delivered"}
    assert outcome.states.total() == outcome.texts == TEXTS
    assert outcome.kills >= KILLS
    assert outcome.under_way >= KILLS // 4  # otherwise the kills hit nobody
    assert outcome.tries > TEXTS * 1.1  # otherwise nothing failed


def test_a_text_counts_once_however_often_it_comes(settings: Settings, twilio: FakeTwilio) -> None:
    make.with_port(settings)
    with serving(settings) as server, ThreadPoolExecutor(4) as senders:
        answers = list(senders.map(lambda number: _text_again_and_again(twilio, server, number), range(ARRIVALS)))
    assert {answer for given in answers for answer in given} == {200}
    assert sum(map(len, answers)) > 4 * ARRIVALS
    assert words(settings) == Counter(f"{make.GUN}, number {number}" for number in range(ARRIVALS))


def _text_again_and_again(twilio: FakeTwilio, server: Server, number: int) -> list[int]:
    """One text of one of a hundred phones, told of two to eight times at once; what was answered."""
    webhook = f"http://127.0.0.1:{server.port}/webhooks/twilio/message"
    sender, times = f"+4477009{number % 100:05d}", random.randint(2, 8)
    told = twilio.incoming(sender, OURS, f"{make.GUN}, number {number}", webhook=webhook, times=times)
    answers: list[int] = told["answers"]
    return answers


def test_what_the_provider_could_not_tell_is_found_by_the_sweep(settings: Settings, twilio: FakeTwilio) -> None:
    make.with_port(settings)
    webhook = f"{settings.public_url}/webhooks/twilio/message"
    told = [
        twilio.incoming(f"+4477009{number:05d}", OURS, f"{make.LOST_HAT}, number {number}", webhook=webhook, times=1)
        for number in range(DROPPED)
    ]
    assert {answer for one in told for answer in one["answers"]} == {0}  # nobody was there
    with serving(settings), ThreadPoolExecutor(8) as late:
        sweeping = [run_once(settings) for _ in range(2)]
        forms = [one["form"] for one in told[::2]]  # the provider calls again for some, while we are looking
        assert set(late.map(lambda form: post(settings, webhook, form), forms)) == {200}
        assert [process.wait(120) for process in sweeping] == [0, 0]
        assert run_once(settings).wait(120) == 0
    assert words(settings) == Counter(f"{make.LOST_HAT}, number {number}" for number in range(DROPPED))
    assert Counter(text["to"] for text in twilio.accepted) == {f"+4477009{number:05d}": 1 for number in range(DROPPED)}


def test_nothing_forged_is_believed_and_nothing_breaks_us(
    app: Flask, installation: Installation, settings: Settings
) -> None:
    visitor, forger = Visitor(app), Forger(settings, random.Random())
    answers = Counter(made.sent_by(visitor) for made in forger.forgeries(FORGED))
    assert answers.total() == FORGED
    assert set(answers) <= {400, 403, 413}
    assert {400, 403, 413} <= set(answers)
    assert make.rows(installation, Arrival) == []
    assert forger.genuine().sent_by(visitor) == 200
    assert len(make.rows(installation, Arrival)) == 1


def test_reports_of_the_provider_only_move_on(
    app: Flask, installation: Installation, settings: Settings, now: datetime
) -> None:
    visitor, forger, chance = Visitor(app), Forger(settings, random.Random()), random.Random()
    for number in range(REPORTED):
        row_id = put_text(installation, number, now)
        told = [status for status in TOLD for _ in range(chance.randint(0, 3))] or ["sent"]
        chance.shuffle(told)
        far = []
        for status in told:
            assert forger.report(installation, row_id, status).sent_by(visitor) == 200
            far.append(how_far(installation, row_id))
        assert far == sorted(far)
        assert far[-1] == max(TOLD[status] for status in told)
