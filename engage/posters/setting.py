"""Setting type: text of any direction into lines of shaped glyphs that fit a width.

Directions by the Unicode algorithm (UAX 9, as fpdf2 carries it out), shapes by HarfBuzz with the very font that is
embedded. Lengths are in millimetres.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import uharfbuzz as hb
from fpdf.bidi import BidiParagraph
from fpdf.enums import TextDirection

from engage.languages import LANGUAGES
from engage.posters import fonts
from engage.posters.fonts import FontMissing, Script, Weight
from engage.posters.pdf import PdfFile, number

#: What may not begin a line of Chinese (the closing marks of GB/T 15834).
_NOT_FIRST = frozenset("，。！？；：、）》」』”’…%")
_MORE = "…"
#: What holds a name or number together, whatever direction the words around it have (UAX 9, 2.4).
_ISOLATES = "\u2066\u2068\u2069"
_SILENT = frozenset(_ISOLATES + " ")
_ALWAYS = "".join(map(chr, range(32, 127))) + _MORE + "·–’“”"


@dataclass(slots=True)
class Face:
    """One cut font: its shaper, what it is called on pages, and which glyphs were used for which letters."""

    shaper: hb.Font
    program: bytes
    letters: frozenset[str]
    units: int
    at: int
    name: str
    widths: dict[int, float] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """Glyphs ready to be placed, for a type size of 1, and how wide they are then."""

    width: float
    runs: tuple[tuple[str, str], ...]
    """For each run of one font: its name, and the operator's argument for TJ."""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of one size, with how high they are together."""

    lines: tuple[Line, ...]
    size: float
    leading: float
    rtl: bool

    @property
    def height(self) -> float:
        """From the top of the first line to the foot of the last."""
        return len(self.lines) * self.leading * self.size


class Typesetter:
    """Sets text in the fonts of some languages. Letters must be named beforehand; the fonts are cut once."""

    def __init__(self, file: PdfFile, languages: Sequence[str], texts: Iterable[str]) -> None:
        fonts.refuse_missing(languages)
        letters = {letter for text in (_ALWAYS, *texts) for letter in plain(text)} - set(_ISOLATES)
        beside = [script for script in Script if fonts.printable(script)]
        wanted = list(dict.fromkeys([*fonts.needed(languages), *beside]))
        self._file = file
        self._fonts: dict[Weight, list[Face]] = {Weight.REGULAR: [], Weight.BOLD: []}
        left = set(letters)
        for script in wanted:
            if not left - {letter for letter in left if letter.isspace()} and script not in fonts.needed(languages):
                break
            for weight in Weight:
                face = self._face(script, weight, left)
                if face is not None:
                    self._fonts[weight].append(face)
            left -= {letter for face in self._fonts[Weight.BOLD] for letter in face.letters}
        self._letters = letters - left

    @property
    def faces(self) -> list[Face]:
        """Every font of the file."""
        return [face for faces in self._fonts.values() for face in faces]

    def refuse_unknown(self, text: str, what: str) -> None:
        """Refuse a text with letters that no installed font has."""
        lost = sorted({letter for letter in plain(text) if letter not in self._letters and letter not in _SILENT})
        if lost:
            shown = " ".join(lost[:8])
            raise FontMissing(
                f"No installed font has {shown} of {what}; apt install fonts-noto-core, or change the name."
            )

    def line(self, text: str, weight: Weight = Weight.REGULAR, language: str = "en") -> Line:
        """A text as one line. Kept, since the same words stand on every poster."""
        return self._line(plain(text), weight, language)

    @lru_cache(maxsize=4000)  # noqa: B019 - a typesetter lives for one file
    def _line(self, text: str, weight: Weight, language: str) -> Line:
        runs, width = [], 0.0
        for part, rtl in _runs(text, LANGUAGES[language].direction == "rtl"):
            pieces = self._by_face(part, weight)
            for face, piece in reversed(pieces) if rtl else pieces:
                drawn, wide = _shape(face, piece, rtl, language)
                runs.append((face.name, drawn))
                width += wide
        return Line(width, tuple(runs))

    def fit(
        self,
        text: str,
        width: float,
        *,
        language: str = "en",
        weight: Weight = Weight.REGULAR,
        largest: float,
        least: float,
        lines: int = 1,
        height: float | None = None,
        leading: float = 1.18,
    ) -> Block:
        """A text as large as it fits into so many lines and a height; cut with `…` where not even the least fits."""
        rtl = LANGUAGES[language].direction == "rtl"
        leading = leading * (1.12 if rtl or language == "zh" else 1.0)
        size = largest if height is None else max(least, min(largest, height / leading))
        while True:
            found = self._wrapped(plain(text), width / size, weight, language)
            room = lines if height is None else min(lines, max(1, int(height / (leading * size) + 0.001)))
            if len(found) <= room or size <= least:
                break
            size = max(least, size * 0.95)
        if len(found) > room:
            found = self._shortened(found, room, width / size, weight, language)
        return Block(tuple(self._line(one, weight, language) for one in found), size, leading, rtl)

    def embed(self) -> None:
        """Write the fonts into the file, with the widths and letters of the glyphs that were used."""
        for face in self.faces:
            extents = face.shaper.get_font_extents("ltr")
            up, down = (round(value * 1000 / face.units) for value in (extents.ascender, extents.descender))
            head = {"Ascent": up, "Descent": down, "CapHeight": 714}
            self._file.add_font(face.at, face.program, head, face.widths, face.texts)

    def _face(self, script: Script, weight: Weight, letters: set[str]) -> Face | None:
        made = fonts.cut(script, weight, frozenset(letters))
        if not made.letters - {" "}:
            return None
        face = hb.Face(made.program)
        at = self._file.reserve()
        return Face(hb.Font(face), made.program, made.letters, face.upem, at, self._file.name_for("Font", at))

    def _by_face(self, text: str, weight: Weight) -> list[tuple[Face, str]]:
        """The pieces of a text that one font has; spaces and marks stay with what stands before them."""
        found: list[tuple[Face, str]] = []
        for letter in text:
            joins = letter.isspace() or unicodedata.combining(letter)
            face = found[-1][0] if found and joins and letter in found[-1][0].letters else self._with(letter, weight)
            if found and found[-1][0] is face:
                found[-1] = (face, found[-1][1] + letter)
            else:
                found.append((face, letter))
        return found

    def _with(self, letter: str, weight: Weight) -> Face:
        faces = self._fonts[weight]
        return next((face for face in faces if letter in face.letters), faces[0])

    def _wrapped(self, text: str, width: float, weight: Weight, language: str) -> list[str]:
        lines, current = [], ""
        for piece in _pieces(text, language == "zh"):
            longer = current + piece
            if not current or self._line(longer.strip(), weight, language).width <= width:
                current = longer
            else:
                lines.append(current.strip())
                current = piece
            while len(current) > 1 and self._line(current.strip(), weight, language).width > width:
                cut_at = self._most(current, width, weight, language)
                lines.append(current[:cut_at])
                current = current[cut_at:]
        return [*lines, current.strip()] if current.strip() or not lines else lines

    def _most(self, text: str, width: float, weight: Weight, language: str) -> int:
        """How many letters of one long word fit; one at least."""
        low, high = 1, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            fits = self._line(text[:middle].strip(), weight, language).width <= width
            low, high = (middle, high) if fits else (low, middle - 1)
        return low

    def _shortened(self, found: list[str], room: int, width: float, weight: Weight, language: str) -> list[str]:
        last = found[room - 1]
        while last and self._line(last + _MORE, weight, language).width > width:
            last = last[:-1]
        return [*found[: room - 1], last.rstrip() + _MORE]


def plain(text: str) -> str:
    """A text in composed letters, on one line, without invisible letters that could turn what stands around it."""
    shown = (" " if letter.isspace() else letter for letter in unicodedata.normalize("NFC", text))
    hidden = ("Cc", "Cf", "Cs", "Co", "Cn")
    return "".join(letter for letter in shown if letter in _ISOLATES or unicodedata.category(letter) not in hidden)


def apart(text: str, *, from_left: bool = False) -> str:
    """A text that keeps its own direction among others, or runs from the left, as numbers with spaces must."""
    return f"{_ISOLATES[0 if from_left else 1]}{text}{_ISOLATES[2]}"


def _runs(text: str, rtl: bool) -> list[tuple[str, bool]]:
    """The runs of one direction, in the order in which they stand on the paper from the left."""
    if text.isascii() and not rtl:
        return [(text, False)]
    base = TextDirection.RTL if rtl else TextDirection.LTR
    letters = BidiParagraph(text, base).get_characters_with_embedding_level()
    runs: list[tuple[str, int]] = []
    for letter in letters:
        if letter.character in _ISOLATES:
            continue
        if runs and runs[-1][1] == letter.embedding_level:
            runs[-1] = (runs[-1][0] + letter.character, letter.embedding_level)
        else:
            runs.append((letter.character, letter.embedding_level))
    for level in range(max((level for _, level in runs), default=0), 0, -1):
        at = 0
        while at < len(runs):
            end = at
            while end < len(runs) and runs[end][1] >= level:
                end += 1
            runs[at:end] = runs[at:end][::-1]
            at = max(end, at + 1)
    return [(part, bool(level % 2)) for part, level in runs]


def _pieces(text: str, chinese: bool) -> list[str]:
    """Where a line may end: after spaces, and in Chinese between characters, but not before a closing mark."""
    pieces: list[str] = []
    for letter in text:
        wide = chinese and ord(letter) > 0x2E7F
        joins = pieces and not pieces[-1].endswith(" ") and (not wide or letter in _NOT_FIRST)
        after_wide = pieces and chinese and ord(pieces[-1][-1]) > 0x2E7F and letter != " " and letter not in _NOT_FIRST
        if (letter == " " and pieces) or (joins and not after_wide):
            pieces[-1] += letter
        else:
            pieces.append(letter)
    return pieces


def _shape(face: Face, text: str, rtl: bool, language: str) -> tuple[str, float]:
    """A run of one font as operators of a text object, for a size of 1, and its width."""
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if rtl else "ltr"
    buffer.language = language
    hb.shape(face.shaper, buffer)
    scale = 1000 / face.units
    starts = sorted({info.cluster for info in buffer.glyph_infos})
    ends = dict(zip(starts, [*starts[1:], len(text)], strict=True))
    shown: list[str] = ["["]
    width, told = 0.0, set()
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        glyph = info.codepoint
        own = face.widths.setdefault(glyph, face.shaper.get_glyph_h_advance(glyph) * scale)
        if info.cluster not in told:
            face.texts.setdefault(glyph, text[info.cluster : ends[info.cluster]])
            told.add(info.cluster)
        aside, up, on = position.x_offset * scale, position.y_offset * scale, position.x_advance * scale
        if up:
            shown.append(f"]TJ {number(up / 1000)} Ts[")
        shown.append(f"{number(-aside) if aside else ''}<{glyph:04x}>")
        if up:
            shown.append("]TJ 0 Ts[")
        left = own + aside - on
        if abs(left) > 0.05:
            shown.append(number(left))
        width += on
    # A space between, because two numbers may follow each other.
    return " ".join([*shown, "]TJ"]), width / 1000
