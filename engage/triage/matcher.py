"""Finding the lexicon's words in a message: as written, inflected, or with a slip of the finger."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple

from engage.triage.entries import Entry, Phrase
from engage.triage.lexicon import Lexicon
from engage.triage.text import Reading, plain
from engage.triage.words import SLIP, Word, Words

_GAP = 3  # words that may stand in the gap of a phrase
_MIXES = {"fil": ("en", "es")}  # people who write the first also write words of the others
_SURE_LENGTH = 5  # letters; a shorter word of another language than the message's is chance
#: What stands inside a longer entry of these concepts says nothing: a fire exit is no fire.
_SILENCING = frozenset({"NEUTRAL", "FIGURE_OF_SPEECH", "PRACTICE", "ALL_CLEAR", "OVER"})
_HAN_WIDTH = 2  # Chinese characters count as one word
_votes = attrgetter("votes")


class Hit(NamedTuple):
    """An entry found in a message: tokens `first` to `last` (inclusive), where they stand, and 0 < quality <= 1."""

    first: int
    last: int
    entry: Entry
    quality: float
    place: float  # words before it
    clause: int  # breaks before it
    sentence: int

    @property
    def concept(self) -> str:
        """The concept that the entry stands for."""
        return self.entry.concept


class Found(NamedTuple):
    """What a message holds: its language, its words, and the entries found, ordered by place."""

    language: str
    words: Sequence[Word]
    hits: list[Hit]


def find_hits(reading: Reading, lexicon: Lexicon) -> Found:
    """All entries in the text, the longest where one lies over another. Cost is linear in the number of tokens."""
    words = lexicon.words
    memory = words.memory
    met = [memory.get(token) or words.word(token) for token in reading.tokens]
    language = words.language(sum(map(_votes, met)))
    skipped = words.skip.get(language, frozenset())
    kept = [at for at, word in enumerate(met) if word.text not in skipped] if skipped else range(len(met))
    raw = _Search(words, [met[at] for at in kept] if skipped else met).all()
    return Found(language, met, _placed(raw, met, kept, language, words) if raw else [])


_Raw = tuple[int, int, float, Entry]  # first, minus last, quality, entry


class _Search:
    """The search for entries in one message."""

    __slots__ = ("found", "lists", "words")

    def __init__(self, lists: Words, words: Sequence[Word]) -> None:
        self.lists, self.words = lists, words
        self.found: list[_Raw] = []

    def all(self) -> list[_Raw]:
        """Every entry whose words stand in the text, whatever else they lie in."""
        found, words = self.found, self.words
        last = len(words) - 1
        for at, word in enumerate(words):
            for entry in word.singles:
                found.append((at, -at, word.quality, entry))
            if word.pairs and at < last:
                self._pairs(word, words[at + 1], at)
            if word.phrases:
                self._note(word.phrases, at)
        return found

    def _pairs(self, word: Word, following: Word, at: int) -> None:
        pairs = word.pairs
        for label in following.labels:
            if label in pairs:
                self._note(pairs[label], at)
        for label in self.lists.near(following):
            if label in pairs:
                self._note([phrase for phrase in pairs[label] if len(phrase.labels) > 2], at)

    def _note(self, phrases: Sequence[Phrase], at: int) -> None:
        for phrase in phrases:
            stretch = self._stretch(phrase, at)
            if stretch:
                first, last, quality = stretch
                self.found.append((first, -last, quality, phrase.entry))

    def _stretch(self, phrase: Phrase, at: int) -> tuple[int, int, float] | None:
        """From where to where the phrase stands around its anchor, and how surely; None when it does not.

        One of its words may be a known word that is one slip away from the right one, if two others are right.
        """
        labels, gaps, anchor, entry = phrase
        room = _GAP * _HAN_WIDTH if entry.language == "zh" else _GAP
        words = self.words
        ends = [at, at]  # first and last word so far
        slips = 0
        quality = words[at].quality
        to_the_left, to_the_right = range(anchor - 1, -1, -1), range(anchor + 1, len(labels))
        for side, step, places in ((0, -1, to_the_left), (1, 1, to_the_right)):
            for place in places:
                found = self._next(labels[place], room * gaps[max(place, place - step)], ends[side], step)
                if found is None:
                    return None
                ends[side], slip = found
                slips += slip
                quality = min(quality, words[ends[side]].quality)
        first, last = ends
        if slips:
            return (first, last, SLIP) if slips == 1 and len(labels) > 2 else None
        return first, last, quality

    def _next(self, label: int, room: int, at: int, step: int) -> tuple[int, bool] | None:
        """Where the label stands next to `at`, or a few words on where there is a gap; and whether it is a slip."""
        words = self.words
        at += step
        if not 0 <= at < len(words):
            return None
        word = words[at]
        if label in word.labels:
            return at, False
        if not room:
            return (at, True) if label in self.lists.near(word) else None
        while word.breaks < 2 and room > 0:
            room -= 1
            at += step
            if not 0 <= at < len(words):
                return None
            word = words[at]
            if label in word.labels:
                return at, False
        return None


def _placed(raw: list[_Raw], met: Sequence[Word], kept: Sequence[int], language: str, lists: Words) -> list[Hit]:
    """The believable ones among the entries found, without those inside longer ones, with their places."""
    raw.sort(key=lambda one: (one[0], one[1], -one[2], one[3].concept))
    trusted = lists.languages if language == "und" else (language, *_MIXES.get(language, ()))
    marks = [at for at, word in enumerate(met) if word.breaks]
    ends = [at for at in marks if met[at].breaks > 1]
    width = 1 / _HAN_WIDTH if language == "zh" else 1.0
    hits: list[Hit] = []
    seen: set[tuple[int, int, str]] = set()
    reach, span = -1, (-1, -1)
    for first, minus_last, quality, entry in raw:
        last = -minus_last
        inside = last <= reach and (first, last) != span
        key = (first, last, entry.concept)
        if inside or key in seen:
            continue
        if entry.language not in trusted:
            stretch = [met[kept[at]] for at in range(first, last + 1)]
            if not _believable(entry, stretch, quality, language, lists):
                continue
        seen.add(key)
        if last > reach and entry.concept in _SILENCING:
            reach, span = last, (first, last)
        begin, end = kept[first], kept[last]
        place = (begin - bisect_left(marks, begin)) * width
        clause, sentence = bisect_left(marks, end), bisect_left(ends, end)
        hits.append(Hit(begin, end, entry, quality * entry.worth, place, clause, sentence))
    return hits


def _believable(entry: Entry, words: Sequence[Word], quality: float, language: str, lists: Words) -> bool:
    """Whether words of one language in a message of another are more than chance: written just so, and not its own."""
    if quality < 1.0:
        return False
    texts = [plain(word.text) for word in words]
    if any(lists.belongs(text, language) for text in texts):
        return False
    letters = sum(map(len, texts))
    return (letters >= _SURE_LENGTH or not texts[0].isascii()) and all(text in entry.term for text in texts)
