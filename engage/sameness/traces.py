"""The trace of a report: the terms of its meaning by which two reports of one event are known, in any language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

import yaml

from engage.taxonomy import Category
from engage.triage import Finding
from engage.triage.stems import stem
from engage.triage.text import fold, plain, read, words_of

_FILE = Path(__file__).with_name("things.yaml")
MOST_TERMS: Final = 24
LONGEST_TERM: Final = 40
_SHORTEST_WORD = 3
_SHORTEST_LATIN = 4
_LONG_WORD = 6
_WEIGHTS: Final = {"thing": 0.7, "colour": 0.5, "who": 0.35, "code": 0.8, "number": 0.3}
_ALARM: Final = "thing:alarm"
#: Terms of these kinds tell one person, thing or place from another where they differ.
DETAILS: Final = ("colour", "who", "code", "number")


@dataclass(frozen=True, slots=True)
class Trace:
    """What a report tells of: its language, its category, and its terms with the words that stood for them."""

    language: str
    category: Category
    terms: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Tongue:
    """Words of one language: the terms they stand for, by stem, and the stems that tell nothing."""

    terms: Mapping[str, str]
    skip: frozenset[str]
    phrases: Mapping[str, str]


def trace_of(text: str, finding: Finding | None) -> Trace:
    """The trace of a text and of what triage found in it; of a text without a finding only its words are known."""
    language = finding.language if finding else "und"
    tongue = _tongue(language if language in _languages() else "en")
    terms: dict[str, str] = {}
    covered: set[str] = set()
    for concept, written in sorted(finding.meant, key=_plainest) if finding else ():
        words = [stem(language, word) for word in words_of(written)]
        # Triage counts a ringing alarm as smoke; here the alarm is one thing and smoke that somebody sees another.
        if (concept in _concepts("telling") or concept in _concepts("hinting")) and _ALARM not in map(
            tongue.terms.get, words
        ):
            terms.setdefault(f"means:{concept}", written)
            covered.update(words)
    for term, written in _named(text, language, tongue):
        if kind_of(term) != "word" or term.partition(":")[2] not in covered:
            terms.setdefault(term[:LONGEST_TERM], written)
    kept = sorted(terms, key=lambda term: (-weight_of(term), -len(terms[term]), term))[:MOST_TERMS]
    category = finding.category if finding else Category.QUESTION_FEEDBACK
    return Trace(language, category, {term: terms[term] for term in kept})


def _plainest(meant: tuple[str, str]) -> tuple[bool, int, str]:
    """Of the entries for a concept the one without a gap, and the shortest, reads best."""
    return ".." in meant[1], len(meant[1]), meant[1]


@lru_cache(maxsize=65_536)
def kind_of(term: str) -> str:
    """What kind of term it is: means, thing, colour, who, code, number or word."""
    return term.partition(":")[0]


@lru_cache(maxsize=65_536)
def weight_of(term: str) -> float:
    """How much it tells that two reports share this term, from 0 to 1."""
    kind, _, name = term.partition(":")
    if kind == "means":
        return 1.0 if name in _concepts("telling") else 0.3
    if term == _ALARM:
        return 1.0
    if kind == "word":
        return 0.5 if len(name) >= _LONG_WORD or not name.isascii() else 0.35
    return _WEIGHTS[kind]


def _named(text: str, language: str, tongue: _Tongue) -> Iterator[tuple[str, str]]:
    """The terms of things, colours, people, codes, numbers and other words, each with how it was written."""
    folded = fold(text)
    for phrase, term in tongue.phrases.items():
        if phrase in folded:
            yield term, phrase
    for token in map(_unclipped, read(text).tokens):
        if token.isascii() and token.isalnum() and not token.isalpha():
            # Not int(): it refuses more than 4,300 digits.
            yield (f"number:{token.lstrip('0') or '0'}" if token.isdigit() else f"code:{token}"), token
        elif token.isalpha():
            yield from _word(token, language, tongue)


def _unclipped(token: str) -> str:
    """The word without what an apostrophe ties to it: "l'alarme" is alarme, "gate's" is gate."""
    before, _, behind = token.rpartition("'")
    return plain(before) if len(behind) < len(before) else behind


def _word(token: str, language: str, tongue: _Tongue) -> Iterator[tuple[str, str]]:
    root = stem(language, token)
    if term := tongue.terms.get(root) or tongue.terms.get(token):
        yield term, token
    elif len(token) >= (_SHORTEST_LATIN if token.isascii() else _SHORTEST_WORD) and root not in tongue.skip:
        yield f"word:{root}", token


@cache
def _things() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return found


@cache
def _concepts(which: str) -> frozenset[str]:
    return frozenset(str(_things()["concepts"][which]).split())


@cache
def _languages() -> frozenset[str]:
    return frozenset(_things()["skip"])


@cache
def _tongue(language: str) -> _Tongue:
    terms: dict[str, str] = {}
    phrases: dict[str, str] = {}
    for kind in ("thing", "colour", "who"):
        for name, words in _things()[kind].items():
            for word in str(words[language]).split():
                folded = fold(word.replace("-", " "))
                if language == "zh" or " " in folded:
                    phrases[folded] = f"{kind}:{name}"
                else:
                    terms[folded] = terms[stem(language, folded)] = f"{kind}:{name}"
    skipped = {plain(fold(word)) for word in str(_things()["skip"][language]).split()}
    return _Tongue(terms, frozenset({*skipped, *(stem(language, word) for word in skipped)}), phrases)
