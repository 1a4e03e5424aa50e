"""SVG drawings from strangers, written anew from a list of shapes: no script, no style sheet, nothing from elsewhere.

What is not on the list is left out with all that is in it, and named. Looks become plain attributes (`styles`), so the
result needs no style sheet, and it is shown as a picture only: a browser runs and loads nothing in such a one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element, ParseError, SubElement, TreeBuilder, tostring

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import DefusedXMLParser  # type: ignore[import-untyped]

from engage.plans.styles import Sheet, harmless, looks_of, sheet

#: Bytes of the largest drawing, its elements, how deep they may stand in each other, and what uses may come to.
LARGEST: Final = 5_000_000
MOST_ELEMENTS: Final = 50_000
DEEPEST: Final = 60
MOST_DRAWN: Final = 200_000
#: The sides of a drawing that can be read on a screen are at most so many times as long as each other.
MOST_STRETCHED: Final = 20.0
SVG: Final = "http://www.w3.org/2000/svg"
_LINK: Final = "{http://www.w3.org/1999/xlink}href"

_PLACED: Final = frozenset({"id", "transform"})
_GRADIENT: Final = frozenset({"gradientUnits", "gradientTransform", "spreadMethod"})
_BOX: Final = frozenset({"x", "y", "width", "height"})
#: Each element that is kept, with the attributes that are its own.
_KEPT: Final[Mapping[str, frozenset[str]]] = {
    "svg": _BOX | {"viewBox", "preserveAspectRatio"},
    "g": frozenset(),
    "defs": frozenset(),
    "symbol": frozenset({"viewBox", "preserveAspectRatio"}),
    "use": _BOX,
    "path": frozenset({"d"}),
    "rect": _BOX | {"rx", "ry"},
    "circle": frozenset({"cx", "cy", "r"}),
    "ellipse": frozenset({"cx", "cy", "rx", "ry"}),
    "line": frozenset({"x1", "y1", "x2", "y2"}),
    "polyline": frozenset({"points"}),
    "polygon": frozenset({"points"}),
    "text": frozenset({"x", "y", "dx", "dy", "rotate", "textLength", "lengthAdjust"}),
    "tspan": frozenset({"x", "y", "dx", "dy", "rotate"}),
    "clipPath": frozenset({"clipPathUnits"}),
    "linearGradient": _GRADIENT | {"x1", "y1", "x2", "y2"},
    "radialGradient": _GRADIENT | {"cx", "cy", "r", "fx", "fy"},
    "stop": frozenset({"offset"}),
}
#: Elements that are kept as plain groups: links lead nowhere, and the last choice of a switch is the drawing.
_AS_GROUP: Final = frozenset({"a", "switch"})
#: Left out without a word: they draw nothing.
_SILENT: Final = frozenset({"style", "title", "desc", "metadata", "namedview"})
_NUMBERS: Final = re.compile(r"[\w\s.,()%+-]*", re.ASCII)
#: A part of the drawing that another means. Spaces and `%61` are not in it: browsers would read another name there.
_OWN_PART: Final = re.compile(r"#[\w.:-]+")
_LENGTH: Final = re.compile(r"\s*([0-9]*\.?[0-9]+(?:e[+-]?[0-9]+)?)\s*(px|pt|pc|mm|cm|in)?\s*", re.ASCII)


class UnusableDrawing(Exception):
    """It is no SVG drawing that can be shown, or too much of one. Another file helps."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing written anew, how wide and high it is in its own units, and the names of elements left out of it."""

    content: bytes
    width: float
    height: float
    left_out: tuple[str, ...]


def is_svg(data: bytes) -> bool:
    """Whether a file means to be an SVG drawing."""
    begin = data[:100_000]
    is_text = begin.lstrip(b"\xef\xbb\xbf\xfe\xff\0 \t\r\n").startswith(b"<")
    return is_text and (b"<svg" in begin or b"<\0s\0v\0g" in begin)


def redrawn(data: bytes) -> Drawing:
    """Write a drawing anew with what is harmless in it. Raises `UnusableDrawing`.

    Entities are refused, so that the time is in proportion to the size; no file and no address is opened.
    """
    root = _parsed(data)
    if _name(root) != "svg":
        raise UnusableDrawing
    left, top, width, height = _size(root)
    rules: Sheet = {}
    for element in root.iter():
        if _name(element) == "style":
            rules |= sheet(element.text or "")
    made = Element("svg", {"xmlns": SVG})
    made.set("viewBox", f"{left:g} {top:g} {width:g} {height:g}")
    made.set("width", f"{width:g}")
    made.set("height", f"{height:g}")
    for name, value in looks_of("svg", root.attrib, rules).items():
        made.set(name, value)
    left_out: set[str] = set()
    _copy(root, made, rules, left_out)
    _refuse_multiplied(made)
    return Drawing(tostring(made, encoding="utf-8"), width, height, tuple(sorted(left_out)))


class _Builder(TreeBuilder):
    """Builds the tree of a document, and stops where it is too large or too deep. Its parser refuses entities."""

    def __init__(self) -> None:
        super().__init__()
        self._elements = self._depth = 0

    def start(self, tag: str, attributes: dict[str, str], /) -> Element:
        self._elements += 1
        self._depth += 1
        if self._elements > MOST_ELEMENTS or self._depth > DEEPEST:
            raise UnusableDrawing
        return super().start(tag, attributes)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


def _parsed(data: bytes) -> Element:
    if len(data) > LARGEST:
        raise UnusableDrawing
    parser = DefusedXMLParser(target=_Builder(), forbid_entities=True, forbid_external=True)
    try:
        parser.feed(data)
        root = parser.close()
    except (ParseError, DefusedXmlException, ValueError, LookupError):  # a wrong encoding is one of the last two
        raise UnusableDrawing from None
    if not isinstance(root, Element):
        raise UnusableDrawing
    return root


def _name(element: Element) -> str:
    """The name of an element of SVG; one of anything else has none. Some programs forget to say that it is SVG."""
    tag = element.tag
    return tag.removeprefix(f"{{{SVG}}}") if tag.startswith(f"{{{SVG}}}") else "" if tag.startswith("{") else tag


def _size(root: Element) -> tuple[float, float, float, float]:
    """The left, the top, the width and the height of what is drawn. Raises `UnusableDrawing` where it is none."""
    try:
        left, top, width, height = (float(one) for one in root.get("viewBox", "").replace(",", " ").split())
    except ValueError:
        left = top = 0.0
        width, height = _length(root.get("width", "")), _length(root.get("height", ""))
    sides = (width, height)
    if not all(map(math.isfinite, (left, top, *sides))) or not all(0.01 <= side <= 1e7 for side in sides):
        raise UnusableDrawing
    if max(sides) > MOST_STRETCHED * min(sides) or max(abs(left), abs(top)) > 1e8:
        raise UnusableDrawing
    return left, top, width, height


def _length(text: str) -> float:
    """A width or height in pixels. Only how it compares with the other one counts, so units are all the same."""
    found = _LENGTH.fullmatch(text[:40])
    return float(found[1]) if found else 0.0


def _copy(source: Element, into: Element, rules: Sheet, left_out: set[str]) -> None:
    """Copy what is on the list of one element into another."""
    into.text = source.text if _name(source) in ("text", "tspan") else None
    for element in source:
        name = _name(element)
        kept = "g" if name in _AS_GROUP else name
        if kept in _KEPT:
            made = SubElement(into, kept, dict(_attributes(kept, element, rules)))
            _copy(element, made, rules, left_out)
            made.tail = element.tail if into.tag in ("text", "tspan") else None
        elif name and name not in _SILENT:
            left_out.add(name[:40])


def _attributes(kept: str, element: Element, rules: Sheet) -> Iterator[tuple[str, str]]:
    """The attributes of an element that are harmless."""
    for name in sorted(_KEPT[kept] | _PLACED):
        value = element.get(name)
        if value is not None and (_NUMBERS.fullmatch(value) or (name == "id" and harmless(value))):
            yield name, value
    yield from looks_of(kept, element.attrib, rules).items()
    if kept in ("use", "linearGradient", "radialGradient"):
        target = element.get("href") or element.get(_LINK) or ""
        if _OWN_PART.fullmatch(target):
            yield "href", target


def _refuse_multiplied(root: Element) -> None:
    """Refuse a drawing whose uses of its own parts come to too many shapes, or to a part within itself.

    What clips a shape is drawn for each shape anew, so it counts like what is used.
    """
    by_id: dict[str, Element] = {}
    for element in root.iter():
        by_id.setdefault(element.get("id", ""), element)  # of two with one name, browsers mean the first
    known: dict[int, float] = {}

    def drawn(element: Element, depth: int) -> float:
        if depth > 4 * DEEPEST:
            return math.inf
        if id(element) not in known:
            known[id(element)] = math.inf  # what is met again within itself never ends
            inner = [*element, *(by_id[name] for name in _meant(element) if name in by_id)]
            known[id(element)] = 1 + sum(drawn(one, depth + 1) for one in inner)
        return known[id(element)]

    if drawn(root, 0) > MOST_DRAWN:
        raise UnusableDrawing


def _meant(element: Element) -> Iterator[str]:
    """The names of other parts of the drawing that are drawn with an element."""
    if element.tag == "use" and "href" in element.attrib:
        yield element.attrib["href"][1:]
    clipped = _OWN_PART.search(element.get("clip-path", ""))
    if clipped:
        yield clipped[0][1:]
