"""Triage of any text at all: it never raises, its offsets are true, and its cost stays in proportion."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engage.triage import Finding, shipped_lexicon, triage
from engage.triage.text import read

PIECES = [
    "knife", "Knífe", "bag", "left alone", "not", "false alarm", "yesterday", "fuego", "حريق", "سكين", "着火",
    "没有呼吸", "пожар", "не дышит", "l'incendie", "can’t breathe", "heeelp", "ﬁre", "f\u200bire", "ＦＩＲＥ", ".",
    "?", "\n", "\x00", "🙂", "\ud800", "\u202e", "e\u0301", "ß", "İ", "ㄱ", "\U0001f469\u200d\U0001f692", "_", "-",
    "9", "ـ",
]  # fmt: skip


def assert_true_to(text: str, finding: Finding) -> None:
    for evidence in finding.evidence:
        assert 0 <= evidence.start < evidence.end <= len(text)
        assert text[evidence.start : evidence.end] == evidence.matched
        assert evidence.term
        assert evidence.rule
        assert evidence.weight != 0
    assert 0.0 <= finding.confidence <= 1.0
    assert finding.reason
    assert finding.second != finding.category


@settings(deadline=None, max_examples=300)
@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=300))
def test_any_string_gives_a_finding(text: str) -> None:
    assert_true_to(text, triage(text, shipped_lexicon()))


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=40), st.sampled_from(["", " ", ", "]))
def test_any_mixture_of_words_gives_a_finding(pieces: list[str], between: str) -> None:
    text = between.join(pieces)
    assert_true_to(text, triage(text, shipped_lexicon()))


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_tokens_are_in_order_and_never_overlap(pieces: list[str]) -> None:
    text = "".join(pieces)
    reading = read(text)
    end = 0
    for start, stop in reading.spans(range(len(reading.tokens))).values():
        assert end <= start < stop <= len(text)
        end = stop


@pytest.mark.parametrize(
    "text",
    [
        "knife " * 1_700,
        "a" * 10_000,
        "着" * 10_000,
        "zqxj wvkq " * 1_000,
        "the bag was left alone with wires. " * 290,
        "\x00\ud800" * 5_000,
        "مرحبا hello 你好 " * 700,
        "not " * 2_500,
    ],
)
def test_ten_thousand_characters_are_judged_in_well_under_a_second(text: str) -> None:
    triage(text[:40], shipped_lexicon())
    start = time.process_time()
    assert_true_to(text, triage(text, shipped_lexicon()))
    assert time.process_time() - start < 1.0
