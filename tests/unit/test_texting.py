"""Texts: what they are paid as, where they are cut, and which numbers are phones."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from engage import texting

FAMILY = "👨‍👩‍👧‍👦"
REST = "The rest is at https://report.example.org/return."


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", 0),
        ("a", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("é" * 160, 1),  # in the GSM alphabet
        ("€" * 80, 1),  # there, but counts twice
        ("€" * 81, 2),
        ("ж" * 70, 1),
        ("ж" * 71, 2),
        ("ж" * 134, 2),
        ("ж" * 135, 3),
        ("😀" * 35, 1),  # two UTF-16 units each
        ("😀" * 36, 2),
    ],
)
def test_texts_are_counted_as_they_are_paid(text: str, segments: int) -> None:
    assert texting.segments(text) == segments


def test_a_short_text_goes_out_whole() -> None:
    assert texting.fitted("We are on our way.", REST) == "We are on our way."


@pytest.mark.parametrize("word", ["patience ", "терпение ", "الصبر ", "耐心", FAMILY, "a"])
def test_a_long_text_is_cut_and_says_where_the_rest_is(word: str) -> None:
    text = texting.fitted(word * 2000, REST)
    assert text.endswith(REST)
    assert texting.segments(text) <= texting.CUT_SEGMENTS + texting.segments(REST)
    assert len(text) < texting.MOST_CHARACTERS


@given(st.text(alphabet=st.sampled_from([*"ab é\u0301", *FAMILY, "🇫", "🇷", "ж"]), min_size=400, max_size=900))
def test_no_grapheme_is_torn_apart(text: str) -> None:
    kept = texting.fitted(text, REST).removesuffix(f"… {REST}")
    pieces = regex.findall(r"\X", text)
    assert any(kept == "".join(pieces[:end]).rstrip() for end in range(len(pieces) + 1)) or texting.fits(text)


@pytest.mark.parametrize(
    ("text", "plain"),
    [("l’issue " * 12, "l'issue " * 12), ("l’issue", "l’issue"), ("терпение…" * 12, "терпение…" * 12), ("ok", "ok")],
)
def test_typographic_marks_are_kept_where_plain_ones_save_nothing(text: str, plain: str) -> None:
    assert texting.plain_marks(text) == plain


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("+447700900123", "+447700900123"),
        ("whatsapp:+447700900123", "+447700900123"),
        ("12345", None),
        ("Bank", None),
        ("+12", None),
        ("+" + "1" * 16, None),
        ("+٤٤٧٧٠٠٩٠٠١٢٣", None),
        ("", None),
    ],
)
def test_which_addresses_are_phones(address: str, number: str | None) -> None:
    assert texting.bare_number(address) == number


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("07700 900123", "+447700900123"),
        ("+44 7700 900-123", "+447700900123"),
        ("0044 7700 900123", "+447700900123"),
        ("+33 6 12 34 56 78", "+33612345678"),
        ("12", None),
        ("my phone", None),
        ("", None),
        ("9" * 40, None),
    ],
)
def test_numbers_as_people_write_them(typed: str, number: str | None) -> None:
    assert texting.read_number(typed, "+441632960100") == number
