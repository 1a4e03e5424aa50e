"""Files for spreadsheets: no cell is a formula, whatever people have called their places."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.spreadsheets import BYTE_ORDER_MARK, FORMULA_MARKS, csv_of


@pytest.mark.parametrize("value", ["=1+1", "+44", "-2", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_looks_like_a_formula_gets_an_apostrophe(value: str) -> None:
    (_header, row) = csv.reader(io.StringIO(csv_of(["A"], [[value]]).removeprefix(BYTE_ORDER_MARK), newline=""))
    assert row == [f"'{value}"]


def test_a_table_as_rfc_4180_has_it() -> None:
    written = csv_of(["Place", "Reports"], [['Gate "B", left', 3], ["بوابة", None], ["half", 0.5]])
    assert written == '\ufeffPlace,Reports\r\n"Gate ""B"", left",3\r\nبوابة,\r\nhalf,0.5\r\n'


@given(st.lists(st.text(st.characters(exclude_characters="\0"), min_size=1), min_size=2, max_size=2))
def test_every_text_comes_back_and_none_is_a_formula(texts: list[str]) -> None:
    written = csv_of(["A", "B"], [texts]).removeprefix(BYTE_ORDER_MARK)
    (_header, row) = csv.reader(io.StringIO(written, newline=""))
    assert not any(cell.startswith(FORMULA_MARKS) for cell in row)
    assert [
        cell.removeprefix("'") if text.startswith(FORMULA_MARKS) else cell
        for cell, text in zip(row, texts, strict=True)
    ] == texts
