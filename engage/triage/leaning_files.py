"""Leanings as text: one line for each, readable by eye, written by `engage lexicon lean`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from engage.triage.leanings import COLUMNS, Line, Table
from engage.triage.nodes import LexiconError

FOLDER = "leanings"  # inside a lexicon's folder, with a file for each language
_HEAD = """\
# Which way words lean where no rule speaks of them; set by `engage lexicon lean` from labelled messages.
# A line: key, rarity in hundredths, and weights in tenths. A key is a word (its stem), two neighbours (^ begins a
# clause, $ ends it), ~ and a piece of a word (_ is its edge), Chinese characters in a row, or two concepts.
"""
_PARTS = 3


class Written(NamedTuple):
    """What stands in a file of leanings: the lengths of the pieces of words it speaks of, and its lines."""

    pieces: Sequence[int]
    lines: Sequence[Line]


def read_leanings(folder: Path) -> dict[str, Table]:
    """The leanings of all languages of a lexicon's folder; raises LexiconError with file, line and what is wrong."""
    tables = {}
    for path in sorted((folder / FOLDER).glob("*.txt")):
        written = read_file(path)
        tables[path.stem] = Table(written.pieces, written.lines)
    return tables


def read_file(path: Path) -> Written:
    """One file of leanings; raises LexiconError with file, line and what is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LexiconError(path.name, 1, f"cannot be read: {error}") from error
    codes: dict[str, int] = {}
    pieces: list[int] = []
    lines: dict[str, Line] = {}
    for number, row in enumerate(text.split("\n"), 1):
        try:
            if row.startswith("codes:"):
                codes = _codes(row)
            elif row.startswith("pieces:"):
                pieces = [int(size) for size in row.split()[1:]]
            elif row and not (row.startswith("# ") and "\t" not in row):  # "# a" is a key: a number, then "a"
                line = _line(row, codes)
                if line.key in lines:
                    raise ValueError(f"{line.key!r} comes twice")
                lines[line.key] = line
        except ValueError as error:
            raise LexiconError(path.name, number, str(error)) from error
    return Written(pieces, list(lines.values()))


def _codes(row: str) -> dict[str, int]:
    """`codes: wa=weapon_attack …`, as places in COLUMNS."""
    places: dict[str, int] = {word.value: at for at, word in enumerate(COLUMNS)}
    found = {}
    for pair in row.split()[1:]:
        code, _, name = pair.partition("=")
        if name not in places:
            raise ValueError(f"{name!r} is neither a category nor a severity")
        found[code] = places[name]
    return found


def _line(row: str, codes: Mapping[str, int]) -> Line:
    """`knif<tab>81<tab>wa+120 th-31`."""
    parts = row.split("\t")
    if len(parts) != _PARTS or not parts[0]:
        raise ValueError(f"expected a key, a rarity and weights, divided by tabs, found {row!r}")
    weights = {}
    for said in parts[2].split():
        code, number = said[:2], said[2:]
        if code not in codes or number[:1] not in ("+", "-"):
            raise ValueError(f"expected a code and a number with its sign, found {said!r}")
        weights[codes[code]] = int(number)
    rarity = int(parts[1])
    if not 0 < rarity < 1 << 16 or any(abs(weight) >= 1 << 15 for weight in weights.values()):
        raise ValueError(f"a number is out of bounds in {row!r}")
    return Line(parts[0], rarity, weights)


def write_leanings(folder: Path, files: Mapping[str, Written], meanwhile: Callable[[], None]) -> None:
    """Put these in the place of all files of leanings. They are written beside them, then `meanwhile` is done, which
    may raise, and only when all that went well do they take their places.
    """
    home = folder / FOLDER
    home.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".half.", dir=home) as half:
        for name, written in files.items():
            path = Path(half) / f"{name}.txt"
            path.write_text(text_of(written), encoding="utf-8", newline="\n")
            if read_file(path).lines != sorted(written.lines):
                raise LexiconError(path.name, 1, "would not say what it should")
        meanwhile()
        for name in files:
            os.replace(Path(half) / f"{name}.txt", home / f"{name}.txt")
    for path in home.glob("*.txt"):
        if path.stem not in files:
            path.unlink()


def text_of(written: Written) -> str:
    """The file as text, sorted, so that two settings can be compared line by line."""
    codes = _own_codes()
    head = [_HEAD + "codes: " + " ".join(f"{code}={word.value}" for code, word in zip(codes, COLUMNS, strict=True))]
    if written.pieces:
        head.append("pieces: " + " ".join(map(str, written.pieces)))
    return "\n".join([*head, *_rows(written.lines, codes), ""])


def _rows(lines: Iterable[Line], codes: Sequence[str]) -> Iterator[str]:
    for line in sorted(lines):
        ordered = sorted(line.weights.items(), key=lambda pair: (-abs(pair[1]), pair[0]))
        yield f"{line.key}\t{line.rarity}\t" + " ".join(f"{codes[at]}{weight:+d}" for at, weight in ordered)


def _own_codes() -> list[str]:
    """Two letters for every column: its first, and the first of its later ones that no other has taken."""
    codes: list[str] = []
    for word in COLUMNS:
        first, rest = word.value[0], word.value.replace("_", "")[1:]
        codes.append(next(first + letter for letter in rest if first + letter not in codes))
    return codes
