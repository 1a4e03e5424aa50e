"""Setting the weights of the rules again from labelled messages: what goes in, what comes out, and how well it does."""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress
from typing import NamedTuple

from engage.triage.judge import argue, triage
from engage.triage.lexicon import Lexicon
from engage.triage.rules import CATEGORIES, SEVERITIES, RuleBook
from engage.triage.scoring import Case, Judged, judge_all
from engage.triage.weights import FOLDS, Rows, Solve, Track, book_with, weights_of

_ROUNDS = 8  # of counting failing cases more
_AT_FIRST = 4.0  # as many messages a case counts for in the first round
_MORE = 3.0  # times as many when it fails
_AT_MOST = 140.0


class Adjusted(NamedTuple):
    """The new rules, those fitted without each fold, and the cases that still fail."""

    book: RuleBook
    held: Sequence[RuleBook]
    failing: Sequence[Judged]


def untracked(things: Sequence[object], _: str) -> Iterable[object]:
    """Go over things and tell nobody how far it is."""
    return things


def apart_from(cases: Iterable[Case], others: Iterable[Case]) -> list[Case]:
    """The cases whose text is not among the others'."""
    texts = {case.text for case in others}
    return [case for case in cases if case.text not in texts]


def adjust(
    lexicon: Lexicon, messages: Sequence[Case], cases: Sequence[Case], ridge: float, solve: Solve, track: Track
) -> Adjusted:
    """Fit the weights to the messages, and to the cases, which count more and more until they pass or it is no use."""
    rows = rows_of([*messages, *cases], lexicon, track)
    prior = weights_of(lexicon.book)
    counts = [1.0] * len(messages) + [_AT_FIRST] * len(cases)
    for _ in range(_ROUNDS):
        fits = solve(_speaking(rows._replace(counts=counts)), prior, ridge, track)
        book = book_with(lexicon.book, fits.whole)
        judged = list(judge_all(cases, with_book(lexicon, book)))
        wrong = [at for at, one in enumerate(judged, len(messages)) if not passes(one)]
        helped = [at for at in wrong if rows.strengths[at] and counts[at] < _AT_MOST]
        if not helped:
            break
        for at in helped:
            counts[at] = min(_AT_MOST, counts[at] * _MORE)
    held = [book_with(lexicon.book, weights) for weights in fits.held]
    return Adjusted(book, held, [one for one in judged if not passes(one)])


def rows_of(cases: Sequence[Case], lexicon: Lexicon, track: Track) -> Rows:
    """Which rules speak in each message and how strongly, just as the judge hears them, and what they should say."""
    places = {id(rule): at for at, rule in enumerate(lexicon.book.rules)}
    arguments = [argue(case.text, lexicon) for case in track(cases, "reading")]
    return Rows(
        strengths=[[(places[id(fired.rule)], fired.strength) for fired in one.fired] for one in arguments],
        categories=[CATEGORIES.index(case.category) for case in cases],
        severities=[SEVERITIES.index(case.severity) for case in cases],
        folds=[fold_of(case) for case in cases],
        counts=[1.0] * len(cases),
        given=[one.leaning for one in arguments] if lexicon.leanings else (),
    )


def _speaking(rows: Rows) -> Rows:
    """The rows in which a rule speaks: of others the judge says the same whatever the weights."""
    heard = [bool(strengths) for strengths in rows.strengths]
    return Rows(
        strengths=list(compress(rows.strengths, heard)),
        categories=list(compress(rows.categories, heard)),
        severities=list(compress(rows.severities, heard)),
        folds=list(compress(rows.folds, heard)),
        counts=list(compress(rows.counts, heard)),
        given=list(compress(rows.given, heard)),
    )


def fold_of(case: Case) -> int:
    """The fold in which a message is held out: by its text, so that a message that comes twice is not in two."""
    return zlib.crc32(case.text.encode("utf-8", "replace")) % FOLDS


def passes(one: Judged) -> bool:
    """Whether category and severity are right; the language is no matter of weights."""
    return (one.finding.category, one.finding.severity) == (one.case.category, one.case.severity)


def with_book(lexicon: Lexicon, book: RuleBook) -> Lexicon:
    """The same words under other rules."""
    return dataclasses.replace(lexicon, book=book)


def judged_apart(cases: Iterable[Case], lexicon: Lexicon, held: Sequence[RuleBook]) -> Iterator[Judged]:
    """Every case with its finding under the weights that were fitted without it."""
    lexicons = [with_book(lexicon, book) for book in held]
    for case in cases:
        yield Judged(case, triage(case.text, lexicons[fold_of(case)]))
