"""The weights of a rule book as plain rows of numbers that can be fitted, and a rule book made of them again."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from engage.taxonomy import Category, Severity
from engage.triage.leaning import Leaning
from engage.triage.rules import CATEGORIES, SEVERITIES, Rule, RuleBook

FOLDS = 5  # parts of the messages, each held out in turn
PLACES = 2  # decimals of a weight in `rules.yaml`
_LEAST = 0.1  # a weight nearer to nothing is left out of a rule
_SAID: tuple[Category | Severity, ...] = (*CATEGORIES, *SEVERITIES)


class Weights(NamedTuple):
    """All weights of a rule book, in the order of its rules, of CATEGORIES and of SEVERITIES."""

    categories: Sequence[Sequence[float]]  # a row for each rule
    start: Sequence[float]
    severities: Sequence[Sequence[float]]  # a row for each rule
    usual: Sequence[Sequence[float]]  # a row for each category


class Rows(NamedTuple):
    """Labelled messages as numbers, one of each for every message."""

    strengths: Sequence[Sequence[tuple[int, float]]]  # the places of the rules that speak in it, and how strongly
    categories: Sequence[int]  # the place of the right one in CATEGORIES
    severities: Sequence[int]  # the place of the right one in SEVERITIES
    folds: Sequence[int]  # which fold it is held out in
    counts: Sequence[float]  # as how many messages it counts
    given: Sequence[Leaning] = ()  # what leanings say in it, which stays as it is; () where there are none


class Fits(NamedTuple):
    """The weights fitted without each of the folds in turn, and those fitted on everything."""

    held: Sequence[Weights]
    whole: Weights


#: Goes over things, telling by the name how far it is.
Track = Callable[[Sequence[Any], str], Iterable[Any]]
#: Fits weights to rows, around the weights given; the larger the number, the nearer to them.
Solve = Callable[[Rows, Weights, float, Track], Fits]


class Change(NamedTuple):
    """A weight that is not what it was."""

    where: str
    word: Category | Severity
    before: float
    after: float


def weights_of(book: RuleBook) -> Weights:
    """The weights of a rule book as rows."""
    return Weights(
        categories=[[rule.says.get(word, 0.0) for word in CATEGORIES] for rule in book.rules],
        start=book.starts,
        severities=[[rule.says.get(word, 0.0) for word in SEVERITIES] for rule in book.rules],
        usual=[[book.usual[word].get(severity, 0.0) for severity in SEVERITIES] for word in CATEGORIES],
    )


def book_with(book: RuleBook, weights: Weights) -> RuleBook:
    """The rule book with other weights, rounded as they will be written: what is measured is what is kept."""
    rows = zip(book.rules, weights.categories, weights.severities, strict=True)
    return dataclasses.replace(
        book,
        rules=tuple(_rule_with(rule, [*categories, *severities]) for rule, categories, severities in rows),
        start={word: _rounded(value) for word, value in zip(CATEGORIES, weights.start, strict=True)},
        usual={
            word: {severity: _rounded(value) for severity, value in zip(SEVERITIES, row, strict=True)}
            for word, row in zip(CATEGORIES, weights.usual, strict=True)
        },
    )


def _rule_with(rule: Rule, row: Sequence[float]) -> Rule:
    """The rule with other weights, the strongest first and severities last; the rule itself when none is another."""
    new = dict(zip(_SAID, map(_rounded, row), strict=True))
    if all(value == _rounded(rule.says.get(word, 0.0)) for word, value in new.items()):
        return rule
    kept = {word: value for word, value in new.items() if abs(value) >= _LEAST}
    if not kept:  # a rule must say something, be it nothing much
        strongest = max(new, key=lambda word: abs(new[word]))
        kept = {strongest: new[strongest]}
    categories = sorted((word for word in kept if isinstance(word, Category)), key=lambda word: -abs(kept[word]))
    severities = [word for word in kept if isinstance(word, Severity)]
    ordered: list[Category | Severity] = [*categories, *severities]
    return dataclasses.replace(rule, says={word: kept[word] for word in ordered})


def _rounded(value: float) -> float:
    return round(value, PLACES) + 0.0  # -0.0 becomes 0.0


def changes(before: RuleBook, after: RuleBook) -> list[Change]:
    """Every weight that is another in the second rule book, the largest changes first."""
    found = []
    for (where, was), (_, now) in zip(_everything(before), _everything(after), strict=True):
        for word in _SAID:
            old, new = was.get(word, 0.0), now.get(word, 0.0)
            if _rounded(old) != _rounded(new):
                found.append(Change(where, word, old, new))
    return sorted(found, key=lambda one: (-abs(one.after - one.before), one.where, one.word))


def how_many(book: RuleBook) -> int:
    """How many weights stand in a rule book."""
    return sum(len(said) for _, said in _everything(book))


def _everything(book: RuleBook) -> Iterator[tuple[str, dict[Category | Severity, float]]]:
    """Every part of a rule book that holds weights, by name."""
    yield "start", dict(book.start.items())
    for category in CATEGORIES:
        yield f"usual {category}", dict(book.usual[category].items())
    for rule in book.rules:
        yield rule.slug, dict(rule.says)
