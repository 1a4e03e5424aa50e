"""Looks of an SVG drawing: from style sheets and `style` to plain attributes, of which each is known and harmless."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

#: What a shape may look like: the presentation attributes of SVG that draw and load nothing.
LOOKS: Final = frozenset(
    {
        *("fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-opacity", "stroke-linecap"),
        *("stroke-linejoin", "stroke-miterlimit", "stroke-dasharray", "stroke-dashoffset", "opacity", "color"),
        *(
            "font-family",
            "font-size",
            "font-weight",
            "font-style",
            "text-anchor",
            "dominant-baseline",
            "letter-spacing",
        ),
        *("visibility", "display", "clip-path", "clip-rule", "stop-color", "stop-opacity", "vector-effect"),
    }
)
#: Rules of one style sheet, and characters of a `style`; more are passed over.
MOST_RULES: Final = 2_000
LONGEST_STYLE: Final = 5_000
LONGEST: Final = 200
_HARMLESS: Final = re.compile(r"[\w\s#.,%()'\"+-]*")
_OWN: Final = re.compile(r"url\(\s*['\"]?#[\w.:-]+['\"]?\s*\)", re.ASCII)
_SELECTOR: Final = re.compile(r"[a-zA-Z]*[.#]?[\w-]*")
#: Shorter dashes keep a browser busy for minutes and cannot be seen.
_SHORTEST_DASH: Final = 0.05

#: Looks by a simple selector: `rect`, `.wall`, `rect.wall`, `#lift`.
Sheet = dict[str, dict[str, str]]


def harmless(value: str) -> str | None:
    """A value that loads nothing from anywhere and is no endless work, or None."""
    if len(value) > LONGEST:  # first, since longer ones could keep a pattern busy
        return None
    value = value.replace("!important", "").strip()
    plain = _OWN.sub("none", value)
    if not _HARMLESS.fullmatch(plain) or "url" in plain.lower():
        return None
    return value


def look(name: str, value: str) -> str | None:
    """The value of an attribute of looks, if it may be kept."""
    kept = harmless(value) if name in LOOKS else None
    if kept and name == "stroke-dasharray" and not _dashes_can_be_drawn(kept):
        return None
    return kept


def declarations(text: str) -> dict[str, str]:
    """The looks that a `style` tells: `fill:#fff; stroke:red`."""
    pairs = (piece.partition(":") for piece in _uncommented(text[:LONGEST_STYLE]).split(";"))
    told = ((name.strip().lower(), value) for name, colon, value in pairs if colon)
    return {name: kept for name, value in told if (kept := look(name, value)) is not None}


def sheet(text: str) -> Sheet:
    """The rules of a style sheet that have simple selectors; whatever else stands in it is passed over."""
    found: Sheet = {}
    # Cut at each brace instead of searched by a pattern, which would look through all of a bad sheet again and again.
    for rule in _uncommented(text).split("}", MOST_RULES)[:MOST_RULES]:
        selectors, _brace, body = rule[-LONGEST_STYLE:].rpartition("{")
        looks = declarations(body)
        for selector in selectors.split(",") if looks else ():
            if len(selector) <= LONGEST and _SELECTOR.fullmatch(selector.strip()) and selector.strip():
                found.setdefault(selector.strip(), {}).update(looks)
    return found


def looks_of(tag: str, attributes: Mapping[str, str], rules: Sheet) -> dict[str, str]:
    """How an element looks: its attributes, over them what style sheets say, over them its own `style`."""
    found = {name: kept for name, value in attributes.items() if (kept := look(name, value)) is not None}
    for selector in _selectors(tag, attributes) if rules else ():
        found |= rules.get(selector, {})
    return found | declarations(attributes.get("style", ""))


def _uncommented(text: str) -> str:
    """A style sheet without its comments."""
    kept, end = [], 0
    while (begin := text.find("/*", end)) >= 0:
        kept.append(text[end:begin])
        closing = text.find("*/", begin + 2)
        if closing < 0:
            return "".join(kept)
        end = closing + 2
    return "".join([*kept, text[end:]])


def _selectors(tag: str, attributes: Mapping[str, str]) -> Iterator[str]:
    """The selectors that mean an element, the weakest first."""
    classes = attributes.get("class", "")[:1000].split()[:20]
    yield tag
    yield from (f".{name}" for name in classes)
    yield from (f"{tag}.{name}" for name in classes)
    if attributes.get("id"):
        yield f"#{attributes['id']}"


def _dashes_can_be_drawn(value: str) -> bool:
    numbers = re.findall(r"[0-9]*\.?[0-9]+(?:e[+-]?[0-9]+)?", value.lower())
    return not numbers or sum(map(float, numbers)) / len(numbers) >= _SHORTEST_DASH
