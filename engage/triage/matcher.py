"""Finding the lexicon's words in a message: as written, inflected, or with a slip of the finger."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import partial
from operator import attrgetter, itemgetter
from typing import NamedTuple

from engage.triage.entries import Entry, Phrase
from engage.triage.lexicon import Lexicon
from engage.triage.text import Reading, plain
from engage.triage.word import ANYWHERE, Pair, Word
from engage.triage.words import SLIP, Words

_GAP = 3  # words that may stand in the gap of a phrase
_MIXES = {"fil": ("en", "es")}  # people who write the first also write words of the others
_SURE_LENGTH = 5  # letters; a shorter word of another language than the message's is chance
#: What stands inside a longer entry of these concepts says nothing: a fire exit is no fire.
_SILENCING = frozenset({"NEUTRAL", "FIGURE_OF_SPEECH", "PRACTICE", "ALL_CLEAR", "OVER"})
_HAN_WIDTH = 2  # Chinese characters count as one word
_labels = attrgetter("labels")


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


_hit = partial(tuple.__new__, Hit)  # twice as quick as Hit(...), and a message has a dozen


class Found(NamedTuple):
    """What a message holds: its language, its words, and the entries found, ordered by place."""

    language: str
    tokens: Sequence[str]  # those of the text, or what they were taken for: Russian typed in Latin letters is Russian
    words: Sequence[Word]
    hits: list[Hit]


def find_hits(reading: Reading, lexicon: Lexicon) -> Found:
    """All entries in the text, the longest where one lies over another. Cost is linear in the number of tokens."""
    words, tokens = lexicon.words, reading.tokens
    met = list(map(words.memory.__getitem__, tokens))
    language, marked = words.tally(met)
    own = words.in_own_letters(language, tokens)
    if own is not tokens:
        tokens = own
        met = list(map(words.memory.__getitem__, tokens))
    skipped = words.skip.get(language)
    if skipped and not skipped.isdisjoint(tokens):
        kept: Sequence[int] = [at for at, token in enumerate(tokens) if token not in skipped]
        raw = _Search(words, [met[at] for at in kept], [tokens[at] for at in kept]).all()
    else:
        kept = range(len(met))
        raw = _Search(words, met, tokens).all()
    breaks = _breaks(met) if marked else ([], [])
    return Found(language, tokens, met, _placed(raw, breaks, tokens, kept, language, words) if raw else [])


_Raw = tuple[int, int, float, str, Entry]  # first, minus last, minus quality, concept, entry
_in_order = itemgetter(0, 1, 2, 3)


class _Search:
    """The search for entries in one message."""

    __slots__ = ("found", "lists", "tokens", "words")

    def __init__(self, lists: Words, words: Sequence[Word], tokens: Sequence[str]) -> None:
        self.lists, self.words, self.tokens = lists, words, tokens
        self.found: list[_Raw] = []

    def all(self) -> list[_Raw]:
        """Every entry whose words stand in the text, whatever else they lie in."""
        found, words = self.found, self.words
        last = len(words) - 1
        present: frozenset[int] | None = None
        for at, word in enumerate(words):
            if not word.live:
                continue
            for entry in word.singles:
                found.append((at, -at, -word.quality, entry.concept, entry))
            if word.pairs and at < last:
                self._pairs(word.pairs, at)
            if not word.sure and at + 1 < last and words[at + 1].labels and words[at + 2].labels:
                self._behind_a_slip(at)
            if word.gapped:
                if present is None:
                    present = frozenset().union(*map(_labels, words))
                for label, phrase in word.gapped:
                    if label in present:
                        self._note(phrase, at)
        return found

    def _pairs(self, pairs: Mapping[int, Pair], at: int) -> None:
        """What begins with this word and the next one; of longer phrases the next word may be a slip."""
        words = self.words
        for label in words[at + 1].labels:
            if label in pairs:
                whole, longer = pairs[label]
                for entry in whole:
                    quality = min(words[at].quality, words[at + 1].quality)
                    self.found.append((at, -at - 1, -quality, entry.concept, entry))
                if longer and at + 2 < len(words):
                    self._by_third(longer, at)
        near = self._near(at + 1)
        if near and at + 2 < len(words):
            for label in near:
                if label in pairs:
                    self._by_third(pairs[label].longer, at)

    def _behind_a_slip(self, at: int) -> None:
        """The phrases whose second and third word stand behind this one, if it may be a slip for their first."""
        seconds = self.lists.seconds(self.words[at + 1])
        for label in self.words[at + 2].labels:
            for phrase in seconds.get(label, ()):
                if phrase.labels[0] in self._near(at):
                    self._note(phrase, at + 1)

    def _by_third(self, phrases: Sequence[tuple[int, Phrase]], at: int) -> None:
        """Those whose third word stands there, too: it alone tells most of them apart."""
        labels, near = self.words[at + 2].labels, self._near(at + 2)
        for third, phrase in phrases:
            if third in labels or third == ANYWHERE or third in near:
                self._note(phrase, at)

    def _near(self, at: int) -> frozenset[int]:
        near = self.words[at].near
        return self.lists.near(self.tokens[at], self.words[at]) if near is None else near

    def _note(self, phrase: Phrase, at: int) -> None:
        stretch = self._stretch(phrase, at)
        if stretch:
            first, last, quality = stretch
            self.found.append((first, -last, -quality, phrase.entry.concept, phrase.entry))

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
            return (at, True) if label in self._near(at) else None
        while word.breaks < 2 and room > 0:
            room -= 1
            at += step
            if not 0 <= at < len(words):
                return None
            word = words[at]
            if label in word.labels:
                return at, False
        return None


def _placed(
    raw: list[_Raw],
    breaks: tuple[list[int], list[int]],
    tokens: Sequence[str],
    kept: Sequence[int],
    language: str,
    lists: Words,
) -> list[Hit]:
    """The believable ones among the entries found, without those inside longer ones, with their places."""
    raw.sort(key=_in_order)
    trusted = lists.languages if language == "und" else (language, *_MIXES.get(language, ()))
    marks, ends = breaks
    width = 1 / _HAN_WIDTH if language == "zh" else 1.0
    hits: list[Hit] = []
    seen: set[tuple[int, int, str]] = set()
    reach, span = -1, (-1, -1)
    for first, minus_last, minus_quality, concept, entry in raw:
        last = -minus_last
        key = (first, last, concept)
        if (last <= reach and (first, last) != span) or key in seen:
            continue
        begin, end = kept[first], kept[last]
        if entry.language not in trusted:
            stretch = [tokens[at] for at in kept[first : last + 1]]
            if minus_quality > -1.0 or not _believable(entry, stretch, language, lists):
                continue
        seen.add(key)
        if last > reach and concept in _SILENCING:
            reach, span = last, (first, last)
        clause, sentence = bisect_left(marks, end), bisect_left(ends, end)
        place = (begin - (clause if begin == end else bisect_left(marks, begin))) * width
        hits.append(_hit((begin, end, entry, -minus_quality * entry.worth, place, clause, sentence)))
    return hits


def _breaks(met: Sequence[Word]) -> tuple[list[int], list[int]]:
    """The places of the marks that end a clause or a sentence, and of those that end a sentence."""
    marks = [at for at, word in enumerate(met) if word.breaks]
    return marks, [at for at in marks if met[at].breaks > 1]


def _believable(entry: Entry, tokens: Sequence[str], language: str, lists: Words) -> bool:
    """Whether words of one language in a message of another are more than chance: written just so, and not its own."""
    texts = [plain(token) for token in tokens]
    long_enough = sum(map(len, texts)) >= _SURE_LENGTH or not texts[0].isascii()
    if not long_enough or not all(text in entry.term for text in texts):
        return False
    return not any(lists.belongs(text, language) for text in texts)
