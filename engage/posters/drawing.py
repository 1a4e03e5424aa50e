"""How a poster is laid out: what all posters of a pack share, drawn once, and what is one poster's own.

One grid serves A3, A4 and A5, which have the same shape; cards and labels have another. Millimetres; on the larger grid
those of A4. Nothing stands within 8 mm of the edge, so that any office printer prints all of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from engage.posters.canvas import GREY, INK, WHITE, Canvas, Colour
from engage.posters.design import Design, words
from engage.posters.fonts import Weight
from engage.posters.setting import Typesetter, apart

BOLD = Weight.BOLD
A4 = (210.0, 297.0)
CARD = (85.6, 54.0)
_PALE: Colour = (0.945, 0.95, 0.957)
_SIGNAL: Colour = (0.72, 0.07, 0.1)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is one poster's own: its code, what its QR code says and people type, where it hangs, whom to call there."""

    code: str
    version: int
    address: str
    typed: str
    place: str
    zone: str
    emergency: str
    detail: str = ""
    where: str = ""
    """The slug of the place."""


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture in the file, by its name, and how much wider than high it is."""

    name: str
    ratio: float


@dataclass(frozen=True, slots=True)
class Style:
    """What all posters of a pack share. The first language is the largest, and says on which side things begin."""

    design: Design
    languages: tuple[str, ...]
    colour: Colour
    authority: str
    text_number: str = ""
    logo: Logo | None = None


class Layout(ABC):
    """Draws the shared and the own part of posters in a style; `mirrored` where the first language is written so."""

    def __init__(self, style: Style, setter: Typesetter, size: tuple[float, float]) -> None:
        self.style, self.setter = style, setter
        self.width, self.height = size
        self.mirrored = bool(setter.fit(".", 9, language=style.languages[0], largest=1, least=1).rtl)

    def x(self, start: float, width: float) -> float:
        """Where a part begins that has this distance from the side where reading begins."""
        return self.width - start - width if self.mirrored else start

    def every(
        self,
        canvas: Canvas,
        said: list[str],
        at: tuple[float, float, float, float],
        largest: float,
        colour: Colour = INK,
    ) -> float:
        """The same said in each language, one below the other, in the box (start, top, width, height)."""
        start, top, width, height = at
        x, share = self.x(start, width), height / len(said)
        for rank, (language, text) in enumerate(zip(self.style.languages, said, strict=True)):
            heavy = BOLD if rank == 0 else Weight.REGULAR
            size = largest if rank == 0 else largest * 0.92
            block = self.setter.fit(
                text, width, language=language, weight=heavy, largest=size, least=1.75, lines=4, height=share
            )
            top = canvas.block(block, x, top, width, colour, 1.0 if self.mirrored else 0.0)
        return top

    def one(
        self,
        canvas: Canvas,
        text: str,
        at: tuple[float, float, float],
        largest: float,
        *,
        weight: Weight = BOLD,
        colour: Colour = INK,
        ends: bool = False,
        language: str = "en",
        least: float = 1.6,
    ) -> float:
        """One line as large as it fits in the box (start, top, width), on the side where reading begins, or ends."""
        start, top, width = at
        block = self.setter.fit(text, width, language=language, weight=weight, largest=largest, least=least)
        side = 1.0 if self.mirrored is not ends else 0.0
        return canvas.block(block, self.x(start, width), top, width, colour, side)

    @abstractmethod
    def shared(self) -> bytes:
        """What is the same on all posters."""

    @abstractmethod
    def own(self, sheet: Sheet, symbol: list[bytes]) -> bytes:
        """What is one poster's own."""


class WallLayout(Layout):
    """The large posters: a field with the headline, the code and how to use it, three steps, danger, the foot."""

    def shared(self) -> bytes:
        """Everything but the code, its addresses and the place."""
        canvas = Canvas()
        self._field(canvas)
        said = [words()[language] for language in self.style.languages]
        scan, hint = self._scan_height, self._hint_height
        self.every(canvas, [one.scan for one in said], (98, 139, 102, scan), 6.0)
        self.every(canvas, [one.or_type for one in said], (98, 139 + scan + 2, 102, hint), 3.4, GREY)
        for at, name in enumerate(("write", "act", "answer")):
            start = 12 + at * 63.5
            canvas.pictogram(name, self.x(start, 11), 226.5, 11, self.style.colour)
            self.every(
                canvas, [one.steps[at] for one in said], (start + 14, 226, 46, 27), 5.0 if len(said) < 3 else 3.6
            )
        canvas.box(8, 255, 194, 16, _SIGNAL, 2.5)
        canvas.pictogram("phone", self.x(13, 9), 258.5, 9, WHITE)
        high = 11.0 if len(said) < 3 else 14.4
        self.every(canvas, [one.danger for one in said], (26, 263 - high / 2, 105, high), 6.6, WHITE)
        self._notice(canvas, [one.notice for one in said])
        self._foot(canvas)
        return canvas.content

    def own(self, sheet: Sheet, symbol: list[bytes]) -> bytes:
        """The code in every way that a person can use it, the number to call, and where it hangs."""
        canvas = Canvas()
        canvas.symbol(symbol, self.x(8, 84), 135, 84)
        self.one(canvas, sheet.typed, (98, self._typed_top, 102), 8, least=2.2)
        self.one(canvas, sheet.code, (98, self._typed_top + 9, 104), self._code_size, colour=self.style.colour)
        if self.style.text_number:
            top = self._typed_top + 9.5 + 1.2 * self._code_size
            said = [words()[language].text % {"code": sheet.code} for language in self.style.languages]
            top = self.every(canvas, said, (98, top, 102, self._hint_height), 3.4, GREY)
            self.one(canvas, self.style.text_number, (98, top, 102), 6.4)
        self.one(canvas, sheet.emergency, (134, 255.6, 62), 12.4, colour=WHITE, ends=True)
        where = f"{apart(sheet.place)}, {apart(sheet.zone)}"
        self.one(canvas, where, (112, 283.5, 88), 2.9, weight=Weight.REGULAR, colour=GREY, ends=True)
        mark = f"{sheet.code} · v{sheet.version}"
        self.one(canvas, mark, (112, 287, 88), 2.6, weight=Weight.REGULAR, colour=GREY, ends=True)
        return canvas.content

    @property
    def _typed_top(self) -> float:
        """Where the address to type stands, below what is said above it in each language."""
        return 139 + self._scan_height + 2 + self._hint_height

    @property
    def _scan_height(self) -> float:
        return {1: 7.2, 2: 12.4, 3: 15.6}.get(len(self.style.languages), 18.4)

    @property
    def _hint_height(self) -> float:
        return {1: 4.4, 2: 8.2, 3: 11.6}.get(len(self.style.languages), 13.6)

    @property
    def _code_size(self) -> float:
        return 23.0 if len(self.style.languages) < 3 else 17.0

    def _field(self, canvas: Canvas) -> None:
        """The headline, large in the first language; the other languages below it."""
        style, first = self.style, self.style.languages[0]
        ink = INK if style.design.discreet else WHITE
        if style.design.discreet:
            canvas.box(8, 10, 194, 1.6, style.colour)
        else:
            canvas.box(8, 8, 194, 124, style.colour, 3)
            canvas.pictogram(style.design.pictogram, self.x(146, 46), 17, 46, WHITE)
        others = style.languages[1:]
        foot = 124.0 - 12.5 * len(others)
        headline = self.setter.fit(
            style.design.headline[first],
            178 if style.design.discreet else 124,
            language=first,
            weight=BOLD,
            largest=16 if style.design.discreet else 27,
            least=5,
            lines=4,
            height=foot - 34,
            leading=1.08,
        )
        top = canvas.block(headline, self.x(16, 178), 17, 178, ink)
        lead = self.setter.fit(
            style.design.lead[first],
            178,
            language=first,
            largest=8 if style.design.discreet else 6.8,
            least=3,
            lines=3,
            height=foot - top - 4,
        )
        low = top + 5 if style.design.discreet else max(top + 2, foot - lead.height - 3.5)
        canvas.block(lead, self.x(16, 178), low, 178, ink)
        for at, language in enumerate(others):
            canvas.rule(
                16, foot + 12.5 * at, 194, foot + 12.5 * at, 0.25, style.colour if style.design.discreet else WHITE
            )
            block = self.setter.fit(
                style.design.headline[language], 178, language=language, weight=BOLD, largest=7.6, least=3
            )
            canvas.block(block, 16, foot + 12.5 * at + (13 - block.height) / 2, 178, ink)

    def _notice(self, canvas: Canvas, said: list[str]) -> None:
        """What our page never asks for: it is what tells a false sticker."""
        canvas.pictogram("shield", self.x(12, 6), 274, 6, self.style.colour)
        half = 88.0 if len(said) > 1 else 178.0
        for at, (language, text) in enumerate(zip(self.style.languages, said, strict=True)):
            x = self.x(21 + (at % 2) * 91, half)
            block = self.setter.fit(text, half, language=language, largest=3.6 if len(said) == 1 else 2.9, least=1.9)
            top = 273.2 + (at // 2) * 4.2 + (0 if len(said) > 2 else 2.0)
            canvas.block(block, x, top, half, INK, 1.0 if self.mirrored else 0.0)

    def _foot(self, canvas: Canvas) -> None:
        """Whose poster it is."""
        canvas.rule(8, 282.4, 202, 282.4, 0.2, self.style.colour)
        start = 10.0
        if self.style.logo is not None and not self.style.design.discreet:
            high = min(6.0, 40.0 / self.style.logo.ratio)
            wide = high * self.style.logo.ratio
            canvas.picture(self.style.logo.name, self.x(start, wide), 283.3, wide, high)
            start += wide + 3
        small = self.style.design.discreet
        self.one(
            canvas,
            self.style.authority,
            (start, 284.2, 108 - start),
            2.6 if small else 4.2,
            weight=Weight.REGULAR if small else BOLD,
        )


class CardLayout(Layout):
    """The size of a bank card: headline, code, address, whom to call. For a pocket, a door, the inside of a cubicle."""

    def shared(self) -> bytes:
        """Headlines, what is said in words, and whose it is."""
        canvas = Canvas()
        style, first = self.style, self.style.languages[0]
        ink = style.colour if style.design.discreet else WHITE
        if style.design.discreet:
            canvas.box(3, 3, 79.6, 0.7, style.colour)
        else:
            canvas.box(2.5, 2.5, 80.6, 9.5, style.colour, 1.2)
            canvas.pictogram(style.design.pictogram, self.x(75.2, 6.6), 3.9, 6.6, WHITE)
        wide = 76.0 if style.design.discreet else 69.0
        block = self.setter.fit(
            style.design.headline[first], wide, language=first, weight=BOLD, largest=5.4, least=2.4, lines=2, height=8.0
        )
        canvas.block(block, self.x(4.6, wide), 2.7 + (9.3 - block.height) / 2, wide, ink)
        others = style.languages[1:]
        for at, language in enumerate(others):
            top = 13.0 + at * 3.1
            line = self.setter.fit(style.design.headline[language], 41, language=language, largest=2.5, least=1.75)
            canvas.block(line, self.x(41.5, 41), top, 41, INK, 1.0 if self.mirrored else 0.0)
        if not others and style.design.discreet:
            lead = self.setter.fit(
                style.design.lead[first], 41, language=first, largest=2.5, least=1.8, lines=4, height=10.5
            )
            canvas.block(lead, self.x(41.5, 41), 12.6, 41, INK)
        elif not others:
            self.one(canvas, words()[first].scan, (41.5, 13.4, 41), 2.8, language=first)
        danger = self.setter.fit(
            words()[first].danger, 25, language=first, weight=BOLD, largest=2.4, least=1.8, lines=2, height=5.6
        )
        side = 1.0 if self.mirrored else 0.0
        canvas.block(danger, self.x(41.5, 25), 42.1 - danger.height / 2, 25, _SIGNAL, side)
        canvas.rule(3, 46.2, 82.6, 46.2, 0.15, style.colour)
        self.one(canvas, words()[first].notice, (4, 46.6, 77.6), 2.2, language=first, weight=Weight.REGULAR)
        self.one(canvas, style.authority, (4, 49.3, 38), 1.9, weight=BOLD)
        return canvas.content

    def own(self, sheet: Sheet, symbol: list[bytes]) -> bytes:
        """The code, the address, the numbers, the place."""
        canvas = Canvas()
        canvas.symbol(symbol, self.x(4, 33.5), 12.3, 33.5)
        top = self.one(canvas, sheet.typed, (41.5, 23.4, 41), 3.1, least=1.7)
        self.one(canvas, sheet.code, (41.5, max(top, 26.6), 41), 7.4, colour=self.style.colour)
        if self.style.text_number:
            first = self.style.languages[0]
            said = f"{words()[first].text % {'code': sheet.code}} {apart(self.style.text_number, from_left=True)}"
            self.one(canvas, said, (41.5, 36.3, 41), 2.3, weight=Weight.REGULAR, language=first, least=1.5)
        self.one(canvas, sheet.emergency, (68, 38.6, 14.5), 5.2, colour=_SIGNAL, ends=True)
        where = f"{apart(sheet.place)} · {sheet.code} · v{sheet.version}"
        self.one(canvas, where, (43, 49.4, 39), 1.8, weight=Weight.REGULAR, colour=GREY, ends=True)
        return canvas.content
