"""What triage reaches on the labelled messages that it was set on: a change must not lose it unnoticed.

Leanings know these messages nearly by heart, so the figures say that nothing broke, not how good triage is with new
ones: that stands in the README, measured on messages of writers left out of the setting.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from engage.triage import shipped_lexicon
from engage.triage.scoring import BARS, Judged, calibration, judge_all, read_cases

FOLDER = Path(__file__).parents[1] / "data" / "triage"
EVERY = 6  # every sixth message: enough for a figure, and quick
#: What was reached when the weights were set, less some for the sample; the worst language sets the bound of all.
REACHED = {
    "category right": 0.97,
    "first responder right": 0.97,
    "severity within one level": 0.98,
    "severity exact": 0.94,
    "critical seen as high or critical": 0.97,
    "low called critical": 0.03,
    "language right": 0.90,
}
IN_ENGLISH = {"language right": 0.98}


@cache
def judged(language: str) -> list[Judged]:
    return list(judge_all(read_cases(FOLDER / f"{language}.jsonl")[::EVERY], shipped_lexicon()))


@pytest.mark.parametrize("language", ["ar", "en", "es", "fil", "fr", "pt", "ru", "zh"])
def test_no_language_falls_behind_what_was_reached(language: str) -> None:
    for bar in BARS:
        share, reached = bar.share(judged(language)), REACHED[bar.name]
        if language == "en":
            reached = IN_ENGLISH.get(bar.name, reached)
        assert share <= reached if bar.at_most else share >= reached, (bar.name, share)


def test_the_sure_are_right() -> None:
    everything = [one for language in ("en", "es", "fr", "zh", "ru", "ar", "pt", "fil") for one in judged(language)]
    surest = calibration(everything)[-1]
    assert surest.right >= 0.98
    assert surest.count > len(everything) / 3


def test_messages_that_no_weight_was_set_on_are_understood_too() -> None:
    """Filipino, never to be used for setting words or weights. Its writer thinks much like one whom the setting knows
    (some scenes are nearly the same), so this, too, is easier than what will come in.
    """
    unseen = list(judge_all(read_cases(FOLDER.parent / "triage_unseen.jsonl"), shipped_lexicon()))
    figures = {bar.name: bar.share(unseen) for bar in BARS}
    assert figures["category right"] >= 0.85
    assert figures["severity within one level"] >= 0.96
    assert figures["critical seen as high or critical"] >= 0.94
    assert figures["low called critical"] <= 0.02
