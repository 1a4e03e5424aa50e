"""The entries of the lexicon, packed: two hundred thousand of them as objects would take a hundred megabytes."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

WEAK = 0.5  # what a word marked with ~ counts


class Entry(NamedTuple):
    """One word or phrase of a language, the concept it stands for, and how much it counts (0 to 1)."""

    term: str
    concept: str
    language: str
    worth: float


class Phrase(NamedTuple):
    """An entry of several words: their labels in order, where a gap stands, and which of them it is looked up by."""

    labels: tuple[int, ...]
    gaps: tuple[bool, ...]  # whether a few words may stand before the label at that place
    anchor: int
    entry: Entry

    @property
    def beyond(self) -> int:
        """The label across the first gap from the anchor: it must stand somewhere in the message, slips or no slips."""
        return self.labels[0 if self.anchor else 1]


class Labelled(NamedTuple):
    """An entry with the labels of its words, before it is packed."""

    entry: Entry
    labels: tuple[int, ...]
    gaps: tuple[bool, ...]


class _Lists:
    """Lists of whole numbers by a whole number, packed one behind the other."""

    __slots__ = ("items", "starts")

    def __init__(self, lists: Sequence[Sequence[int]]) -> None:
        self.starts = array("I", [0, *accumulate(map(len, lists))])
        self.items = array("I", [item for some in lists for item in some])

    def __getitem__(self, at: int) -> Sequence[int]:
        return self.items[self.starts[at] : self.starts[at + 1]] if at + 1 < len(self.starts) else ()


class Entries:
    """All entries by the label they are looked up by: single words, phrases by their first word, phrases with a gap
    behind their first word by the rarest of their words.
    """

    def __init__(self, labelled: Sequence[Labelled], labels: int) -> None:
        entries = [one.entry for one in labelled]
        self._concepts = sorted({entry.concept for entry in entries})
        self._languages = sorted({entry.language for entry in entries})
        concept = {name: at for at, name in enumerate(self._concepts)}
        language = {name: at for at, name in enumerate(self._languages)}
        terms = [entry.term.encode() for entry in entries]
        self._terms = b"".join(terms)
        self._term_starts = array("I", [0, *accumulate(map(len, terms))])
        self._concept = array("H", [concept[entry.concept] for entry in entries])
        self._language = array("B", [language[entry.language] for entry in entries])
        self._weak = bytes(entry.worth < 1 for entry in entries)
        self._labels = _Lists([one.labels for one in labelled])
        self._gaps = array("H", [sum(gap << place for place, gap in enumerate(one.gaps)) for one in labelled])
        self._singles = _by_label(
            ((one.labels[0], at) for at, one in enumerate(labelled) if len(one.labels) == 1), labels
        )
        whole = [(one.labels[0], at) for at, one in enumerate(labelled) if len(one.labels) > 1 and not one.gaps[1]]
        self._firsts = _by_label(whole, labels)
        close = [at for at, one in enumerate(labelled) if len(one.labels) > 2 and not any(one.gaps[1:3])]
        self._seconds = _by_label(((labelled[at].labels[1], at) for at in close), labels)
        gapped = [at for at, one in enumerate(labelled) if len(one.labels) > 1 and one.gaps[1]]
        often: dict[int, int] = defaultdict(int)
        for at in gapped:
            for label in labelled[at].labels:
                often[label] += 1
        rarest = [(min(labelled[at].labels, key=often.__getitem__), at) for at in gapped]
        self._anchored = _by_label(rarest, labels)

    def __len__(self) -> int:
        return len(self._concept)

    def __iter__(self) -> Iterator[Entry]:
        return map(self.entry, range(len(self)))

    def entry(self, at: int) -> Entry:
        """The entry at a place."""
        start, end = self._term_starts[at], self._term_starts[at + 1]
        worth = WEAK if self._weak[at] else 1.0
        return Entry(
            self._terms[start:end].decode(),
            self._concepts[self._concept[at]],
            self._languages[self._language[at]],
            worth,
        )

    def singles(self, labels: Iterable[int]) -> tuple[Entry, ...]:
        """The entries of one word that answer to these labels."""
        return tuple(self.entry(at) for label in labels for at in self._singles[label])

    def beginning(self, labels: Iterable[int]) -> list[Phrase]:
        """The phrases that begin with a word of these labels, without a gap behind it."""
        return [self._phrase(at, 0) for label in labels for at in self._firsts[label]]

    def going_on(self, labels: Iterable[int]) -> list[Phrase]:
        """The phrases of three words and more whose second word has one of these labels, with no gap beside it."""
        return [self._phrase(at, 1) for label in labels for at in self._seconds[label]]

    def anchored(self, labels: Iterable[int]) -> list[Phrase]:
        """The phrases with a gap behind their first word that are looked up by a word of these labels."""
        return [
            self._phrase(at, list(self._labels[at]).index(label)) for label in labels for at in self._anchored[label]
        ]

    def _phrase(self, at: int, anchor: int) -> Phrase:
        labels, gaps = tuple(self._labels[at]), self._gaps[at]
        return Phrase(labels, tuple(bool(gaps >> place & 1) for place in range(len(labels))), anchor, self.entry(at))


def _by_label(pairs: Iterable[tuple[int, int]], labels: int) -> _Lists:
    lists: list[list[int]] = [[] for _ in range(labels)]
    for label, at in pairs:
        lists[label].append(at)
    return _Lists(lists)
