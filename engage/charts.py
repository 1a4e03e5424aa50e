"""Charts as SVG, drawn here: bars, a line, and a map of hours and weekdays.

Each has a title and a description for those who do not see it; what it shows stands in a table beside it as well. The
colours are those of the page's stylesheet, so that they follow its dark form; nothing depends on them. SVG 2, W3C.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, log10

WIDTH = 420
ROW, BAR = 36, 14
LINE_HEIGHT, AXIS = 180, 22
CELL, GUTTER = 15, 50
#: About how many letters of the chart's size fit across it.
LONGEST_LABEL = 50
#: How many shades the map has for what is not nothing.
SHADES = 5


class Svg(str):
    """Markup that a template takes as it is: everything in it is escaped already."""

    __slots__ = ()

    def __html__(self) -> str:
        """What a template writes."""
        return self


@dataclass(frozen=True, slots=True)
class Titled:
    """What a chart is called and, in a sentence, what it shows. `name` tells its ids from those of others."""

    name: str
    title: str
    description: str


def bars(titled: Titled, rows: Sequence[tuple[str, int]], *, unit: str = "", right_to_left: bool = False) -> Svg:
    """Lying bars, each under its label, with its number at its end, in a `unit` where it has one."""
    most = max((count for _label, count in rows), default=0) or 1
    side, anchored, direction = (WIDTH, "start", "rtl") if right_to_left else (0, "start", "ltr")
    parts = []
    for at, (label, count) in enumerate(rows):
        top, length = at * ROW, round(count / most * (WIDTH - 64), 1)
        begin = WIDTH - length if right_to_left else 0
        beside = begin - 6 if right_to_left else length + 6
        parts.append(_text(side, top + 12, _short(label), direction, anchored))
        parts.append(f'<rect class="mass" x="{begin:g}" y="{top + 17}" width="{length:g}" height="{BAR}" rx="2"/>')
        parts.append(_text(beside, top + 28, f"{count}{unit}", "ltr", "end" if right_to_left else "start"))
    return _svg(titled, max(1, len(rows)) * ROW, parts)


def line(titled: Titled, points: Sequence[tuple[str, int]]) -> Svg:
    """A line through one number for each day, over a scale that begins at nothing."""
    top = _ceiling(max((count for _label, count in points), default=0))
    left, bottom, right = 40, LINE_HEIGHT - AXIS, WIDTH - 8
    step = (right - left) / max(1, len(points) - 1)
    places = [(left + at * step, bottom - count / top * (bottom - 12)) for at, (_day, count) in enumerate(points)]
    parts = [
        f'<path class="grid" d="M{left} {y:g}H{right}"/>{_text(left - 6, y + 4, str(value), "ltr", "end")}'
        for value, y in ((value, bottom - value / top * (bottom - 12)) for value in (0, top // 2, top))
    ]
    if places:
        parts.append(f'<polyline class="course" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in places)}"/>')
        parts += [f'<circle class="mass" cx="{x:.1f}" cy="{y:.1f}" r="2"/>' for x, y in places]
        ends = ((left, points[0][0], "start"), (right, points[-1][0], "end"))
        parts += [_text(x, LINE_HEIGHT - 4, label, "ltr", anchor) for x, label, anchor in ends[: len(points)]]
    return _svg(titled, LINE_HEIGHT, parts)


def heat(titled: Titled, weekdays: Sequence[str], hours: Sequence[Sequence[int]]) -> Svg:
    """A square for each hour of each weekday, the fuller the more; its number is told when one rests on it."""
    most = max((count for day in hours for count in day), default=0)
    parts = [_text(GUTTER + hour * CELL, 12, f"{hour:02}", "ltr", "start") for hour in range(0, 24, 3)]
    for row, (weekday, counts) in enumerate(zip(weekdays, hours, strict=True)):
        top = 18 + row * CELL
        parts.append(_text(GUTTER - 6, top + 12, weekday, "ltr", "end"))
        for hour, count in enumerate(counts):
            told = f"<title>{escape(weekday)} {hour:02}:00: {count}</title>"
            place = f'x="{GUTTER + hour * CELL}" y="{top}" width="{CELL - 1}" height="{CELL - 1}"'
            parts.append(f'<rect class="heat-{shade(count, most)}" {place}>{told}</rect>')
    return _svg(titled, 18 + len(weekdays) * CELL, parts)


def shade(count: int, most: int) -> int:
    """The shade of a number: 0 for nothing, 5 for the most."""
    return ceil(SHADES * count / most) if count else 0


def _ceiling(most: int) -> int:
    """A round even number that is not below `most`, at least 2."""
    if most <= 2:
        return 2
    unit = int(10 ** int(log10(most)))
    return next(step for step in (unit * 2, unit * 4, unit * 6, unit * 10) if step >= most)


def _short(label: str) -> str:
    return label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1].rstrip()}…"


def _text(x: float, y: float, words: str, direction: str, anchor: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" direction="{direction}" text-anchor="{anchor}">{escape(words)}</text>'


def _svg(titled: Titled, height: int, parts: Iterable[str]) -> Svg:
    """The drawing in its frame. It runs from left to right by itself, whatever the page does."""
    name = escape(titled.name)
    return Svg(
        f'<svg class="chart" role="img" viewBox="0 0 {WIDTH} {height}" direction="ltr" '
        f'aria-labelledby="{name}-title {name}-told" xmlns="http://www.w3.org/2000/svg">'
        f'<title id="{name}-title">{escape(titled.title)}</title>'
        f'<desc id="{name}-told">{escape(titled.description)}</desc>'
        f"{''.join(parts)}</svg>"
    )
