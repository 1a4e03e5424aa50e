"""A pack of posters as one file: chosen, checked before anything is written, and drawn one after the other."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import isqrt
from pathlib import Path
from typing import Any, BinaryIO

import zxingcpp
from PIL import Image, UnidentifiedImageError

from engage.posters import fonts, symbols
from engage.posters.canvas import GREY, Canvas
from engage.posters.design import Unprintable, chosen_languages, design, refuse_pale, rgb, words
from engage.posters.drawing import A4, CARD, CardLayout, Layout, Logo, Sheet, Style, WallLayout
from engage.posters.fonts import Weight
from engage.posters.pdf import PdfFile, number
from engage.posters.setting import Typesetter, apart

#: Millimetres.
SIZES: dict[str, tuple[float, float]] = {
    "A3": (297.0, 420.0),
    "A4": A4,
    "A5": (148.5, 210.0),
    "card": CARD,
    "labels": A4,
}
COLUMNS, ROWS = 2, 5
MOST_LOGO_BYTES = 2_000_000
MOST_LOGO_DOTS = 16_000_000
_LOGO_SIDE = 600
_LINES_OF_LIST = 24

Step = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a pack shall look, as it was asked for: nothing of it is checked yet."""

    design: str = "general"
    size: str = "A4"
    languages: str = "en"
    authority: str = ""
    colour: str = ""
    text_number: str = ""
    logo: bytes | None = None
    checklist: bool = True


def save(wanted: Wanted, sheets: Sequence[Sheet], site: str, to: Path, step: Step = lambda: None) -> int:
    """Write a pack into a file, which is there only when it is whole, and give the number of its pages."""
    return _save(wanted, sheets, site, to, step, sheets)


def save_each(wanted: Wanted, sheets: Sequence[Sheet], site: str, folder: Path, step: Step = lambda: None) -> int:
    """Write each poster into a file named by its code, numbered in walking order; gives the number of pages."""
    _checked(wanted, sheets)
    folder.mkdir(parents=True, exist_ok=True)
    alone, digits = replace(wanted, checklist=False), len(str(len(sheets)))
    for at, sheet in enumerate(sheets, start=1):
        _save(alone, [sheet], site, folder / f"{at:0{digits}}-{sheet.code}.pdf", step, sheets)
    return len(sheets)


def _save(wanted: Wanted, sheets: Sequence[Sheet], site: str, to: Path, step: Step, among: Sequence[Sheet]) -> int:
    under_way = to.with_name(f".{to.name}.part")
    try:
        with under_way.open("wb") as file:
            pages = write(wanted, sheets, site, file, step, among)
        under_way.replace(to)
    finally:
        under_way.unlink(missing_ok=True)
    return pages


def write(
    wanted: Wanted,
    sheets: Sequence[Sheet],
    site: str,
    to: BinaryIO,
    step: Step = lambda: None,
    among: Sequence[Sheet] = (),
) -> int:
    """Write a pack in the order of its sheets and give the number of its pages; `step` is called after each sheet.

    The fonts have the letters of all sheets `among` which these are, so that many files need no new fonts.
    `Unprintable` and `FontMissing` are raised before the first byte is written.
    """
    languages, colour, logo = _checked(wanted, sheets)
    chosen = design(wanted.design)
    file = PdfFile(to, f"{site}: {chosen.title}", languages[0])
    texts = [site, wanted.authority, wanted.text_number, *_said(wanted, languages)]
    setter = Typesetter(file, languages, [*texts, *(text for sheet in among or sheets for text in _own(sheet))])
    for sheet in sheets:
        for text in (sheet.place, sheet.zone, sheet.detail):
            setter.refuse_unknown(text, f"the place {sheet.place[:60]}")
    setter.refuse_unknown(wanted.authority + site, "the authority or the site")
    file.start()
    style = Style(chosen, languages, rgb(colour), wanted.authority, wanted.text_number, _add_logo(file, logo))
    pages = _checklist(file, setter, sheets, site) if wanted.checklist else 0
    pages += _draw(file, style, setter, wanted.size, sheets, step)
    setter.embed()
    file.close()
    return pages


def refuse_unprintable(wanted: Wanted, sheets: Sequence[Sheet]) -> None:
    """Raise `Unprintable` or `FontMissing` for what is wrong in what is asked for, but for what its places are called.

    `design` names no file of anybody's: a name that is not in the list is refused before it is read.
    """
    design(wanted.design)
    _checked(wanted, sheets)


def matrix(text: str) -> list[bytes]:
    """The rows of a text's symbol with its quiet zone, a byte a module, dark is 1: as `symbols.modules`, but faster."""
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="Q")
    picture: Any = made.to_image(scale=1, add_quiet_zones=False)
    flat = memoryview(picture).tobytes().translate(_DARK)
    side, quiet = isqrt(len(flat)), symbols.QUIET_ZONE
    beside, empty = bytes(quiet), [bytes(side + 2 * quiet)] * quiet
    return [*empty, *(beside + flat[at : at + side] + beside for at in range(0, side * side, side)), *empty]


_DARK = bytes([1]) + bytes(255)


def _checked(wanted: Wanted, sheets: Sequence[Sheet]) -> tuple[tuple[str, ...], str, Image.Image | None]:
    """The languages, the colour and the logo of a pack that can be printed."""
    if not sheets:
        raise Unprintable("There is no poster to print: add posters to this site first, or choose other places.")
    if wanted.size not in SIZES:
        raise Unprintable(f"There is no size {wanted.size[:20]}. The sizes: {', '.join(SIZES)}.")
    languages = chosen_languages(wanted.languages)
    colour = wanted.colour or design(wanted.design).colour
    refuse_pale(colour)
    fonts.refuse_missing(languages)
    return languages, colour, read_logo(wanted.logo) if wanted.logo else None


def read_logo(content: bytes) -> Image.Image:
    """A logo made small, from PNG, JPEG or WebP; `Unprintable` for anything else, and for what is far too large."""
    if len(content) > MOST_LOGO_BYTES:
        raise Unprintable(f"The logo has {len(content):,} bytes; {MOST_LOGO_BYTES:,} fit. Save it smaller.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP"))
        if picture.width * picture.height > MOST_LOGO_DOTS:
            raise Unprintable(f"The logo is {picture.width} by {picture.height} dots: too large. Save it smaller.")
        picture.draft("RGB", (_LOGO_SIDE, _LOGO_SIDE))
        small = picture.convert("RGBA")
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unprintable("The logo is no PNG, JPEG or WebP picture, or far too large. Save it as a PNG.") from None
    except (OSError, ValueError, SyntaxError):
        raise Unprintable("The logo is broken: it cannot be read to its end. Save it again as a PNG.") from None
    small.thumbnail((_LOGO_SIDE, _LOGO_SIDE))
    return small


def _add_logo(file: PdfFile, picture: Image.Image | None) -> Logo | None:
    if picture is None:
        return None
    name = file.add_picture(
        picture.width, picture.height, picture.convert("RGB").tobytes(), picture.getchannel("A").tobytes()
    )
    return Logo(name, picture.width / picture.height)


def _said(wanted: Wanted, languages: Iterable[str]) -> Iterable[str]:
    for language in languages:
        said = words()[language]
        yield from (said.scan, said.or_type, said.code, said.text, said.danger, said.notice, *said.steps)
        yield design(wanted.design).headline[language]
        yield design(wanted.design).lead[language]


def _own(sheet: Sheet) -> tuple[str, ...]:
    return (sheet.typed, sheet.place, sheet.zone, sheet.emergency, sheet.detail)


def _draw(file: PdfFile, style: Style, setter: Typesetter, size: str, sheets: Sequence[Sheet], step: Step) -> int:
    """Every poster on a page, or ten to a page with marks where to cut."""
    is_card = size in ("card", "labels")
    layout: Layout = CardLayout(style, setter, CARD) if is_card else WallLayout(style, setter, A4)
    width, height = SIZES[size]
    shared = file.add_form(layout.shared(), layout.width, layout.height)
    on_page = COLUMNS * ROWS if size == "labels" else 1
    scale = 1.0 if size == "labels" else width / layout.width
    for first in range(0, len(sheets), on_page):
        parts = [_marks()] if size == "labels" else []
        for at, sheet in enumerate(sheets[first : first + on_page]):
            x, y = _corner(at) if size == "labels" else (0.0, 0.0)
            moved = f"q {number(scale)} 0 0 {number(scale)} {number(x)} {number(y)} cm /{shared} Do\n"
            parts.append(moved.encode() + layout.own(sheet, matrix(sheet.address)) + b" Q")
            step()
        file.add_page(b"\n".join(parts), width, height)
    return -(-len(sheets) // on_page)


def _corner(at: int) -> tuple[float, float]:
    """Where a label begins on its page: two columns and five rows in the middle."""
    left, top = (A4[0] - COLUMNS * CARD[0]) / 2, (A4[1] - ROWS * CARD[1]) / 2
    return left + at % COLUMNS * CARD[0], top + at // COLUMNS * CARD[1]


def _marks() -> bytes:
    """Where to cut: short lines outside the labels."""
    canvas = Canvas()
    left, top = _corner(0)
    right, foot = left + COLUMNS * CARD[0], top + ROWS * CARD[1]
    for column in range(COLUMNS + 1):
        x = left + column * CARD[0]
        canvas.rule(x, top - 6, x, top - 2, 0.15, GREY)
        canvas.rule(x, foot + 2, x, foot + 6, 0.15, GREY)
    for row in range(ROWS + 1):
        y = top + row * CARD[1]
        canvas.rule(left - 6, y, left - 2, y, 0.15, GREY)
        canvas.rule(right + 2, y, right + 6, y, 0.15, GREY)
    return canvas.content


def _checklist(file: PdfFile, setter: Typesetter, sheets: Sequence[Sheet], site: str) -> int:
    """Pages to walk with: where each poster goes, in order, with boxes to tick."""
    pages = -(-len(sheets) // _LINES_OF_LIST)
    for page in range(pages):
        canvas = Canvas()
        title = setter.fit(site, 180, weight=Weight.BOLD, largest=7, least=3)
        canvas.block(title, 15, 14, 180)
        count = setter.fit(f"{len(sheets)} · {page + 1}/{pages}", 180, largest=3.4, least=2)
        canvas.block(count, 15, 24, 180, GREY)
        for at, sheet in enumerate(sheets[page * _LINES_OF_LIST : (page + 1) * _LINES_OF_LIST]):
            _entry(canvas, setter, sheet, page * _LINES_OF_LIST + at + 1, 33 + at * 10.4)
        file.add_page(canvas.content, *A4)
    return pages


def _entry(canvas: Canvas, setter: Typesetter, sheet: Sheet, count: int, top: float) -> None:
    canvas.rule(15, top, 195, top, 0.15, GREY)
    canvas.block(setter.fit(str(count), 10, largest=3.4, least=2), 15, top + 2.6, 10, GREY)
    canvas.block(setter.fit(sheet.code, 24, weight=Weight.BOLD, largest=5, least=3), 26, top + 2, 24)
    canvas.block(setter.fit(sheet.place, 118, weight=Weight.BOLD, largest=3.8, least=2.6), 52, top + 1.2, 118)
    where = f"{apart(sheet.zone)} · {apart(sheet.detail)}" if sheet.detail else sheet.zone
    canvas.block(setter.fit(where, 118, largest=3.2, least=2.4), 52, top + 5.6, 118, GREY)
    for at in range(2):
        canvas.outline(176 + at * 10, top + 2.2, 6)
