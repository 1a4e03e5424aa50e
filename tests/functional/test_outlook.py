"""What reporters are told of when somebody reads their words: before and after sending, and never of a sealed queue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import time, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from engage import desk, watches
from engage.db import add_row
from engage.installation import Installation
from engage.models import Shift
from tests import make
from tests.functional.test_poster_page import hidden

STAFFED = "Staffed now: somebody reads what comes in."
UNKNOWN = "We cannot say when somebody reads this. If someone is in danger, call 911."
AWAITED = "Nobody has taken the watch yet; somebody should come at any moment. If someone is in danger, call 911."


@pytest.fixture
def clock(installation: Installation, port: make.Port) -> Iterator[time_machine.Coordinates]:
    """Noon in UTC, 20:00 on a Saturday at the port."""
    with time_machine.travel(make.NOON, tick=False) as coordinates:
        yield coordinates


def outlook(client: FlaskClient, path: str = "/p/B7K4X") -> str:
    """The sentence on a page; empty where there is none."""
    found = re.findall(r'<p class="outlook">([^<]*)</p>', client.get(path).text)
    return found[0] if found else ""


def takes_watch(installation: Installation, port: make.Port, login: str, queue: str) -> None:
    with installation.database.transaction() as session:
        watches.take(session, port.officer(session, login), queue, make.NOON)


def plans(installation: Installation, port: make.Port, queue: str, weekday: int, begins: str, ends: str) -> None:
    with installation.database.transaction() as session:
        add_row(
            session,
            Shift,
            queue_id=port.queues[queue],
            weekday=weekday,
            from_time=time.fromisoformat(begins),
            to_time=time.fromisoformat(ends),
            timezone="Asia/Manila",
            staff_id=None,
        )


@pytest.mark.parametrize(
    ("weekday", "begins", "told"),
    [
        (6, "06:00", "Nobody reads this before 06:00. If someone is in danger, call 911."),
        (0, "06:00", "Nobody reads this before 16 Mar 2026, 06:00. If someone is in danger, call 911."),
        (5, "18:00", AWAITED),
        (None, "", UNKNOWN),
    ],
)
@pytest.mark.usefixtures("clock")
def test_before_sending_the_queue_of_the_place_is_spoken_of(
    client: FlaskClient, installation: Installation, port: make.Port, weekday: int | None, begins: str, told: str
) -> None:
    if weekday is not None:
        plans(installation, port, "marine", weekday, begins, "23:00")
    assert outlook(client) == outlook(client, "/p/B7K4X/chat") == told


def test_a_watch_and_the_last_answers_are_told_and_remembered_for_a_minute(
    client: FlaskClient, installation: Installation, port: make.Port, clock: time_machine.Coordinates
) -> None:
    assert outlook(client) == UNKNOWN
    takes_watch(installation, port, "ana", "marine")
    reference = make.report(installation).reference
    with installation.database.transaction() as session:
        answered = make.NOON + timedelta(minutes=6)
        desk.answer(session, port.officer(session, "ana"), reference, answered, text="We are coming.")
    assert outlook(client) == UNKNOWN
    clock.move_to(make.NOON + timedelta(minutes=7))
    assert outlook(client) == f"{STAFFED} Time to a first answer, lately: about 6 minutes."
    assert "6 минут" in client.get("/p/B7K4X?lang=ru").text


@pytest.mark.usefixtures("clock")
def test_a_page_loaded_often_asks_once_a_minute(
    client: FlaskClient, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    ask = watches.promise_to_reporters
    monkeypatch.setattr(watches, "promise_to_reporters", lambda *about: asked.append(about) or ask(*about))
    assert {outlook(client) for _ in range(5)} == {UNKNOWN}
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [(make.GUN, STAFFED), (make.BRIBE, UNKNOWN)],
    ids=["own queue", "sealed queue"],
)
@pytest.mark.usefixtures("clock")
def test_after_sending_its_own_queue_is_spoken_of_but_no_sealed_one(
    client: FlaskClient, installation: Installation, port: make.Port, text: str, told: str
) -> None:
    takes_watch(installation, port, "ana", "marine")
    takes_watch(installation, port, "ida", "integrity")
    form = {"text": text, "key": hidden(client.get("/p/B7K4X"), "key")}
    sent = client.post("/p/B7K4X", data=form)
    assert told in sent.text
    assert outlook(client, "/thread") == told


@pytest.mark.usefixtures("clock")
def test_once_an_officer_has_answered_nothing_is_promised(
    client: FlaskClient, installation: Installation, port: make.Port
) -> None:
    client.post("/p/B7K4X", data={"text": make.GUN, "key": hidden(client.get("/p/B7K4X"), "key")})
    reference = re.findall(r"EN-\w+-\w", client.get("/thread").text)[0]
    assert outlook(client, "/thread") == UNKNOWN
    with installation.database.transaction() as session:
        desk.answer(session, port.officer(session, "ana"), reference, make.NOON, text="We are coming.")
    assert outlook(client, "/thread") == ""


@pytest.mark.usefixtures("clock")
def test_a_chat_is_told_of_its_own_queue(client: FlaskClient, installation: Installation, port: make.Port) -> None:
    takes_watch(installation, port, "ben", "gates")
    assert outlook(client, "/p/B7K4X/chat") == UNKNOWN
    key = hidden(client.get("/p/B7K4X/chat"), "key")
    client.post("/p/B7K4X/chat", data={"text": make.OPEN_FENCE, "key": key})
    assert outlook(client, "/p/B7K4X/chat") == STAFFED


def test_a_code_nobody_knows_is_promised_nothing(client: FlaskClient, port: make.Port, app: Flask) -> None:
    assert outlook(client, "/p/ZZZZZ") == ""
    assert port.site
    assert "engage_outlooks" not in app.extensions
