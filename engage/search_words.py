"""The words by which a case is found: made by ourselves, so that every database finds the same cases for them.

A text is folded as triage folds it: letter case, accents and the forms of Arabic letters do not matter. Words of Latin,
Cyrillic and Arabic script are kept as they stand, an Arabic one also without its article; Chinese, which has no spaces,
as single characters and pairs of neighbours. A reference or poster code is one word however it is typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from engage.base32 import check_character, is_written, plain
from engage.triage.text import Reading, fold

LONGEST_WORD = 40  # characters; what is longer is cut, in what is kept as in what is asked
MOST_ASKED = 12
LONGEST_QUESTION = 2000  # characters that are read of what was typed
SHORTEST_BEGINNING = 2  # the last word of a question is the beginning of one, from here on
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_TOKEN = re.compile(rf"[^\W_{_HAN}]+(?:'[^\W_{_HAN}]+)*|[{_HAN}]")
_IS_HAN = re.compile(f"[{_HAN}]")
#: Dashes tell a reference from "en train a", which is French; without any, its parts are words as well.
_REFERENCE = re.compile(r"(?<![^\W_])en[-–—]([0-9a-z]{4,7})[-–—]([0-9a-z])(?![^\W_])", re.ASCII)
CODE_LENGTH, LONGEST_CODE = 5, 8
_ARTICLE = "ال"
_LEAST_WITH_ARTICLE = 5


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that a case must have: any of these words or, where `begins`, any word that begins with one."""

    words: tuple[str, ...]
    begins: bool = False

    def fits(self, word: str) -> bool:
        """Whether a word of a text is meant."""
        return any(word.startswith(one) if self.begins else word == one for one in self.words)


def words_of(text: str) -> set[str]:
    """Every word by which a text is found."""
    folded = fold(text)
    found = {word for token in _TOKEN.findall(folded) for word in _kept_as(token)}
    found.update(pair for run in re.findall(f"[{_HAN}]{{2,}}", folded) for pair in _pairs(run))
    found.update(word for match in _REFERENCE.finditer(folded) for word in _of_reference(match))
    return found


def asked(question: str) -> tuple[Term, ...]:
    """What a question asks for: a case must have all of it. Any text is a question; one without words asks nothing."""
    folded = fold(question[:LONGEST_QUESTION])
    found: list[tuple[int, Term]] = [
        (match.start(), Term((f"en{_plain(match[1] + match[2])}",))) for match in _REFERENCE.finditer(folded)
    ]
    rest = _REFERENCE.sub(lambda match: " " * len(match[0]), folded)
    last = len(rest.rstrip())
    for match in re.finditer(rf"[{_HAN}]+|{_TOKEN.pattern}", rest):
        if _IS_HAN.match(match[0]):
            found += [(match.start(), Term((word,))) for word in _pairs(match[0]) or [match[0]]]
        else:
            words = tuple(sorted({*_kept_as(match[0]), *_as_code(match[0])}))
            begins = match.end() == last and len(min(words, key=len)) >= SHORTEST_BEGINNING
            found.append((match.start(), Term(words, begins)))
    terms = dict.fromkeys(term for _, term in sorted(found, key=lambda one: one[0]))
    return tuple(terms)[:MOST_ASKED]


def spans(text: str, terms: Sequence[Term]) -> list[tuple[int, int]]:
    """Where in a text the words of a question stand, as start and end in characters; in order, never overlapping."""
    folded = fold(text)
    tokens = _TOKEN.findall(folded)
    wanted = sorted(set(_places(tokens, terms)))
    found = Reading(text, folded, tokens).spans(wanted)
    merged: list[tuple[int, int]] = []
    for start, end in (found[place] for place in wanted):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _places(tokens: Sequence[str], terms: Sequence[Term]) -> Iterator[int]:
    for place, token in enumerate(tokens):
        words = _kept_as(token)
        if any(term.fits(word) for term in terms for word in words):
            yield place
        if place and _IS_HAN.match(token) and _IS_HAN.match(tokens[place - 1]):
            pair = tokens[place - 1] + token
            if any(term.fits(pair) for term in terms):
                yield from (place - 1, place)
    for term in terms:
        yield from _references(tokens, term)


def _references(tokens: Sequence[str], term: Term) -> Iterator[int]:
    """The three tokens of a reference, such as `en`, `7k2p` and `4`."""
    for place in range(len(tokens) - 2):
        three = tokens[place : place + 3]
        if three[0] == "en" and f"en{_plain(three[1] + three[2])}" in term.words:
            yield from range(place, place + 3)


def _kept_as(token: str) -> list[str]:
    word = token.replace("'", "")[:LONGEST_WORD]
    if word.startswith(_ARTICLE) and len(word) >= _LEAST_WITH_ARTICLE:
        return [word, word.removeprefix(_ARTICLE)]
    return [word]


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]


def _of_reference(match: re.Match[str]) -> Iterable[str]:
    own = _plain(match[1] + match[2])
    return f"en{own}", own


def _as_code(token: str) -> list[str]:
    """A poster code, or a reference without its dashes, as it is kept, from one with O for 0 or I and L for 1."""
    code = plain(token) if token.isascii() else ""
    own = code.removeprefix("EN") if len(code) > CODE_LENGTH else code
    fits = len(own) >= CODE_LENGTH and is_written(own) and check_character(own[:-1]) == own[-1]
    return [code.lower()] if fits and len(own) <= LONGEST_CODE else []


def _plain(typed: str) -> str:
    return plain(typed).lower()
