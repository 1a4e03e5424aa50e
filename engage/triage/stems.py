"""Words without their inflection: Snowball where it has the language, light rules of our own for Arabic, Filipino."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import Any

import snowballstemmer

_SNOWBALL = {"en": "english", "es": "spanish", "fr": "french", "pt": "portuguese", "ru": "russian"}
#: Languages whose single words are compared by more than their stems.
CLOSER_RULES = ("en", "ar")
_SHORTEST = 4  # letters; shorter words have no ending to lose
_own = threading.local()  # a snowball stemmer holds the word it works on, so threads must not share one

_ARABIC_FRONT = ("وال", "بال", "كال", "فال", "لل", "ال")
_ARABIC_BACK = ("ها", "ان", "ات", "ون", "ين", "يه", "هم", "نا", "ه", "ي", "و")
_ARABIC_LETTERS = (
    "و",
    "ف",
    "ب",
    "ل",
    "ك",
    "ع",
    "ح",
    "ه",
)  # and, then, with, to, like, on, will: written with the next word

_FILIPINO_FRONT = (
    "pinagpa", "nakikipag", "makikipag", "nagsi", "pinag", "ipinag", "nakaka", "makaka", "nagpa", "magpa", "nakipag",
    "ipina", "napaka", "pinaka", "naka", "maka", "nagka", "magka", "mang", "nang", "nag", "mag", "pag", "ipa", "ika",
    "na", "ma", "pa", "ka", "ni", "i",
)  # fmt: skip
_FILIPINO_BACK = ("hang", "han", "hin", "ang", "ing", "an", "in", "ng")
_DOUBLED = re.compile(r"^([bcdfghjklmnpqrstvwxyz]?[aeiou])\1")
_INFIX = re.compile(r"^([bcdfghklmnprstwy]?)(um|in)([aeiou].{2,})")


def stem(language: str, word: str) -> str:
    """The word without its inflection in that language; the word itself where there is no rule for it.

    Source: the Snowball algorithms; for Arabic the affixes of Larkey's "light10" stemmer.
    """
    if len(word) < _SHORTEST or word.isdigit():
        return word
    name = _SNOWBALL.get(language)
    if name is None:
        return _arabic(word) if language == "ar" else _filipino(word) if language == "fil" else word
    stemmers: dict[str, Any] = _own.__dict__
    if name not in stemmers:
        stemmers[name] = snowballstemmer.stemmer(name)
    found: str = stemmers[name].stemWord(word)
    return found


def base_forms(language: str, word: str) -> Iterator[str]:
    """What a single word may be an inflected form of, itself first: the stem where the language has no closer rules.

    Single words are compared by these, phrases by their stems: a stemmer takes "casing" for "case" and "officer" for
    "office", which a second word beside it rules out and nothing else does.
    """
    if language == "ar":
        yield from _arabic_bases(word)
        return
    if language != "en":
        yield stem(language, word)
        return
    yield word
    if len(word) < _SHORTEST:
        return
    if word.endswith("in") and len(word) > 4:  # "shootin"
        word += "g"
        yield word
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        yield word[:-1]
        if word.endswith(("ses", "shes", "ches", "xes", "zes", "oes")):
            yield word[:-2]
        if word.endswith("ies"):
            yield word[:-3] + "y"
    elif word.endswith("ied"):
        yield word[:-3] + "y"
    elif word.endswith("ed") and len(word) > 4:
        yield from _without(word, 2)
    elif word.endswith("ing") and len(word) > 5:
        yield from _without(word, 3)


def _without(word: str, ending: int) -> Iterator[str]:
    """A verb without its ending: "grabbed" is grab, "pulled" pull, "waved" wave."""
    bare = word[:-ending]
    yield bare
    yield bare + "e"
    if len(bare) > 3 and bare[-1] == bare[-2]:
        yield bare[:-1]


def joined_forms(language: str, word: str) -> Iterator[str]:
    """What is left of a word when the small words written together with it are taken off; Arabic only."""
    if language != "ar":
        return
    for front in _ARABIC_LETTERS:
        rest = word.removeprefix(front)
        if rest != word and len(rest) >= 3:
            yield rest
            yield from (rest.removeprefix(more) for more in ("ال", "ب", "ل") if rest.startswith(more) and len(rest) > 4)
    if word.startswith("م") and word.endswith("ش") and len(word) > 4:  # the Egyptian "ma ... sh": not
        yield word[1:-1]


def _arabic_bases(word: str) -> Iterator[str]:
    """The word, without what is written together with it before, behind, and both."""
    yield word
    fronts = [
        word.removeprefix(front) for front in _ARABIC_FRONT if word.startswith(front) and len(word) > len(front) + 1
    ]
    if word.startswith("و") and len(word) > 4:
        fronts.append(word[1:])
    yield from fronts
    for form in (word, *fronts):
        for back in _ARABIC_BACK:
            if form.endswith(back) and len(form) - len(back) >= 3:
                yield form.removesuffix(back)


def _arabic(word: str) -> str:
    if word.startswith("و") and len(word) > 4:
        word = word[1:]
    for front in _ARABIC_FRONT:
        if word.startswith(front) and len(word) - len(front) >= 2:
            word = word.removeprefix(front)
            break
    for back in _ARABIC_BACK:
        if word.endswith(back) and len(word) - len(back) >= 3:
            return word.removesuffix(back)
    return word


def _filipino(word: str) -> str:
    for front in _FILIPINO_FRONT:
        if word.startswith(front) and len(word) - len(front) >= 4:
            word = word.removeprefix(front)
            break
    infixed = _INFIX.match(word)
    if infixed and len(word) > 5:
        word = infixed[1] + infixed[3]
    doubled = _DOUBLED.match(word)
    if doubled and len(word) > 5:
        word = word[len(doubled[1]) :]
    for back in _FILIPINO_BACK:
        if word.endswith(back) and len(word) - len(back) >= 4:
            return word.removesuffix(back)
    return word
