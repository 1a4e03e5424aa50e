"""How a message leans: the leanings of its words, of pairs of neighbours and of pairs of concepts, added up.

Thousands of leanings are too small to be argued about one by one, so each message divides what they say by their common
length: the more there are, the less each of them counts.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from engage.triage.leanings import COLUMNS, CONCEPTS, HUNDREDTHS, TENTHS, Table, ahead, unpacked
from engage.triage.matcher import Found, Hit
from engage.triage.rules import CATEGORIES, SEVERITIES
from engage.triage.stems import stem
from engage.triage.text import is_address, plain
from engage.triage.weighing import Fired

_LEAST_STRENGTH = 0.2  # a concept that is said less strongly is not paired with others
_MOST_CONCEPTS = 24  # that are paired with one another: bounds the cost of a message that says everything
_REMEMBERED = 20_000  # words
_BEGIN, _END, _EDGE, _PIECE = "^", "$", "_", "~"
_DIVISOR = TENTHS / HUNDREDTHS
_HAN_MOST = 4  # characters that are looked at together


class Part(NamedTuple):
    """A stretch of a message that leanings may speak of: tokens `first` to `last`, and the keys to look up."""

    first: int
    last: int
    term: str
    keys: tuple[str, ...]


class Spoken(NamedTuple):
    """One stretch of a message whose leanings say something, or a pair of hits."""

    first: int
    last: int
    term: str
    weights: int
    divisor: float
    hits: tuple[Hit, ...] = ()

    def ahead(self, column: int, rival: int) -> float:
        """What it says for a category and against its rival, by their places in COLUMNS."""
        return ahead(self.weights, column, rival) / self.divisor


class Leaning(NamedTuple):
    """What all leanings in a message say: of categories, of severities, and which stretches said it."""

    categories: Sequence[float]
    severities: Sequence[float]
    spoken: Sequence[Spoken]


SILENT = Leaning([0.0] * len(CATEGORIES), [0.0] * len(SEVERITIES), ())


def lean(tables: Mapping[str, Table], found: Found, tokens: Sequence[str], fired: Sequence[Fired]) -> Leaning:
    """What the leanings in a message say; its cost is linear in the number of words."""
    table, pairs = tables.get(found.language), tables.get(CONCEPTS)
    spoken = _spoken_words(table, parts_of(found, tokens, table.pieces)) if table else []
    if pairs:
        spoken += _spoken_pairs(pairs, fired)
    if not spoken:
        return SILENT
    scores = [0.0] * len(COLUMNS)
    for divisor, some in itertools.groupby(spoken, key=lambda one: one.divisor):
        for at, weight in enumerate(unpacked(sum(one.weights for one in some))):
            scores[at] += weight / divisor
    return Leaning(scores[: len(CATEGORIES)], scores[len(CATEGORIES) :], spoken)


def _spoken_words(table: Table, parts: Iterable[Part]) -> list[Spoken]:
    row = table.row
    rows = [(part, row(part.keys)) for part in parts]
    divisor = math.sqrt(sum(row.squares for _, row in rows)) * _DIVISOR
    return [Spoken(part.first, part.last, part.term, row.weights, divisor) for part, row in rows if row.squares]


def _spoken_pairs(table: Table, fired: Sequence[Fired]) -> list[Spoken]:
    rows = [(key, table.row((key,)), hits) for key, hits in concept_pairs(fired)]
    divisor = math.sqrt(sum(row.squares for _, row, _ in rows)) * _DIVISOR
    return [
        Spoken(hits[0].first, hits[0].last, key, row.weights, divisor, hits) for key, row, hits in rows if row.squares
    ]


def concept_pairs(fired: Sequence[Fired]) -> Iterator[tuple[str, tuple[Hit, ...]]]:
    """Every two concepts that stand in the message, as one key, with the first hit of each."""
    alone = sorted(
        (next(iter(one.rule.slots[0])), one.hits[0])
        for one in fired
        if one.rule.is_alone and one.strength > _LEAST_STRENGTH
    )
    for (one, hit), (other, next_hit) in itertools.combinations(alone[:_MOST_CONCEPTS], 2):
        yield f"{one} {other}", (hit, next_hit)


def parts_of(message: Found, tokens: Sequence[str], pieces: tuple[int, ...]) -> list[Part]:
    """The words of a message and its pairs of neighbours, each once, where it comes first."""
    found: dict[str, Part] = {}
    run: list[tuple[int, str]] = []
    language = message.language
    for at, (word, token) in enumerate(zip(message.words, tokens, strict=True)):
        if word.breaks:
            _end(found, run, language)
            run = []
            continue
        text = _text_of(token)
        keys = _keys_of(language, text, pieces)
        run.append((at, keys[0]))
        if language != "zh" and f" {text}" not in found:
            found[f" {text}"] = Part(at, at, text, keys)
    _end(found, run, language)
    return list(found.values())


@lru_cache(maxsize=_REMEMBERED)
def _keys_of(language: str, text: str, pieces: tuple[int, ...]) -> tuple[str, ...]:
    """The stem of a word, and its pieces of these lengths, its edges counting as a letter."""
    edged = f"{_EDGE}{text}{_EDGE}"
    found = {edged[at : at + size] for size in pieces for at in range(len(edged) - size + 1)}
    return (text if language == "zh" else stem(language, text), *(_PIECE + piece for piece in sorted(found)))


@lru_cache(maxsize=_REMEMBERED)
def _text_of(token: str) -> str:
    """The word as leanings know it: an address is @ and what has a digit in it #, lest numbers of people be kept."""
    if is_address(token):
        return "@"
    text = plain(token)
    return text if text.isalpha() or not any(map(str.isdigit, text)) else "#"


def _end(found: dict[str, Part], run: Sequence[tuple[int, str]], language: str) -> None:
    """Add the pairs of a run of words between two marks; in Chinese, up to four characters in a row."""
    if not run:
        return
    if language == "zh":
        for size in range(1, _HAN_MOST + 1):
            for at in range(len(run) - size + 1):
                key = "".join(text for _, text in run[at : at + size])
                found.setdefault(key, Part(run[at][0], run[at + size - 1][0], key, (key,)))
        return
    edged = [(run[0][0], _BEGIN), *run, (run[-1][0], _END)]
    for (first, one), (last, other) in itertools.pairwise(edged):
        key = f"{one} {other}"
        found.setdefault(key, Part(first, last, key, (key,)))
