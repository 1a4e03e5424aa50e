"""Passkeys: a device opens for its owner, at our address, for what it was asked, in time and once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from engage import passkeys
from engage.accounts import Officer
from engage.installation import Installation
from engage.models import AuditEntry, Passkey
from engage.passkeys import ANSWER_WITHIN, MOST_PASSKEYS, House, PasskeyRefused
from tests import make
from tests.fakes.authenticator import USER_PRESENT, Authenticator

HOUSE = House("localhost", "http://localhost:8000")
MOMENT = timedelta(seconds=1)


class Keys:
    """An installation that asks, and takes answers."""

    def __init__(self, installation: Installation, port: make.Port) -> None:
        self.installation = installation
        with installation.database.reading() as session:
            self.ana, self.ben = (port.officer(session, login) for login in ("ana", "ben"))

    def asks(self, staff_id: int | None = None, purpose: str = "a", now: datetime = make.NOON) -> str:
        with self.installation.database.reading() as session:
            return passkeys.question(session, self.installation.vault, HOUSE, staff_id, purpose, now)

    def asks_for_new(self, officer: Officer, now: datetime = make.NOON) -> str:
        with self.installation.database.reading() as session:
            return passkeys.question_for_new(session, self.installation.vault, HOUSE, officer, "new", now)

    def adds(self, officer: Officer, answer: str, now: datetime = make.NOON, purpose: str = "new") -> bool:
        return self._does(lambda *most: passkeys.add(*most, officer, purpose, answer, "Phone", now)) is not False

    def opens(
        self, answer: str, staff_id: int | None = None, purpose: str = "a", now: datetime = make.NOON
    ) -> int | bool:
        """Whose passkey it is, or False."""
        return self._does(lambda *most: passkeys.opened_by(*most, staff_id, purpose, answer, now))  # type: ignore[no-any-return]

    def _does(self, act: Callable[..., Any]) -> Any:
        try:
            with self.installation.database.transaction() as session:
                return act(session, self.installation.vault, HOUSE)
        except PasskeyRefused:
            return False

    def device_of(self, officer: Officer) -> Authenticator:
        device = Authenticator()
        assert self.adds(officer, device.makes(self.asks_for_new(officer)))
        return device


@pytest.fixture
def keys(installation: Installation, port: make.Port) -> Keys:
    return Keys(installation, port)


def test_a_passkey_opens_for_its_owner_once_for_each_question(keys: Keys) -> None:
    device = keys.device_of(keys.ana)
    answer = device.answers(keys.asks())
    assert keys.opens(answer) == keys.ana.staff_id
    assert keys.opens(answer) is False
    assert keys.opens(device.answers(keys.asks(keys.ana.staff_id)), keys.ana.staff_id) == keys.ana.staff_id
    assert keys.opens(device.answers(keys.asks(keys.ben.staff_id)), keys.ben.staff_id) is False
    (row,) = make.rows(keys.installation, Passkey)
    assert (row.sign_count, row.used_at, row.name) == (2, make.NOON, "Phone")
    assert [entry.act for entry in make.rows(keys.installation, AuditEntry)][-1] == "staff.passkey_added"


def test_a_question_is_answered_in_time_and_for_its_purpose(keys: Keys) -> None:
    device = keys.device_of(keys.ana)
    late, question = make.NOON + ANSWER_WITHIN, keys.asks()
    assert keys.opens(device.answers(question), now=late) is False
    assert keys.opens(device.answers(question), now=make.NOON - timedelta(hours=1)) is False
    assert keys.opens(device.answers(question), purpose="b") is False
    assert keys.opens(device.answers(question), now=late - MOMENT) == keys.ana.staff_id


def test_a_device_that_is_copied_or_elsewhere_opens_nothing(keys: Keys) -> None:
    device = keys.device_of(keys.ana)
    assert keys.opens(device.answers(keys.asks()))
    copy = Authenticator(count=0, id=device.id, key=device.key)
    other_key = Authenticator(count=9, id=device.id)
    phished = Authenticator(count=9, id=device.id, key=device.key, origin="http://localhost.evil.example")
    foreign = Authenticator(count=9, id=device.id, key=device.key, host="evil.example")
    nobody_there = Authenticator(count=9, id=device.id, key=device.key, flags=USER_PRESENT)
    for wrong in (copy, other_key, phished, foreign, nobody_there, Authenticator()):
        assert keys.opens(wrong.answers(keys.asks())) is False
    assert keys.opens(device.answers(keys.asks())) == keys.ana.staff_id


def test_a_question_that_is_not_ours_is_not_answered_here(keys: Keys) -> None:
    device = keys.device_of(keys.ana)
    for challenge in ("", "AAAA", "A" * 75, "A" * 2000):
        assert keys.opens(device.answers(json.dumps({"challenge": challenge}))) is False
    assert not keys.adds(keys.ana, Authenticator().makes(json.dumps({"challenge": "A" * 75})))


def test_a_device_is_added_once_with_its_owner_at_hand(keys: Keys) -> None:
    device = keys.device_of(keys.ana)
    assert not keys.adds(keys.ben, device.makes(keys.asks_for_new(keys.ben)))
    assert not keys.adds(keys.ana, Authenticator().makes(keys.asks_for_new(keys.ana)), purpose="other")
    assert not keys.adds(keys.ana, Authenticator(flags=USER_PRESENT).makes(keys.asks_for_new(keys.ana)))
    assert not keys.adds(keys.ana, Authenticator(origin="https://evil.example").makes(keys.asks_for_new(keys.ana)))
    answer = Authenticator().makes(keys.asks_for_new(keys.ana))
    assert (keys.adds(keys.ana, answer), keys.adds(keys.ana, answer)) == (True, False)
    for _ in range(MOST_PASSKEYS - 2):
        keys.device_of(keys.ana)
    assert not keys.adds(keys.ana, Authenticator().makes(keys.asks_for_new(keys.ana)))


def test_nonsense_is_refused(keys: Keys) -> None:
    good = json.loads(keys.device_of(keys.ana).answers(keys.asks()))
    broken = [{**good, name: value} for name in good for value in (None, 1, "", "é", [], {"x": 1}, "\0")]
    broken += [
        {**good, "response": {**good["response"], name: value}}
        for name in good["response"]
        for value in (None, 1, "", "é", [], "AAAA", "A" * 1000)
    ]
    texts = ["", "{}", "null", "[]", "1", '"x"', "[" * 5000, "\0", "\ud83d", "x" * 30_000, *map(json.dumps, broken)]
    # What is changed beside what was signed may open, but then nothing else does: the question is used up.
    assert len([text[:80] for text in texts if keys.opens(text) is not False]) <= 1
    assert [text[:80] for text in texts if keys.adds(keys.ana, text)] == []


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://report.example.org", "report.example.org"),
        ("http://localhost:8000", "localhost"),
        ("http://127.0.0.1:8000", None),
        ("https://[2001:db8::1]", None),
    ],
)
def test_only_an_address_with_a_name_has_passkeys(address: str, host: str | None) -> None:
    house = House.at(address)
    assert (house.host if house else None) == host
