"""Reading a message: folded words that remember where they stood in the original text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_APOSTROPHES = frozenset("'’ʼ‘`´＇")
_ELISIONS = frozenset({"l", "d", "j", "m", "t", "s", "n", "c", "qu", "jusqu", "lorsqu", "puisqu"})
_BREAKS = frozenset('.,;:!?…()\n\r。,、;:!?؟،؛«»"“”')
_STRONG_BREAKS = frozenset(".!?\n…。!?؟")
_KEPT_WITH_MARK = frozenset("йЙ")  # an own letter, not an accented one; the Russian stemmer needs it
_ARABIC_FORMS = str.maketrans({"ى": "ي", "ة": "ه", "ـ": "", "ک": "ك", "ی": "ي", "ٱ": "ا"})
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_HAN_WIDTH = 0.5  # two Chinese characters count as one word when distances are measured


@dataclass(frozen=True, slots=True)
class Token:
    """One word (or one Chinese character): folded `word`, offsets in the original, and where it stands.

    `place` counts words from the start of the text; `clause` and `sentence` count breaks before it.
    """

    word: str
    start: int
    end: int
    script: str  # latin, cyrillic, arabic, han or other
    place: float
    clause: int
    sentence: int


@lru_cache(maxsize=4096)
def fold_character(character: str) -> str:
    """One character as it is compared: NFKC, casefolded, without accents; '' for marks and invisible characters."""
    if character in _KEPT_WITH_MARK:
        return "й"
    compatible = unicodedata.normalize("NFKC", character).casefold()
    parts = unicodedata.normalize("NFKD", compatible)
    plain = "".join(c for c in parts if unicodedata.category(c) not in {"Mn", "Me", "Cf", "Cs", "Cc"})
    return plain.translate(_ARABIC_FORMS)


@lru_cache(maxsize=4096)
def script_of(character: str) -> str:
    """The script a folded character belongs to: latin, cyrillic, arabic, han or other."""
    point = ord(character)
    if point < 0x0250:
        return "latin" if character.isalpha() else "other"
    if 0x0400 <= point < 0x0530:
        return "cyrillic"
    if 0x0600 <= point < 0x0780 or 0x08A0 <= point < 0x0900:
        return "arabic"
    if 0x3400 <= point < 0xA000 or 0xF900 <= point < 0xFB00 or 0x20000 <= point < 0x32000:
        return "han"
    return "other"


def unstretched(word: str) -> tuple[str, ...]:
    """What a word with letters held down may have been: 'heeelp' gives 'heelp' and 'help'; () when none is held."""
    twice = _STRETCHED.sub(r"\1\1", word)
    return () if twice == word else (twice, _STRETCHED.sub(r"\1", word))


class _Reader:
    """Collects tokens while walking once over the text."""

    def __init__(self) -> None:
        self.tokens: list[Token] = []
        self.letters: list[str] = []
        self.start = self.end = 0
        self.place = 0.0
        self.clause = self.sentence = 0

    def take(self, folded: str, at: int) -> None:
        if not self.letters:
            self.start = at
        self.letters.append(folded)
        self.end = at + 1

    def close(self) -> None:
        if self.letters:
            word = "".join(self.letters)
            self._add(word, self.start, self.end, script_of(word[0]), 1.0)
            self.letters.clear()

    def single(self, folded: str, at: int) -> None:
        self.close()
        self._add(folded, at, at + 1, "han", _HAN_WIDTH)

    def _add(self, word: str, start: int, end: int, script: str, width: float) -> None:
        self.tokens.append(Token(word, start, end, script, self.place, self.clause, self.sentence))
        self.place += width

    def punctuation(self, character: str) -> None:
        self.close()
        self.clause += character in _BREAKS
        self.sentence += character in _STRONG_BREAKS

    def apostrophe(self) -> None:
        if "".join(self.letters) in _ELISIONS:
            self.close()


def read(text: str) -> tuple[Token, ...]:
    """The tokens of a text, in order. Cost is linear in its length; any string is accepted.

    Chinese characters are one token each; `text[token.start:token.end]` is always what was written.
    """
    reader = _Reader()
    for at, character in enumerate(text):
        folded = fold_character(character)
        if character in _APOSTROPHES:
            reader.apostrophe()
        elif not folded:
            if unicodedata.category(character) == "Cc":
                reader.punctuation(character)
        elif script_of(folded[0]) == "han":
            reader.single(folded, at)
        elif folded[0].isalnum():
            reader.take(folded, at)
        else:
            reader.punctuation(character)
    reader.close()
    return tuple(reader.tokens)
