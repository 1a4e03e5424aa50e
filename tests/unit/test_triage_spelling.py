"""What a misspelt or disguised word may have been."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from engage.triage.spelling import Slips, disguised, in_cyrillic, unstretched
from engage.triage.stems import joined_forms, stem

WORDS = ("fire", "wire", "knife", "suitcase", "smoke", "unconscious", "machete", "police", "abandoned", "bag", "wires")


@pytest.mark.parametrize(
    ("word", "readings"), [("help", ()), ("heeelp", ("heelp", "help")), ("coool", ("cool", "col")), ("1000", ())]
)
def test_held_letters_are_let_go(word: str, readings: tuple[str, ...]) -> None:
    assert unstretched(word) == readings


@pytest.mark.parametrize(
    ("word", "meant"),
    [("kn1fe", "knife"), ("b0mb", "bomb"), ("b@g", "bag"), ("bоmb", "bomb"), ("ножi", None), ("knife", None)],
)
def test_a_disguise_is_taken_off(word: str, meant: str | None) -> None:
    readings = list(disguised(word))
    assert meant in readings if meant else "knife" not in readings


@pytest.mark.parametrize(
    ("typed", "own"), [("pozhar", "пожар"), ("sumka", "сумка"), ("chelovek", "человек"), ("lyudi", "люди")]
)
def test_russian_in_latin_letters_is_read(typed: str, own: str) -> None:
    assert in_cyrillic(typed) == own


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("knfie", "knife"),
        ("nkife", "knife"),
        ("knie", "knife"),
        ("knifee", "knife"),
        ("suitcse", "suitcase"),
        ("unconcious", "unconscious"),
        ("abandonned", "abandoned"),
        ("fier", "fire"),
        ("fire", ""),
        ("cart", ""),
        ("bog", ""),
        ("xnife", ""),
        ("completely", ""),
        ("bagz", ""),
    ],
)
def test_the_nearest_word_is_found_and_no_other(typed: str, meant: str) -> None:
    assert Slips(WORDS).nearest(typed) == (meant, bool(meant))


def test_a_longer_word_is_guessed_at_where_one_of_four_letters_is_in_doubt() -> None:
    assert Slips(WORDS).nearest("wirez") == ("wires", False)


@given(st.text("abcd", min_size=4, max_size=12), st.lists(st.text("abcd", min_size=4, max_size=12), max_size=20))
def test_no_word_within_reach_is_missed(word: str, words: list[str]) -> None:
    near = set(Slips(words).near(word))
    assert near == {other for other in words if OSA.distance(word, other) == 1}


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "stabbing", "stabbed"),
        ("es", "cuchillos", "cuchillo"),
        ("fr", "menaces", "menace"),
        ("pt", "facas", "faca"),
        ("ru", "ножом", "ножа"),
        ("ar", "والحقيبه", "حقيبه"),
        ("fil", "nagsisigawan", "sigawan"),
    ],
)
def test_inflected_forms_share_a_stem(language: str, one: str, other: str) -> None:
    assert stem(language, one) == stem(language, other)


def test_small_arabic_words_are_taken_off() -> None:
    assert "حقيبه" in list(joined_forms("ar", "بحقيبه"))
    assert not list(joined_forms("en", "bag"))
