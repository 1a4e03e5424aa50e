"""Reading a message: folded tokens, and the way back from a token to where it stood in the original text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

import opencc

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_LETTERS = rf"[^\W_{_HAN}]+"
_SITES = r"\.(?:com|net|org|info|biz|top|xyz|shop|club|online|site|store|link|app|vip|ru|cn|ly)\b[^\s,;]*"
_MARKS = r"|[.!?…。！？؟\n]+|[,;:()—–،؛、，；：]|[$€£¥₹₽\u2600-\u27bf\U0001f000-\U0001faff]"
_WORD = rf"{_LETTERS}(?:['@$]{_LETTERS})*"  # "don't" and "b@g" are one word each
_URL = rf"https?:/+\S+|www\.\S+|{_LETTERS}(?:[-.@]{_LETTERS})*{_SITES}"
#: Three ways to the same tokens: the slowest only where there is an address, the fastest where all is ASCII. (Where
#: there are but letters and spaces, the tokens are what stands between the spaces.)
_WITH_ADDRESSES = re.compile(rf"{_URL}|{_WORD}|[{_HAN}]{_MARKS}")
_WITHOUT = re.compile(rf"{_WORD}|[{_HAN}]{_MARKS}")
_ASCII = re.compile(r"[a-z0-9]+(?:['@$][a-z0-9]+)*|[.!?\n]+|[,;:()$]")
#: The mark comes first: a search for a mark is quicker than one for a letter.
_HINTS_AT_ADDRESS = re.compile(rf":(?:(?<=http:)|(?<=https:))|\.(?<=www\.)|{_SITES}")
_ADDRESS = re.compile(rf"https?:|www\.|.*{_SITES}$")
_APOSTROPHES = "’ʼ‘`´＇′"
_KEPT_WITH_MARK = frozenset("йЙ")  # an own letter, not an accented one; the Russian stemmer needs it
_ARABIC_FORMS = str.maketrans({"ى": "ي", "ة": "ه", "ـ": "", "ک": "ك", "ی": "ي", "ٱ": "ا", "أ": "ا", "إ": "ا", "آ": "ا"})
_INVISIBLE = frozenset({"Mn", "Me", "Cf", "Cs"})
_SENTENCE_ENDS, _CLAUSE_ENDS = frozenset(".!?…。！？؟\n"), frozenset(",;:()—–،؛、，；：")
ADDRESS, QUESTION_MARK, NUMBER = "@", "?", "#"  # how an entry writes a web address, a question mark, any number


class _Folds(dict[int, str]):
    """Every character as it is compared: NFKC, casefolded, without accents, simplified; made when first met.

    `uneven` collects the characters that do not fold to exactly one: they move what stands after them.
    """

    def __init__(self) -> None:
        super().__init__({ord(mark): "'" for mark in _APOSTROPHES})
        self.uneven: set[str] = set()
        self.simplifier = opencc.OpenCC("t2s")

    def __missing__(self, point: int) -> str:
        character = chr(point)
        folded = self._fold(character)
        if len(folded) != 1:
            self.uneven.add(character)
        self[point] = folded
        return folded

    def _fold(self, character: str) -> str:
        if character in _KEPT_WITH_MARK:
            return "й"
        if character in "\r\t\x0b\x0c\x85\u2028\u2029":
            return "\n" if character in "\r\u2028\u2029" else " "
        compatible = unicodedata.normalize("NFKC", character).casefold()
        parts = unicodedata.normalize("NFKD", compatible)
        plain = "".join(c for c in parts if unicodedata.category(c) not in _INVISIBLE)
        if "\u3400" <= plain <= "\U00032000":
            plain = self.simplifier.convert(plain)
        return plain.translate(_ARABIC_FORMS)


_FOLDS = _Folds()


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as triage sees it: its tokens, and what is needed to find them again in the original."""

    text: str
    folded: str
    tokens: Sequence[str]

    def spans(self, wanted: Sequence[int]) -> dict[int, tuple[int, int]]:
        """Start and end, in characters of the original, of the tokens at these places; linear in the text's length."""
        starts = self._starts(max(wanted, default=-1) + 1)
        found = {place: (starts[place], starts[place] + len(self.tokens[place])) for place in wanted}
        if self.text.isascii() or (len(self.folded) == len(self.text) and _FOLDS.uneven.isdisjoint(self.text)):
            return found
        origins = _origins(self.text)
        return {place: (origins[start], origins[end - 1] + 1) for place, (start, end) in found.items()}

    def _starts(self, count: int) -> list[int]:
        """Where the first tokens begin in the folded text."""
        if " ".join(self.tokens) == self.folded:
            ends = accumulate(map(len, self.tokens[:count]))
            return [0, *(end + spaces for spaces, end in enumerate(ends, 1))]
        starts: list[int] = []
        at = 0
        for token in self.tokens[:count]:
            at = self.folded.index(token, at)
            starts.append(at)
            at += len(token)
        return starts


def _origins(text: str) -> list[int]:
    """For every character of the folded text the place in the original that it came from."""
    return [at for at, character in enumerate(text) for _ in _FOLDS[ord(character)]]


def fold(text: str) -> str:
    """The text as it is compared."""
    return text.lower() if text.isascii() and "`" not in text and "\r" not in text else text.translate(_FOLDS)


def read(text: str) -> Reading:
    """The tokens of a text, in order. Cost is linear in its length; any string is accepted.

    A token is a word, one Chinese character, an address, a mark that ends a sentence or a clause, or an emoji.
    """
    folded = fold(text)
    return Reading(text, folded, _tokens(folded))


def _tokens(folded: str) -> list[str]:
    if folded.isascii():
        if folded.replace(" ", "").isalnum():
            return folded.split()
        without = _ASCII
    else:
        without = _WITHOUT
    if ("." in folded or ":" in folded) and _HINTS_AT_ADDRESS.search(folded):
        return _WITH_ADDRESSES.findall(folded)
    return without.findall(folded)


def words_of(text: str) -> tuple[str, ...]:
    """The words of a lexicon entry, as they are met in messages; marks fall away."""
    return tuple(plain(token) for token in _tokens(fold(text)) if not breaks(token))


def breaks(token: str) -> int:
    """2 for a mark that ends a sentence, 1 for one that ends a clause, 0 for a word."""
    return 2 if token[0] in _SENTENCE_ENDS else 1 if token[0] in _CLAUSE_ENDS else 0


def plain(token: str) -> str:
    """The token as a word: apostrophes fall away."""
    return token.replace("'", "") if "'" in token else token


def is_address(token: str) -> bool:
    """Whether the token is a web address."""
    return ("." in token or ":" in token) and _ADDRESS.match(token) is not None


@lru_cache(maxsize=8192)
def script_of(character: str) -> str:
    """The script of a folded character: latin, cyrillic, arabic, han or other."""
    point = ord(character)
    if point < 0x0250:
        return "latin" if character.isalpha() else "other"
    for script, ranges in _SCRIPTS.items():
        if any(low <= point < high for low, high in ranges):
            return script
    return "other"


_SCRIPTS = {
    "cyrillic": ((0x0400, 0x0530),),
    "arabic": ((0x0600, 0x0780), (0x08A0, 0x0900)),
    "han": ((0x3400, 0xA000), (0xF900, 0xFB00), (0x20000, 0x32000)),
}
