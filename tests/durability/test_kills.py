"""Kill every process of the server at random moments: nothing acknowledged is lost, nothing is there twice."""

from __future__ import annotations

import pytest

from engage.config import Settings
from tests.durability.story import happen

KILLS = 22
REPORTS = 550


@pytest.mark.durability
def test_what_was_acknowledged_outlives_every_kill(settings: Settings) -> None:
    outcome = happen(settings, KILLS)
    assert outcome.lost == []
    assert outcome.doubled == []
    assert outcome.contradicted == []
    assert outcome.unreadable == []
    assert outcome.acknowledged <= outcome.stored <= outcome.sent
    assert outcome.kills >= KILLS
    assert outcome.acknowledged >= REPORTS
    assert sum(outcome.failures.values()) > 0  # otherwise the kills hit nobody
    assert not [failure for failure in outcome.failures if failure.startswith("5")]
