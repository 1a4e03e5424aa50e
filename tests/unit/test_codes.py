"""Poster codes and references: every single mistake is noticed, and what people misread is forgiven."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.base32 import ALPHABET, check_character, encode, is_written, plain
from engage.posters.codes import is_valid, neighbours, new_code, new_reference, normalise, normalise_reference

letters = st.text(ALPHABET, min_size=1, max_size=29)
codes = st.text(ALPHABET, min_size=4, max_size=4).map(lambda payload: payload + check_character(payload))
_random = random.Random(20260314)
SAMPLE = ["B7K4X", "00000", *("".join(_random.choices(ALPHABET, k=4)) for _ in range(400))]
SAMPLE = [code if len(code) == 5 else code + check_character(code) for code in SAMPLE]


def test_the_example_of_the_design_is_a_code() -> None:
    assert check_character("B7K4") == "X"


def test_every_single_wrong_character_is_noticed() -> None:
    for code in SAMPLE:
        for at in range(5):
            for letter in set(ALPHABET) - {code[at]}:
                assert not is_valid(code[:at] + letter + code[at + 1 :])


def test_every_exchange_of_two_characters_is_noticed() -> None:
    for code in SAMPLE:
        for one, other in combinations(range(5), 2):
            swapped = list(code)
            swapped[one], swapped[other] = code[other], code[one]
            assert code[one] == code[other] or not is_valid("".join(swapped))


@given(letters, st.data())
def test_one_wrong_letter_gives_another_check_character(payload: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(payload) - 1))
    letter = data.draw(st.sampled_from(sorted(set(ALPHABET) - {payload[at]})))
    assert check_character(payload) != check_character(payload[:at] + letter + payload[at + 1 :])


@given(letters, st.data())
def test_two_exchanged_letters_are_noticed_in_every_length(payload: str, data: st.DataObject) -> None:
    whole = payload + check_character(payload)
    one = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.integers(0, len(whole) - 1))
    swapped = list(whole)
    swapped[one], swapped[other] = whole[other], whole[one]
    again = "".join(swapped)
    assert (check_character(again[:-1]) == again[-1]) == (again == whole)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("b7k4x", "B7K4X"),
        (" B7-K4 X ", "B7K4X"),
        ("B7K4X/", "B7K4X"),
        ("oOiIlL", "001111"),
        ("B7K4X\0", "B7K4X"),
        ("Ｂ7K4X", "7K4X"),
        ("B7K4X٣", "B7K4X"),
        ("", ""),
        ("🛳", ""),
    ],
)
def test_a_code_is_read_as_people_write_it(typed: str, read: str) -> None:
    assert normalise(typed) == read


@pytest.mark.parametrize("wrong", ["", "B7K4", "B7K4XX", "B7K4U", "b7k4x", "B7K4Y", "ＢB7K4X", "B7K4\0"])
def test_what_is_no_code_is_told_from_one(wrong: str) -> None:
    assert not is_valid(wrong)


@given(st.text())
def test_reading_a_code_twice_changes_nothing(typed: str) -> None:
    assert normalise(normalise(typed)) == normalise(typed)
    assert is_written(plain(typed).replace("U", ""))


@given(codes)
def test_neighbours_are_the_valid_codes_one_mistake_away(code: str) -> None:
    near = neighbours(code)
    assert all(is_valid(other) and other != code for other in near)
    assert not near  # a valid code has none: that is what the check character is for


@given(codes, st.data())
def test_a_code_is_among_the_neighbours_of_its_mistakes(code: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, 4))
    letter = data.draw(st.sampled_from(sorted(set(ALPHABET) - {code[at]})))
    near = neighbours(code[:at] + letter + code[at + 1 :])
    assert code in near
    assert len(near) <= 159


def test_new_codes_are_valid_and_differ() -> None:
    made = {new_code() for _ in range(500)}
    assert all(is_valid(code) for code in made)
    assert len(made) > 490


@pytest.mark.parametrize("characters", [4, 5, 7])
def test_a_reference_is_found_however_it_is_written(characters: int) -> None:
    reference = new_reference(characters)
    assert reference == f"EN-{reference[3:-2]}-{check_character(reference[3:-2])}"
    for written in (reference, reference.lower(), reference.replace("-", ""), reference.replace("-", " ")):
        assert normalise_reference(written) == reference


@given(st.text())
def test_any_text_can_be_asked_for_as_a_reference(typed: str) -> None:
    assert len(normalise_reference(typed)) <= 20


@given(st.integers(0, 2**130 - 1))
def test_numbers_are_written_with_the_highest_bits_first(number: int) -> None:
    digits = "0123456789abcdefghijklmnopqrstuv"
    there = str.maketrans(ALPHABET, digits)
    assert int(encode(number, 26).translate(there), 32) == number
