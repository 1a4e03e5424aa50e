"""Drawing on a page: boxes, paths, symbols and set lines as operators of PDF, in millimetres from the top left."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from engage.posters.design import pictograms
from engage.posters.pdf import number
from engage.posters.setting import Block, Line

#: How far the handles of a quarter of a circle reach, of its radius.
_ROUND = 0.5523

Colour = tuple[float, float, float]
INK: Colour = (0.09, 0.1, 0.12)
WHITE: Colour = (1.0, 1.0, 1.0)
GREY: Colour = (0.33, 0.35, 0.38)


class Canvas:
    """The operators of one drawing under way."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    @property
    def content(self) -> bytes:
        """What has been drawn."""
        return "\n".join(self._parts).encode()

    def box(self, x: float, y: float, width: float, height: float, colour: Colour, radius: float = 0.0) -> None:
        """A filled box, its corners round by a radius."""
        self._parts.append(f"{_fill(colour)} {_rounded(x, y, width, height, radius)} f")

    def rule(self, x: float, y: float, to_x: float, to_y: float, width: float, colour: Colour) -> None:
        """A line."""
        drawn = f"{number(width)} w {number(x)} {number(y)} m {number(to_x)} {number(to_y)} l S"
        self._parts.append(f"{_fill(colour).replace('rg', 'RG')} {drawn}")

    def outline(self, x: float, y: float, side: float) -> None:
        """An empty square, to tick."""
        self._parts.append(f"0 0 0 RG 0.3 w {number(x)} {number(y)} {number(side)} {number(side)} re S")

    def pictogram(self, name: str, x: float, y: float, side: float, colour: Colour) -> None:
        """One of our drawings in a square."""
        scale = number(side / 100)
        path = " ".join(_operators(pictograms()[name]))
        self._parts.append(f"q {scale} 0 0 {scale} {number(x)} {number(y)} cm {_fill(colour)} {path} f* Q")

    def placed(self, name: str, x: float = 0.0, y: float = 0.0, width: float = 1.0, height: float = 1.0) -> None:
        """A form as it is, at a place."""
        self._parts.append(f"q {number(width)} 0 0 {number(height)} {number(x)} {number(y)} cm /{name} Do Q")

    def picture(self, name: str, x: float, y: float, width: float, height: float) -> None:
        """A picture, which PDF has the other way up."""
        self.placed(name, x, y + height, width, -height)

    def symbol(self, rows: list[bytes], x: float, y: float, side: float) -> None:
        """A QR code with its quiet zone in a square: one path of the runs of dark modules."""
        scale = side / len(rows)
        runs = " ".join(f"{at} {row} {wide} 1 re" for row, modules in enumerate(rows) for at, wide in _dark(modules))
        size = number(scale)
        self._parts.append(f"q {size} 0 0 {size} {number(x)} {number(y)} cm 0 0 0 rg {runs} f Q")

    def line(self, line: Line, x: float, y: float, size: float, colour: Colour = INK, side: float = 0.0) -> None:
        """A line with its foot at `y`; `side` 0 sets it from x on, 0.5 around it, 1 to end there."""
        start = x - side * line.width * size
        self._parts.append(f"BT {_fill(colour)} {number(size)} 0 0 {number(-size)} {number(start)} {number(y)} Tm")
        self._parts.extend(f"/{name} 1 Tf {shown}" for name, shown in line.runs)
        self._parts.append("ET")

    def block(
        self, block: Block, x: float, y: float, width: float, colour: Colour = INK, side: float | None = None
    ) -> float:
        """Lines from the top `y` down, on the side where their language begins; gives where they end."""
        side = (1.0 if block.rtl else 0.0) if side is None else side
        for at, line in enumerate(block.lines):
            foot = y + (at + 0.5) * block.leading * block.size + 0.36 * block.size
            self.line(line, x + side * width, foot, block.size, colour, side)
        return y + block.height


def _fill(colour: Colour) -> str:
    return " ".join(number(part) for part in colour) + " rg"


def _dark(modules: bytes) -> Iterator[tuple[int, int]]:
    """Where each run of dark modules begins, and how wide it is."""
    at = 0
    for dark, run in groupby(modules):
        wide = len(list(run))
        if dark:
            yield at, wide
        at += wide


def _operators(path: str) -> Iterator[str]:
    """The operators of a path in the letters of our drawings."""
    parts = path.split()
    at = 0
    while at < len(parts):
        letter = parts[at]
        count = {"M": 2, "L": 2, "C": 6, "Z": 0, "O": 3, "R": 5}[letter]
        values = [float(part) for part in parts[at + 1 : at + 1 + count]]
        at += 1 + count
        if letter == "O":
            x, y, radius = values
            yield _rounded(x - radius, y - radius, 2 * radius, 2 * radius, radius)
        elif letter == "R":
            yield _rounded(*values)
        else:
            yield " ".join([*map(number, values), {"M": "m", "L": "l", "C": "c", "Z": "h"}[letter]])


def _rounded(x: float, y: float, width: float, height: float, radius: float) -> str:
    """The path of a box with round corners."""
    if radius <= 0:
        return f"{number(x)} {number(y)} {number(width)} {number(height)} re"
    right, foot, bow = x + width, y + height, radius * (1 - _ROUND)
    points = (
        ("m", x + radius, y),
        ("l", right - radius, y),
        ("c", right - bow, y, right, y + bow, right, y + radius),
        ("l", right, foot - radius),
        ("c", right, foot - bow, right - bow, foot, right - radius, foot),
        ("l", x + radius, foot),
        ("c", x + bow, foot, x, foot - bow, x, foot - radius),
        ("l", x, y + radius),
        ("c", x, y + bow, x + bow, y, x + radius, y),
    )
    return " ".join(" ".join([*map(number, values), operator]) for operator, *values in points) + " h"
