"""Charts are well-formed, say what they are, escape what they are given, and stay inside their frame."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage import charts
from engage.charts import WIDTH, Svg, Titled

NAMED = Titled("places", "Reports by <place>", 'The highest is "Gate & Pier".')
SVG = "{http://www.w3.org/2000/svg}"
NASTY = "<script>alert(1)</script> & \"'"
WEEK = [[day * hour for hour in range(24)] for day in range(7)]


def read(drawn: Svg) -> ET.Element:
    return ET.fromstring(drawn)


@pytest.mark.parametrize(
    "drawn",
    [
        charts.bars(NAMED, [(NASTY, 3), ("x" * 200, 0)]),
        charts.bars(NAMED, [("بوابة", 3)], right_to_left=True),
        charts.bars(NAMED, []),
        charts.line(NAMED, [(NASTY, 3), ("2", 100), ("3", 0)]),
        charts.line(NAMED, [("1", 0)]),
        charts.line(NAMED, []),
        charts.heat(NAMED, ["Mon", NASTY, "Wed", "Thu", "Fri", "Sat", "Sun"], WEEK),
    ],
)
def test_a_chart_says_what_it_is_and_nothing_else(drawn: Svg) -> None:
    found = read(drawn)
    assert found.get("role") == "img"
    ids = [found.find(f"{SVG}{name}").get("id") for name in ("title", "desc")]  # type: ignore[union-attr]
    assert found.get("aria-labelledby") == " ".join(map(str, ids))
    assert found.findtext(f"{SVG}title") == NAMED.title
    assert found.findtext(f"{SVG}desc") == NAMED.description
    assert not list(found.iter(f"{SVG}script"))
    assert "style=" not in drawn


@given(st.lists(st.tuples(st.text(max_size=80), st.integers(0, 10**7)), max_size=12), st.booleans())
def test_bars_stay_inside_their_frame(rows: list[tuple[str, int]], right_to_left: bool) -> None:
    rows = [("".join(letter for letter in label if letter.isprintable()), count) for label, count in rows]
    for bar in read(charts.bars(NAMED, rows, right_to_left=right_to_left)).iter(f"{SVG}rect"):
        begin, length = float(bar.get("x") or 0), float(bar.get("width") or 0)
        assert 0 <= begin <= begin + length <= WIDTH


@given(st.lists(st.integers(0, 10**7), max_size=100))
def test_lines_stay_inside_their_frame(counts: list[int]) -> None:
    for point in read(charts.line(NAMED, [("day", count) for count in counts])).iter(f"{SVG}circle"):
        assert 0 <= float(point.get("cx") or 0) <= WIDTH
        assert 0 <= float(point.get("cy") or 0) <= charts.LINE_HEIGHT


@pytest.mark.parametrize(("count", "most", "shade"), [(0, 0, 0), (0, 9, 0), (1, 100, 1), (50, 100, 3), (9, 9, 5)])
def test_shades_tell_nothing_from_little(count: int, most: int, shade: int) -> None:
    assert charts.shade(count, most) == shade
