"""Leanings, packed: which way words, their pieces and pairs, and pairs of concepts lean where no rule speaks.

A leaning is a line of text in `lexicon/leanings`. There are thousands, most of them small, so they are kept as plain
numbers and looked up by a digest of their key; `leaning.py` says what they mean in a message.
"""

from __future__ import annotations

import hashlib
import itertools
import struct
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from engage.triage.rules import CATEGORIES, SEVERITIES

CONCEPTS = "concepts"  # the name of the table that holds pairs of concepts, of no language
COLUMNS = (*CATEGORIES, *SEVERITIES)  # what a leaning can lean to
TENTHS, HUNDREDTHS = 10, 100  # weights are whole tenths, rarities whole hundredths: finer says nothing
_REMEMBERED = 40_000  # words and pairs; then the memory starts anew
_BITS = 32  # all weights of a leaning are kept in one number, so that adding up a message is one sum
_LANE, _ZERO = (1 << _BITS) - 1, 1 << (_BITS - 1)
_LANES = struct.Struct(f"<{len(COLUMNS)}I")
_ZEROES = sum(_ZERO << column * _BITS for column in range(len(COLUMNS)))  # lifts every column above nothing


class Row(NamedTuple):
    """What the leanings of some keys say together: all weights in one number, and their rarities' squares, added up."""

    weights: int
    squares: int


_SILENT = Row(0, 0)


class Line(NamedTuple):
    """One leaning: its key, how rare it is, in hundredths, and where it leans, in tenths, by places in COLUMNS."""

    key: str
    rarity: int
    weights: Mapping[int, int]


class Table:
    """The leanings of one language, packed: a hundred thousand of them as objects would take fifty megabytes."""

    def __init__(self, pieces: Sequence[int], lines: Iterable[Line]) -> None:
        self.pieces = tuple(pieces)
        ordered = sorted((_digest(line.key), line) for line in lines)
        self._keys = array("Q", [key for key, _ in ordered])
        self._rarities = array("H", [line.rarity for _, line in ordered])
        self._starts = array("I", [0, *itertools.accumulate(len(line.weights) for _, line in ordered)])
        self._columns = bytes(at for _, line in ordered for at in line.weights)
        self._weights = array("h", [weight for _, line in ordered for weight in line.weights.values()])
        self._memory: dict[tuple[str, ...], Row] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_memory": {}}

    def row(self, keys: tuple[str, ...]) -> Row:
        """What the leanings of these keys say together; remembered, since most words come again."""
        known = self._memory.get(keys)
        if known is None:
            if len(self._memory) >= _REMEMBERED:
                self._memory.clear()
            known = self._memory[keys] = self._added(keys)
        return known

    def _added(self, keys: tuple[str, ...]) -> Row:
        weights = squares = 0
        for key in keys:
            wanted = _digest(key)
            at = bisect_left(self._keys, wanted)
            if at < len(self._keys) and self._keys[at] == wanted:
                squares += self._rarities[at] ** 2
                for place in range(self._starts[at], self._starts[at + 1]):
                    weights += self._weights[place] << self._columns[place] * _BITS
        return Row(weights, squares) if squares else _SILENT


def _digest(key: str) -> int:
    """A number that stands for the key; two keys in 2^64 share one."""
    return int.from_bytes(hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=8).digest())


def unpacked(total: int) -> list[int]:
    """The sums of all columns, out of the one number that they are kept in."""
    return [lane - _ZERO for lane in _LANES.unpack((total + _ZEROES).to_bytes(_LANES.size, "little"))]


def ahead(total: int, column: int, rival: int) -> int:
    """The sum of one column, less that of its rival where this is more than nothing."""
    lifted = total + _ZEROES
    mine, other = lifted >> column * _BITS & _LANE, lifted >> rival * _BITS & _LANE
    return mine - (other if other > _ZERO else _ZERO)
