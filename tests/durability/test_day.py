"""A day in small: every text is heard once, every report is in a queue, and everyone is answered as often as due."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engage.config import Settings
from tests import make
from tests.durability import day
from tests.fakes.twilio import FakeTwilio
from tests.servers import free_port

CONVERSATIONS = 200


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as running:
        yield running


@pytest.mark.durability
def test_a_day_ends_with_everything_in_its_place(settings: Settings, twilio: FakeTwilio) -> None:
    public_url = f"http://127.0.0.1:{free_port()}"
    provided = make.with_provider(settings, twilio, public_url=public_url, twilio_daily_segments=1_000_000)
    outcome = day.happen(provided, twilio, CONVERSATIONS)
    print(outcome)
    assert outcome.refused == []
    assert (outcome.lost, outcome.doubled) == ([], [])
    assert (outcome.queueless, outcome.unfetched) == (0, 0)
    assert outcome.amiss == {}
    assert outcome.reports >= CONVERSATIONS
    assert 0 < outcome.unanswered < outcome.answers
