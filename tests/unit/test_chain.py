"""The chain of the trail: one line an entry, and no field that can pretend to be two."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta, timezone

import pytest

from engage import chain
from engage.taxonomy import Act, Happening
from tests import make


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("plain", "plain"),
        ("a\tb\nc\r\0", "a␉b␊c␍␀"),
        ("\x7f", "␡"),
        ("\ud800", "?"),
        ("تقرير 报告", "تقرير 报告"),
        ("x" * 2000, "x" * 1000),
    ],
)
def test_a_field_stays_on_one_line_and_is_kept_by_every_database(typed: str, kept: str) -> None:
    assert chain.plain(typed, 1000) == kept


def test_details_are_one_line_whatever_is_in_them() -> None:
    written = chain.details({"b": "a\tb\n\0\x7f\ud800", "a": [1, None, make.NOON]})
    assert written == '{"a":[1,null,"2026-03-14 12:00:00+00:00"],"b":"a\\tb\\n\\u0000\\u007f?"}'


def test_a_moment_is_written_in_utc_with_its_microseconds() -> None:
    assert chain.moment(datetime(2026, 3, 14, 1, tzinfo=timezone(timedelta(hours=2)))) == "2026-03-13 23:00:00.000000"


def test_a_line_is_checked_with_tools_of_the_system() -> None:
    line = chain.line(2, "2026-03-14 12:00:00.000000", "case.read", 7, None, "case:EN-7K2P", "", "{}", "0" * 64)
    assert line == "2\t2026-03-14 12:00:00.000000\tcase.read\t7\t-\tcase:EN-7K2P\t\t{}\t" + "0" * 64
    assert line.count("\t") == chain.TABS
    assert chain.digest(line) == hashlib.sha256(line.encode()).hexdigest()


def test_every_line_of_a_history_has_its_act() -> None:
    assert {f"case.{happening}" for happening in Happening} <= {act.value for act in Act}
