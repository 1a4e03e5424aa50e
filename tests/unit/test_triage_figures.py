"""What triage reaches on the labelled messages that its weights were set on: a change must not lose it unnoticed."""

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
    "category right": 0.62,
    "first responder right": 0.67,
    "severity within one level": 0.92,
    "severity exact": 0.62,
    "critical seen as high or critical": 0.88,
    "low called critical": 0.03,
    "language right": 0.85,
}
IN_ENGLISH = {"category right": 0.80, "first responder right": 0.82, "severity exact": 0.69, "language right": 0.98}


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


def test_a_confidence_means_what_it_says() -> None:
    everything = [one for language in ("en", "es", "fr", "zh", "ru", "ar", "pt", "fil") for one in judged(language)]
    bins = {one.low: one for one in calibration(everything)}
    assert bins[0.8].right >= 0.75
    assert bins[0.9].right >= 0.92
    assert bins[0.9].count > len(everything) / 3
    assert bins[0.3].right <= 0.75


def test_messages_that_no_weight_was_set_on_are_understood_too() -> None:
    """Filipino, by a writer who came after everything was settled; never to be used for setting words or weights."""
    unseen = list(judge_all(read_cases(FOLDER.parent / "triage_unseen.jsonl"), shipped_lexicon()))
    figures = {bar.name: bar.share(unseen) for bar in BARS}
    assert figures["category right"] >= 0.69
    assert figures["severity within one level"] >= 0.94
    assert figures["critical seen as high or critical"] >= 0.94
    assert figures["low called critical"] <= 0.02
