"""The fonts that posters are set in: which installed file has which script, and the few letters cut out for one file.

No font is kept here. Files come from installed packages or from the system; variable ones and collections are made into
plain TrueType with just the letters that a pack needs, once for each file that is printed.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer


class Script(StrEnum):
    """A way of writing, and so a font of its own."""

    LATIN = "latin"
    ARABIC = "arabic"
    CHINESE = "chinese"


class Weight(StrEnum):
    """How heavy letters are."""

    REGULAR = "regular"
    BOLD = "bold"


#: The usual number of each weight on the scale from 1 to 1000 (OpenType, usWeightClass).
HEAVY = {Weight.REGULAR: 400, Weight.BOLD: 700}
#: What writes our languages; all that are not named are written in Latin or Cyrillic letters, which one font has.
SCRIPT_OF = {"ar": Script.ARABIC, "zh": Script.CHINESE}
REMEDIES = {
    Script.LATIN: "pip install fontpkg-noto-sans, or apt install fonts-noto-core",
    Script.ARABIC: "pip install fontpkg-noto-sans-arabic, or apt install fonts-noto-core",
    Script.CHINESE: "pip install manimgx-fonts-cjk (20 MB), or apt install fonts-noto-cjk",
}
_SYSTEM = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
#: In the order in which they are taken: a package and the file in it, or files of the system for each weight.
_PACKAGED = {
    Script.LATIN: [("fontpkg_noto_sans", "files/NotoSans[wdth,wght].ttf")],
    Script.ARABIC: [("fontpkg_noto_sans_arabic", "files/NotoSansArabic[wdth,wght].ttf")],
    Script.CHINESE: [("manimgx_fonts_cjk", "NotoSansCJK-VF.otf.ttc")],
}
_INSTALLED = {
    Script.LATIN: "truetype/noto/NotoSans-{weight}.ttf",
    Script.ARABIC: "truetype/noto/NotoSansArabic-{weight}.ttf",
    Script.CHINESE: "opentype/noto/NotoSansCJK-{weight}.ttc",
}
#: The face for simplified characters within a collection.
_SIMPLIFIED = "Noto Sans CJK SC"


class FontMissing(Exception):
    """No installed font has a script or a letter. Installing what the sentence names helps."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A TrueType font with the letters that were asked for, and which of them it has."""

    program: bytes
    letters: frozenset[str]


def find(script: Script, weight: Weight) -> Path | None:
    """The installed file with a script in a weight, if there is one."""
    for package, inside in _PACKAGED[script]:
        spec = find_spec(package)
        if spec is not None and spec.origin is not None and (file := Path(spec.origin).parent / inside).is_file():
            return file
    wanted = _INSTALLED[script].format(weight=weight.value.title())
    return next((folder / wanted for folder in _SYSTEM if (folder / wanted).is_file()), None)


def printable(script: Script) -> bool:
    """Whether a script can be printed here in both weights."""
    return all(find(script, weight) is not None for weight in Weight)


def missing_scripts() -> list[Script]:
    """The scripts of our languages that cannot be printed here."""
    return [script for script in Script if not printable(script)]


def needed(languages: Iterable[str]) -> list[Script]:
    """The scripts of some languages. Latin letters are always needed, for codes and addresses."""
    return list(dict.fromkeys([Script.LATIN, *(SCRIPT_OF.get(language, Script.LATIN) for language in languages)]))


def refuse_missing(languages: Iterable[str]) -> None:
    """Refuse languages whose script no installed font has."""
    missing = [script for script in needed(languages) if not printable(script)]
    if missing:
        remedies = "; ".join(f"{script.value}: {REMEDIES[script]}" for script in missing)
        raise FontMissing(
            f"No font is installed for {' and '.join(missing)} letters, so nothing was printed. {remedies}."
        )


@lru_cache(maxsize=12)
def cut(script: Script, weight: Weight, letters: frozenset[str]) -> Cut:
    """The font of a script and weight with these letters only, as far as it has them. `FontMissing` without a file."""
    file = find(script, weight)
    if file is None:
        raise FontMissing(f"No font is installed for {script.value} letters. {REMEDIES[script]}.")
    program = io.BytesIO()
    with closing(_open(file)) as font:
        known = font.getBestCmap()
        had = frozenset(letter for letter in letters if ord(letter) in known)
        made = (_cut_outlines if "glyf" in font else _redrawn)(font, had, HEAVY[weight])
        made.save(program)
    return Cut(program.getvalue(), had)


def _open(file: Path) -> Any:
    if file.suffix != ".ttc":
        return TTFont(file, lazy=True)
    for at in range(10):
        font = TTFont(file, fontNumber=at, lazy=True)
        if font["name"].getDebugName(1) == _SIMPLIFIED:
            return font
        font.close()
    raise FontMissing(f"{file.name} has no {_SIMPLIFIED}.")  # pragma: no cover - every edition of the collection has it


def _cut_outlines(font: Any, letters: frozenset[str], heavy: int) -> Any:
    """A TrueType font with its rules for joining letters kept, at one weight."""
    options = subset.Options()
    options.layout_features = ["*"]
    options.hinting = False
    options.notdef_outline = True
    chosen = subset.Subsetter(options)
    chosen.populate(text="".join(sorted(letters)))
    chosen.subset(font)
    if "fvar" not in font:
        return font
    at = {axis.axisTag: heavy if axis.axisTag == "wght" else axis.defaultValue for axis in font["fvar"].axes}
    return instancer.instantiateVariableFont(font, at, inplace=True)


def _redrawn(font: Any, letters: frozenset[str], heavy: int) -> Any:
    """A font with cubic outlines drawn again with quadratic ones. Chinese needs no joining, so no rules are lost."""
    known, glyphs = font.getBestCmap(), font.getGlyphSet(location={"wght": heavy} if "fvar" in font else None)
    names = [".notdef", *sorted({known[ord(letter)] for letter in letters})]
    outlines, metrics = {}, {}
    for name in names:
        pen = TTGlyphPen(None)
        glyphs[name].draw(Cu2QuPen(pen, 1.0, reverse_direction=True))
        outlines[name], metrics[name] = pen.glyph(), (round(glyphs[name].width), 0)
    built = FontBuilder(font["head"].unitsPerEm, isTTF=True)
    built.setupGlyphOrder(names)
    built.setupCharacterMap({ord(letter): known[ord(letter)] for letter in letters})
    built.setupGlyf(outlines)
    built.setupHorizontalMetrics(
        {
            name: (width, outlines[name].xMin if outlines[name].numberOfContours else 0)
            for name, (width, _) in metrics.items()
        }
    )
    built.setupHorizontalHeader(ascent=880, descent=-120)
    built.setupOS2()
    built.setupPost(keepGlyphNames=False)
    built.setupNameTable({"familyName": "Engage"})
    return built.font
