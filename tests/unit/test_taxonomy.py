"""The closed word lists: complete, in step with each other, and short enough for their columns."""

from __future__ import annotations

from enum import StrEnum

import pytest

from engage import taxonomy
from engage.taxonomy import FIRST_RESPONDER, CaseStatus, Category, Responder, Severity

LISTS = [
    words
    for words in vars(taxonomy).values()
    if isinstance(words, type) and issubclass(words, StrEnum) and words is not StrEnum
]


@pytest.mark.parametrize("words", LISTS)
def test_a_word_is_its_own_slug(words: type[StrEnum]) -> None:
    for word in words:
        assert word.value.replace(".", "_") == word.name.lower()  # acts of the trail: thing.done
        assert len(word) <= 32


def test_somebody_acts_first_in_every_category() -> None:
    assert set(FIRST_RESPONDER) == set(Category)
    assert set(FIRST_RESPONDER.values()) == set(Responder)


def test_only_spam_has_nobody_to_act() -> None:
    assert [category for category, who in FIRST_RESPONDER.items() if who is Responder.NONE] == [Category.SPAM]


@pytest.mark.parametrize(
    ("severity", "rank", "urgency"),
    [(Severity.CRITICAL, 0, 3), (Severity.HIGH, 1, 2), (Severity.MEDIUM, 2, 1), (Severity.LOW, 3, 0)],
)
def test_severities_sort_worst_first(severity: Severity, rank: int, urgency: int) -> None:
    assert (severity.rank, severity.urgency) == (rank, urgency)


@pytest.mark.parametrize(
    ("severity", "levels", "becomes"),
    [
        (Severity.CRITICAL, 1, Severity.HIGH),
        (Severity.CRITICAL, 9, Severity.LOW),
        (Severity.LOW, 1, Severity.LOW),
        (Severity.LOW, -1, Severity.MEDIUM),
        (Severity.CRITICAL, -1, Severity.CRITICAL),
        (Severity.HIGH, 0, Severity.HIGH),
    ],
)
def test_a_severity_is_lowered_within_its_list(severity: Severity, levels: int, becomes: Severity) -> None:
    assert severity.lowered(levels) is becomes


def test_resolved_and_closed_cases_are_over() -> None:
    assert {status for status in CaseStatus if not status.is_open} == {CaseStatus.RESOLVED, CaseStatus.CLOSED}
