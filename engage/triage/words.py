"""The words of the lexicon, and what is remembered about every word that was met: its labels, and what to look for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from struct import Struct

from engage.triage.entries import Entries, Phrase
from engage.triage.spelling import Slips, cyrillic_readings, disguised, in_cyrillic, unstretched
from engage.triage.stems import joined_forms
from engage.triage.text import ADDRESS, NUMBER, QUESTION_MARK, breaks, is_address, plain, script_of
from engage.triage.tongues import Tongue
from engage.triage.word import REMEMBERED, Memory, Word

SLIP = 0.8  # how much a misspelt word counts, against 1.0 for one as written
_LONG_ENOUGH = 5  # letters that a known word must have to be a slip for another one: "fire" is not "aire"
_CUT_FREE = 0.95  # a word that had to be cut free of its neighbours
_FUNCTION_WORD, _KNOWN_WORD, _LETTERS = 12, 4, 1  # votes for the language a word belongs to
_MIXED = {"fil": 2}  # where every other word is English, the words of one's own count so many times
#: Votes of all languages, and behind them the number of marks, are kept in one number, so that adding up is one sum.
_VOTE_BITS = 32
_CLITICS = frozenset({"s", "d", "m", "ll", "re", "ve", "t"})
_OTHER_WORDS = frozenset({"id", "ill", "well", "were", "shed", "hell", "shell", "wed", "its"})  # without the apostrophe
_SCRIPT_LANGUAGE = {"han": "zh", "arabic": "ar", "cyrillic": "ru"}
_HAN_VOTE, _SCRIPT_VOTE, _DIGITS_VOTE = 3, 8, 24
#: Arabic in Latin letters writes the sounds that these lack as digits: "wa7ed", "3ala". Neither "3pm", "gr8" nor the
#: code of a poster is that.
_ARABIC_DIGITS = re.compile("(?=.*[aeiou])(?!(?:.*[0-9]){3})(?:[a-z]+[23579][a-z]{2,}[0-9]?[a-z]*|[379][a-z]{3,})")
_votes = attrgetter("votes")
_NONE: frozenset[int] = frozenset()


@dataclass
class Words:
    """The labels of all languages and the entries they lead to; `marks` has the labels of what is of no language."""

    tongues: Mapping[str, Tongue]  # in alphabetical order
    marks: Mapping[str, int]
    entries: Entries
    skip: Mapping[str, frozenset[str]]
    numbers: frozenset[str]
    spellings: Mapping[str, tuple[tuple[str, str], ...]]
    slips: Slips

    def __getstate__(self) -> dict[str, object]:
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self.__post_init__()

    def __post_init__(self) -> None:
        self.languages: tuple[str, ...] = tuple(self.tongues)
        self._by_script = {script: self._tongues_of(script) for script in ("latin", "cyrillic", "arabic", "han")}
        self._lanes = Struct(f"<{len(self.languages) + 1}I")
        self._mark = 1 << len(self.languages) * _VOTE_BITS
        self._latin_votes = self._ballot("en", _LETTERS)
        self.memory = Memory(self._look_at)
        self._guesses: dict[tuple[str, float, int, bool], Word] = {}
        self._near: dict[str, frozenset[int]] = {}

    def _tongues_of(self, script: str) -> tuple[Tongue, ...]:
        own = _SCRIPT_LANGUAGE.get(script)
        if own:
            return (self.tongues[own],) if own in self.tongues else ()
        return tuple(tongue for name, tongue in self.tongues.items() if name not in _SCRIPT_LANGUAGE.values())

    def tally(self, words: Iterable[Word]) -> tuple[str, bool]:
        """The language with the most votes, and whether there is a mark among the words.

        'und' when no language has any; earlier in the alphabet wins a tie, but English comes first.
        """
        votes = sum(map(_votes, words)).to_bytes(self._lanes.size, "little")
        *counts, marks = self._lanes.unpack(votes)
        most = max(counts, default=0)
        if not most:
            return "und", marks > 0
        english = "en" in self.tongues and counts[self.languages.index("en")] == most
        return "en" if english else self.languages[counts.index(most)], marks > 0

    def _look_at(self, token: str) -> Word:
        if token.isalnum():
            return self._of_letters(token)
        if is_address(token):
            return Word().answer_to(self._marked(ADDRESS), self.entries)
        if ends := breaks(token):
            asks = "?" in token or "؟" in token
            return Word(breaks=ends, votes=self._mark).answer_to(
                self._marked(QUESTION_MARK) if asks else (), self.entries
            )
        text, clipped = plain(token), self._clipped(token)
        word = Word() if text in _OTHER_WORDS else self._of_letters(text)
        if clipped <= word.labels:
            return word
        both = Word(votes=word.votes, quality=word.quality, sure=word.sure)
        return both.answer_to(clipped | word.labels, self.entries)

    def _clipped(self, token: str) -> set[int]:
        """The labels of what stands before or behind an apostrophe: "he'll" is he, "l'homme" is homme."""
        before, _, behind = token.rpartition("'")
        part = before if behind in _CLITICS else behind
        return self._labels(part, self._tongues_for(part)) if part else set()

    def _marked(self, form: str) -> set[int]:
        label = self.marks.get(form)
        return set() if label is None else {label}

    def _tongues_for(self, text: str) -> tuple[Tongue, ...]:
        return self._by_script.get(script_of(text[0]), ())

    def _of_letters(self, text: str) -> Word:
        """What a word of letters and digits is: as it is written if any language has it so, else what it is likely
        to have been meant for.
        """
        script = script_of(text[0])
        tongues = self._by_script.get(script, ())
        labels: set[int] = set()
        known = False
        for tongue in tongues:
            known |= tongue.look_up(text, labels)
        spelled = self.spellings.get(text, ())
        if not (labels or known or spelled or script == "han"):
            if text.isdigit() or text in self.numbers:
                return self._shared(NUMBER, 1.0, self._votes_of_script(text, script), sure=True)
            return self._guessed(text, script)
        votes = self._votes(text, dict(spelled), script)
        for language, meant in spelled:
            labels |= self._labels(meant, (self.tongues[language],))
        if text.isdigit() or text in self.numbers:
            labels |= self._marked(NUMBER)
        if not labels:
            return self._shared("", 1.0, votes, sure=True)
        return Word(votes=votes).answer_to(labels, self.entries)

    def _labels(self, text: str, tongues: Iterable[Tongue]) -> set[int]:
        """The labels of a word as it is written, in some languages."""
        found: set[int] = set()
        for tongue in tongues:
            tongue.look_up(text, found)
        return found

    def _guessed(self, text: str, script: str) -> Word:
        """What an unknown word may be: the first reading that has labels; a slip comes last, and ends the search,
        though the word that it was meant for may have no meaning here.
        """
        votes = self._votes_of_script(text, script)
        russian = self._ballot("ru", _SCRIPT_VOTE) if script == "latin" else votes
        stretched = unstretched(text)
        for form, worth in self._undone(text, stretched, script):
            word = self._shared(form, worth, russian if script_of(form[0]) == "cyrillic" else votes)
            if word.labels:
                return word
        doubtful = ""
        for form in (text, *stretched):
            meant, believed = self.slips.nearest(form)
            if believed:
                return self._shared(meant, SLIP, votes)
            doubtful = doubtful or meant
        if script == "latin" and len(text) > 3 and "ru" in self.tongues:
            word = self._shared(in_cyrillic(text), SLIP, russian)
            if word.labels:
                return word
        return self._shared(doubtful, SLIP if doubtful else 1.0, votes)

    def _undone(self, text: str, stretched: Sequence[str], script: str) -> Iterable[tuple[str, float]]:
        """The word without what was done to it on purpose, with what it is then worth; the likeliest first."""
        if not stretched and text.isascii() and text.isalpha():
            return ()
        found = [(form, 1.0) for form in (*stretched, *disguised(text))]
        if script == "arabic":
            found.extend((form, _CUT_FREE) for form in joined_forms("ar", text))
        return found

    def _shared(self, form: str, worth: float, votes: int, *, sure: bool = False) -> Word:
        """The one word for all tokens that are taken for this form; the one for "" where the form has no labels."""
        key = form, worth, votes, sure
        word = self._guesses.get(key)
        if word is None:
            if len(self._guesses) >= REMEMBERED:
                self._guesses.clear()
            labels = self._marked(form) or (self._labels(form, self._tongues_for(form)) if form else set())
            if labels or not form:
                word = Word(votes=votes, quality=worth, sure=sure).answer_to(labels, self.entries)
                word.shared = True
            else:
                word = self._shared("", 1.0, votes)
            self._guesses[key] = word
        return word

    def near(self, token: str, word: Word) -> frozenset[int]:
        """The labels of what the token may be a slip for, though it is a word itself; believed in a phrase only."""
        found = self._near.get(token)
        if found is None:
            likely = len(token) >= _LONG_ENOUGH or not word.sure
            found = self._labels_near(token) - word.labels if likely else _NONE
            if word.shared:
                self._near[token] = found
            else:
                word.near = found
        return found

    def _labels_near(self, token: str) -> frozenset[int]:
        if len(self._near) >= REMEMBERED:
            self._near.clear()
        near = self.slips.near(plain(token))
        return frozenset().union(*(self._labels(other, self._tongues_for(other)) for other in near))

    def seconds(self, word: Word) -> Mapping[int, Sequence[Phrase]]:
        """The phrases that the word may be the second of, by the label of the third word."""
        if word.seconds is None:
            word.seconds = {}
            for phrase in self.entries.going_on(sorted(word.labels)):
                word.seconds.setdefault(phrase.labels[2], []).append(phrase)
        return word.seconds

    def _votes_of_script(self, text: str, script: str) -> int:
        """Votes of a word that no language has."""
        if script == "latin":
            arabic = self._ballot("ar", _DIGITS_VOTE) if not text.isalpha() and _ARABIC_DIGITS.fullmatch(text) else 0
            return arabic + (self._latin_votes if len(text) > 1 else 0)
        own = _SCRIPT_LANGUAGE.get(script)
        return self._ballot(own, _HAN_VOTE if script == "han" else _SCRIPT_VOTE) if own else 0

    def _votes(self, text: str, spelled: Mapping[str, str], script: str) -> int:
        """Votes of a word for the languages that have it, all in one number."""
        votes = self._votes_of_script(text, script)
        if script != "latin":
            return votes
        latin = self._by_script["latin"]
        common = [one.language for one in latin if text in one.common or spelled.get(one.language) in one.common]
        others = [one.language for one in latin if text in one.known or one.has_entry(text)]
        for name in spelled:
            if name in _SCRIPT_LANGUAGE.values():  # Arabic or Russian in Latin letters
                votes += self._ballot(name, _SCRIPT_VOTE)
        for having, weight in ((common, _FUNCTION_WORD), (others, _KNOWN_WORD)):
            for name in having:
                votes += self._ballot(name, weight * _MIXED.get(name, 1) // len(having))
        return votes

    def in_own_letters(self, language: str, tokens: Sequence[str]) -> Sequence[str]:
        """A Russian message typed in Latin letters, in its own; the very tokens where that is not so."""
        if language != _SCRIPT_LANGUAGE["cyrillic"]:
            return tokens
        scripts = [script_of(token[0]) for token in tokens]
        if scripts.count("latin") <= scripts.count("cyrillic"):
            return tokens
        return [
            self._in_cyrillic(token) if script == "latin" and not is_address(token) else token
            for token, script in zip(tokens, scripts, strict=True)
        ]

    def _in_cyrillic(self, token: str) -> str:
        """The Russian word that the token is; a word of another language ("wifi") stays as it is."""
        russian = self.tongues["ru"]
        spelled = dict(self.spellings.get(token, ())).get("ru")
        if spelled and russian.has(spelled):
            return token
        readings = list(cyrillic_readings(token))
        own = next(filter(russian.has, readings), None)
        if own is None and any(tongue.has(token) for tongue in self._by_script["latin"]):
            return token
        return own or readings[0]

    def belongs(self, text: str, language: str) -> bool:
        """Whether the word is one of that language, as far as its file tells."""
        tongue = self.tongues.get(language)
        return tongue is not None and tongue.has(text)

    def _ballot(self, language: str, count: int) -> int:
        return count << self.languages.index(language) * _VOTE_BITS if language in self.languages else 0
