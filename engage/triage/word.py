"""What one token of a message may be, and the memory of those that were met."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from engage.triage.entries import Entries, Entry, Phrase

ANYWHERE = -1  # no label: the word may stand a few words on
REMEMBERED = 40_000  # words; then the memory starts anew


class Pair(NamedTuple):
    """What begins with two words: entries of these two, and phrases of more."""

    whole: list[Entry]
    longer: list[tuple[int, Phrase]]  # with the label of the third word, or ANYWHERE


class Word:
    """What a token of a message may be: the labels it answers to, and the entries to look for where it stands.

    Tokens that mean the same share one: a server keeps thousands of them.
    """

    __slots__ = (
        "breaks", "gapped", "labels", "live", "near", "pairs",
        "quality", "seconds", "shared", "singles", "sure", "votes",
    )  # fmt: skip

    def __init__(self, *, breaks: int = 0, votes: int = 0, quality: float = 1.0, sure: bool = True) -> None:
        self.breaks = breaks
        self.votes = votes
        self.quality = quality
        self.sure = sure  # whether it is a word as it is written, and not only guessed at
        self.shared = False  # whether other tokens are the same to us
        self.labels: frozenset[int] = frozenset()
        self.near: frozenset[int] | None = None  # what it may be a slip for, within a phrase; once asked for
        self.live = not sure  # whether there is anything to look for
        self.singles: tuple[Entry, ...] = ()
        self.pairs: dict[int, Pair] = {}  # by the label of the second word
        self.seconds: dict[int, list[Phrase]] | None = None  # it is the second word of, by the third; once asked for
        self.gapped: tuple[tuple[int, Phrase], ...] = ()  # with the label beyond the gap

    def answer_to(self, labels: Collection[int], entries: Entries) -> Word:
        """Take these labels and what the entries have for them."""
        self.labels = frozenset(labels)
        ordered = sorted(labels)
        self.singles = entries.singles(ordered)
        for phrase in entries.beginning(ordered):
            pair = self.pairs.setdefault(phrase.labels[1], Pair([], []))
            if len(phrase.labels) == 2:
                pair.whole.append(phrase.entry)
            else:
                pair.longer.append((ANYWHERE if phrase.gaps[2] else phrase.labels[2], phrase))
        self.gapped = tuple((phrase.beyond, phrase) for phrase in entries.anchored(ordered))
        self.live = bool(self.singles or self.pairs or self.gapped or not self.sure)
        return self


class Memory(dict[str, Word]):
    """The words that were met, by their tokens; made when first met, and begun anew when there are too many.

    What was only guessed at is kept apart: slips hardly come twice, and would crowd out the words that do.
    """

    def __init__(self, look_at: Callable[[str], Word]) -> None:
        super().__init__()
        self.look_at = look_at
        self.guessed: dict[str, Word] = {}

    def __missing__(self, token: str) -> Word:
        word = self.guessed.get(token)
        if word is None:
            word = self.look_at(token)
            kept = self if word.sure else self.guessed
            if len(kept) >= REMEMBERED:
                kept.clear()
            kept[token] = word
        return word
