"""Finding the lexicon's words in a message: as written, inflected, or with a slip of the finger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from engage.triage.lexicon import Branch, Entry, Lexicon, deletes, typo_room
from engage.triage.text import Token, unstretched

_BY_SCRIPT = {"han": "zh", "arabic": "ar", "cyrillic": "ru"}
_SLIP = 0.8  # how much a misspelt word counts, against 1.0 for one as written
_MIXES = {"fil": "en"}  # people who write the first also write words of the second
_LONGEST_WORD = 24  # letters; longer ones are not searched for typos
_FUNCTION_WORD, _KNOWN_WORD = 8, 3  # votes of a word for the language it belongs to
_SURE_LENGTH = 4  # a shorter word of another language than the message's is chance


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry found in the text: tokens `first` to `last` (inclusive), offsets in the original, 0 < quality <= 1."""

    entry: Entry
    first: int
    last: int
    start: int
    end: int
    place: float
    clause: int
    sentence: int
    quality: float

    @property
    def concept(self) -> str:
        """The concept that the entry stands for."""
        return self.entry.concept


def language_of(tokens: Sequence[Token], lexicon: Lexicon) -> str:
    """The language most words belong to; 'und' when there are no letters."""
    votes: Counter[str] = Counter()
    for token in tokens:
        if token.script == "latin":
            _vote(votes, lexicon.function_words.get(token.word, ()), _FUNCTION_WORD)
            _vote(votes, lexicon.known.get(token.word, ()), _KNOWN_WORD)
            votes["en"] += len(token.word) > 1
        elif token.script in _BY_SCRIPT:
            votes[_BY_SCRIPT[token.script]] += 4
    # two Chinese characters are one word, hence half the votes each
    votes["zh"] //= 2
    return max(votes, key=lambda name: votes[name]) if any(votes.values()) else "und"


def _vote(votes: Counter[str], languages: Collection[str], weight: int) -> None:
    """A word of several languages says less about each."""
    for language in languages:
        votes[language] += weight // len(languages)


def find_hits(tokens: Sequence[Token], lexicon: Lexicon, language: str) -> list[Hit]:
    """All entries in the text, the longest where several lie over one another, ordered by place."""
    names = [language] if language not in _MIXES else [language, _MIXES[language]]
    forms = [_forms(token, lexicon, names) for token in tokens]
    walk = _Walk(tokens, forms, lexicon.skipped)
    walk.all_from(lexicon.root)
    for name in names:
        tongue = lexicon.tongue(name)
        stems = [[(tongue.stem(form), worth) for form, worth in some] for some in forms]
        walk = _Walk(tokens, stems, lexicon.skipped, walk.found)
        walk.all_from(tongue.inflected.root)
    return _longest([hit for hit in walk.found if _believable(hit, tokens, lexicon, language)])


class _Walk:
    """A walk over the tokens that notes every entry it comes by."""

    def __init__(
        self,
        tokens: Sequence[Token],
        labels: Sequence[list[tuple[str, float]]],
        skipped: set[str],
        found: Sequence[Hit] = (),
    ) -> None:
        self.tokens, self.labels, self.skipped = tokens, labels, skipped
        self.found: list[Hit] = list(found)

    def all_from(self, root: Branch) -> None:
        """Start a walk down the tree at every token."""
        for first, labels in enumerate(self.labels):
            for label, worth in labels:
                step = root.steps.get(label)
                if step is not None:
                    self._arrive(step, first, first, worth)

    def _arrive(self, step: Branch, first: int, at: int, quality: float) -> None:
        for entry in step.entries:
            self.found.append(_hit(entry, first, at, quality, self.tokens))
        if step.steps:
            self._go_on(step, first, at + 1, quality)

    def _go_on(self, branch: Branch, first: int, at: int, quality: float) -> None:
        """Follow every spelling of the token at `at` down the tree; depth is bounded by the longest phrase."""
        if at >= len(self.tokens) or self.tokens[at].sentence != self.tokens[first].sentence:
            return
        for label, worth in self.labels[at]:
            step = branch.steps.get(label)
            if step is not None:
                self._arrive(step, first, at, min(quality, worth))
        if self.tokens[at].word in self.skipped and self.tokens[at - 1].word not in self.skipped:
            self._go_on(branch, first, at + 1, quality)


def _hit(entry: Entry, first: int, last: int, quality: float, kept: Sequence[Token]) -> Hit:
    head = kept[first]
    return Hit(
        entry, first, last, head.start, kept[last].end, head.place, kept[last].clause, kept[last].sentence, quality
    )


def _forms(token: Token, lexicon: Lexicon, names: Sequence[str]) -> list[tuple[str, float]]:
    """Every word the token may stand for, with its worth; as written first."""
    word = lexicon.spellings.get(token.word, token.word)
    forms = [(form, 1.0) for form in (word, *unstretched(word))]
    if any(form in lexicon.known or _is_inflected(form, lexicon, names) for form, _ in forms):
        return forms
    return forms + (_completed(word, lexicon) or _corrected(word, lexicon, names))


def _is_inflected(word: str, lexicon: Lexicon, names: Sequence[str]) -> bool:
    return any(tongue.stem(word) in tongue.inflected.stems for tongue in map(lexicon.tongue, names))


def _completed(word: str, lexicon: Lexicon) -> list[tuple[str, float]]:
    """The word with a clipped ending restored ('shakin' -> 'shaking')."""
    for clipped, whole in lexicon.endings.items():
        if word.endswith(clipped) and len(word) > len(clipped) + 2:
            return [(word.removesuffix(clipped) + whole, 1.0)]
    return []


def _corrected(word: str, lexicon: Lexicon, names: Sequence[str]) -> list[tuple[str, float]]:
    """The keywords that the word is a slip of the finger away from; a known word never is."""
    room = typo_room(word)
    if not room or len(word) > _LONGEST_WORD or not word.isalpha():
        return []
    near: list[tuple[int, str]] = []
    for name in names:
        misspelt = lexicon.tongue(name).inflected.misspelt
        for keyword in {keyword for shorter in deletes(word) for keyword in misspelt.get(shorter, ())}:
            apart = OSA.distance(word, keyword, score_cutoff=room)
            if apart <= min(room, typo_room(keyword)) and keyword[0] == word[0]:
                near.append((apart, keyword))
    return [(keyword, _SLIP) for apart, keyword in sorted(near) if apart == min(near)[0]]


def _believable(hit: Hit, kept: Sequence[Token], lexicon: Lexicon, language: str) -> bool:
    """Whether a word of one language in a message of another is more than chance."""
    own = hit.entry.language
    if own == language or own == _MIXES.get(language) or language == "und":
        return True
    words = [kept[at].word for at in range(hit.first, hit.last + 1)]
    if len(words) == 1 and len(words[0]) < _SURE_LENGTH and kept[hit.first].script == "latin":
        return False
    return not all(language in lexicon.known.get(word, ()) for word in words)


def _longest(found: list[Hit]) -> list[Hit]:
    """Drop every hit that lies inside a longer one: 'fire exit' says nothing about a fire."""
    found.sort(key=lambda hit: (hit.first, -hit.last, -hit.quality))
    kept: list[Hit] = []
    seen: set[tuple[int, int, str]] = set()
    reach, span = -1, (-1, -1)
    for hit in found:
        key = (hit.first, hit.last, hit.concept)
        inside = hit.last <= reach and (hit.first, hit.last) != span
        if inside or key in seen:
            continue
        seen.add(key)
        kept.append(hit)
        if hit.last > reach:
            reach, span = hit.last, (hit.first, hit.last)
    return kept
