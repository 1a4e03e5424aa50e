"""The words of the lexicon, and what is remembered about every word that was met: its labels, and what to look for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engage.triage.entries import Entries, Entry, Phrase
from engage.triage.spelling import Slips, disguised, in_cyrillic, unstretched
from engage.triage.stems import base_forms, joined_forms, stem
from engage.triage.text import ADDRESS, NUMBER, QUESTION_MARK, breaks, is_address, plain, script_of

SLIP = 0.8  # how much a misspelt word counts, against 1.0 for one as written
_LONG_ENOUGH = 5  # letters that a known word must have to be a slip for another one: "fire" is not "aire"
_CUT_FREE = 0.95  # a word that had to be cut free of its neighbours
_REMEMBERED = 40_000  # words; then the memory starts anew
_FUNCTION_WORD, _KNOWN_WORD, _LETTERS = 12, 4, 1  # votes for the language a word belongs to
_MIXED = {"fil": 2}  # where every other word is English, the words of one's own count so many times
_VOTE_BITS = 32  # votes of all languages are kept in one number, so that adding up a message is one sum
_CLITICS = frozenset({"s", "d", "m", "ll", "re", "ve", "t"})
_OTHER_WORDS = frozenset({"id", "ill", "well", "were", "shed", "hell", "shell", "wed", "its"})  # without the apostrophe
_SCRIPT_LANGUAGE = {"han": "zh", "arabic": "ar", "cyrillic": "ru"}
_HAN_VOTE, _SCRIPT_VOTE = 3, 8


class Word:
    """What a token of a message may be: the labels it answers to, and the entries to look for where it stands."""

    __slots__ = ("breaks", "labels", "near_labels", "pairs", "phrases", "quality", "singles", "text", "votes")

    def __init__(self, text: str) -> None:
        self.text = text
        self.breaks = 0
        self.labels: frozenset[int] = frozenset()
        self.near_labels: frozenset[int] | None = None  # what it may be a slip for, within a phrase; once asked for
        self.singles: tuple[Entry, ...] = ()
        self.pairs: Mapping[int, tuple[Phrase, ...]] = {}  # by the label of the next word
        self.phrases: tuple[Phrase, ...] = ()
        self.quality = 1.0
        self.votes = 0


@dataclass
class Words:
    """The labels of all languages and the entries they lead to.

    `labels` holds 'es:cuchill' for a single word by its stem (in English and Arabic by its base form), 'es~cuchill' for
    the same within phrases, and 'en=knife' for a word that must stand as written.
    """

    labels: dict[str, int]
    entries: Entries
    common: Mapping[str, frozenset[str]]
    known: Mapping[str, frozenset[str]]
    skip: Mapping[str, frozenset[str]]
    numbers: frozenset[str]
    spellings: Mapping[str, tuple[tuple[str, str], ...]]
    slips: Slips
    memory: dict[str, Word] = field(default_factory=dict)

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "memory": {}}

    def __post_init__(self) -> None:
        self.languages: tuple[str, ...] = tuple(sorted(self.common))
        self.by_script = {script: self._languages_of(script) for script in ("latin", "cyrillic", "arabic", "han")}

    def _languages_of(self, script: str) -> tuple[str, ...]:
        own = _SCRIPT_LANGUAGE.get(script)
        if own:
            return (own,) if own in self.languages else ()
        return tuple(name for name in self.languages if name not in _SCRIPT_LANGUAGE.values())

    def word(self, token: str) -> Word:
        """Everything about a token; remembered, since most words come again."""
        known = self.memory.get(token)
        if known is None:
            if len(self.memory) >= _REMEMBERED:
                self.memory.clear()
            known = self.memory[token] = self._look_at(token)
        return known

    def language(self, votes: int) -> str:
        """The language with the most votes; 'und' when none has any. Earlier in the alphabet wins a tie, but English
        comes first.
        """
        best, name = 0, "und"
        for at, language in enumerate(self.languages):
            count = (votes >> at * _VOTE_BITS) & ((1 << _VOTE_BITS) - 1)
            if count > best or (count == best and count and language == "en"):
                best, name = count, language
        return name

    def _look_at(self, token: str) -> Word:
        word = Word(token)
        if token.isalnum():
            labels = self._labels_of(token, word)
        elif is_address(token):
            labels = self._as_written(ADDRESS)
        elif word_breaks := breaks(token):
            word.breaks = word_breaks
            labels = self._as_written(QUESTION_MARK) if "?" in token or "؟" in token else set()
        else:
            labels = self._labels_of(plain(token), word) if plain(token) not in _OTHER_WORDS else set()
            labels |= self._clipped(token)
        if labels:
            word.labels = frozenset(labels)
            ordered = sorted(labels)
            word.singles = self.entries.singles(ordered)
            word.pairs = self.entries.pairs(ordered)
            word.phrases = self.entries.anchored(ordered)
        return word

    def _clipped(self, token: str) -> set[int]:
        """The labels of what stands before or behind an apostrophe: "he'll" is he, "l'homme" is homme."""
        before, _, behind = token.rpartition("'")
        part = before if behind in _CLITICS else behind
        return self._labels(part, script_of(part[0])) if part else set()

    def _as_written(self, word: str) -> set[int]:
        label = self.labels.get("=" + word)
        return set() if label is None else {label}

    def _labels_of(self, text: str, word: Word) -> set[int]:
        """The labels of the first reading of the word that has any; sets what the word is worth."""
        script = script_of(text[0])
        labels = self._labels(text, script)
        spelled = self.spellings.get(text, ())
        known = bool(spelled) or self._is_known(text, script)
        word.votes = self._votes(text, dict(spelled), script, bool(labels) or known)
        for language, meant in spelled:
            labels |= self._labels(meant, script_of(meant[0]), (language,))
        if text.isdigit() or text in self.numbers:
            return labels | self._as_written(NUMBER)
        if labels or known or script == "han":
            return labels
        for form, worth in self._readings(text, script):
            found = self._labels(form, script_of(form[0]))
            if found:
                word.quality = worth
                if script == "latin" and script_of(form[0]) == "cyrillic":
                    word.votes = self._ballot("ru", _SCRIPT_VOTE)
                return found
        return set()

    def _labels(self, text: str, script: str, languages: tuple[str, ...] | None = None) -> set[int]:
        """The labels of a word as it is written, in every language of its script, or in some of them."""
        labels = self.labels
        found: set[int] = set()
        for language in self.by_script.get(script, ()) if languages is None else languages:
            common = text in self.common[language]
            for base in (text,) if common else base_forms(language, text):
                label = labels.get(f"{language}:{base}")
                if label is not None:
                    found.add(label)
            for written in (f"{language}~{text if common else stem(language, text)}", f"{language}={text}"):
                label = labels.get(written)
                if label is not None:
                    found.add(label)
        return found

    def _is_known(self, text: str, script: str) -> bool:
        return any(text in self.known[name] or text in self.common[name] for name in self.by_script.get(script, ()))

    def _readings(self, text: str, script: str) -> Iterator[tuple[str, float]]:
        """What an unknown word may be, with what it is then worth; the likeliest first."""
        stretched = unstretched(text)
        for form in (*stretched, *disguised(text)):
            yield form, 1.0
        for language in self.by_script.get(script, ()):
            for form in joined_forms(language, text):
                yield form, _CUT_FREE
        for form in (text, *stretched):
            meant = self.slips.nearest(form)
            if meant is not None:
                yield meant, SLIP
                return  # whatever it was meant for, it is a slip, though perhaps for a word without a meaning here
        if script == "latin" and len(text) > 3 and "ru" in self.languages:
            yield in_cyrillic(text), SLIP

    def near(self, word: Word) -> frozenset[int]:
        """The labels of what the word may be a slip for, though it is a word itself; believed in a phrase only."""
        if word.near_labels is None:
            text = plain(word.text) if len(word.text) >= _LONG_ENOUGH else ""
            word.near_labels = frozenset(
                label
                for other in self.slips.near(text)
                for label in self._labels(other, script_of(other[0]))
                if label not in word.labels
            )
        return word.near_labels

    def _votes(self, text: str, spelled: Mapping[str, str], script: str, met: bool) -> int:
        """Votes of a word for the languages that have it, all in one number."""
        if script != "latin":
            own = _SCRIPT_LANGUAGE.get(script)
            return self._ballot(own, _HAN_VOTE if script == "han" else _SCRIPT_VOTE) if own else 0
        votes = self._ballot("en", _LETTERS) if len(text) > 1 else 0
        if not met:
            return votes
        latin = self.by_script["latin"]
        common = [name for name in latin if text in self.common[name] or spelled.get(name) in self.common[name]]
        others = [name for name in latin if text in self.known[name] or self._is_keyword(text, name)]
        for name in spelled:
            if name in _SCRIPT_LANGUAGE.values():  # Arabic or Russian in Latin letters
                votes += self._ballot(name, _SCRIPT_VOTE)
        for having, weight in ((common, _FUNCTION_WORD), (others, _KNOWN_WORD)):
            for name in having:
                votes += self._ballot(name, weight * _MIXED.get(name, 1) // len(having))
        return votes

    def belongs(self, text: str, language: str) -> bool:
        """Whether the word is one of that language, as far as its file tells."""
        return (
            text in self.common.get(language, ())
            or text in self.known.get(language, ())
            or self._is_keyword(text, language)
        )

    def _is_keyword(self, text: str, language: str) -> bool:
        return any(f"{language}:{base}" in self.labels for base in base_forms(language, text)) or (
            f"{language}~{stem(language, text)}" in self.labels
        )

    def _ballot(self, language: str, count: int) -> int:
        return count << self.languages.index(language) * _VOTE_BITS if language in self.languages else 0
