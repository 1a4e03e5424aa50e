"""Setting leanings and rule weights together from labelled messages: which leanings are worth having, the new files.

Rule weights begin from nothing here: those of now have met the messages, and leave too little for leanings to learn.
"""

from __future__ import annotations

import dataclasses
import math
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from engage.triage.adjusting import passes
from engage.triage.judge import Argument, argue
from engage.triage.leaning import concept_pairs, parts_of
from engage.triage.leaning_files import Written
from engage.triage.leanings import CONCEPTS, HUNDREDTHS, TENTHS, Line, Table
from engage.triage.lexicon import Lexicon
from engage.triage.rules import CATEGORIES, SEVERITIES, RuleBook
from engage.triage.scoring import Case, Judged, judge_all
from engage.triage.weights import FOLDS, Track, Weights, book_with

#: Chinese has characters: elsewhere pieces of words are worth their room.
PIECES: Mapping[str, tuple[int, ...]] = {"zh": ()}
_OTHERS = (3, 4)
_FEWEST_MESSAGES, _FEWEST_WRITERS = 3, 2  # that a word must occur in: what one person writes once is no leaning
_FEWEST_PAIRS = 5  # messages that a pair of concepts must occur in
_WORDS_SAY, _PAIRS_SAY = 3.0, 1.3  # how loudly all words of a message speak, and all its pairs of concepts
_RARITY = 20  # hundredths of rarity for each time that messages without the word outnumber those with it by e
_SMALLEST, _LARGEST = 3, 32_767  # tenths of a weight that are kept
_ROUNDS, _AT_FIRST, _MORE, _AT_MOST = 8, 4.0, 3.0, 140.0  # of counting failing cases more, as in adjusting.py

Key = tuple[str, str]  # the language, or CONCEPTS, and what a file of leanings calls it


class Sample(NamedTuple):
    """Labelled messages as numbers, one of each for every message."""

    strengths: Sequence[Sequence[tuple[int, float]]]  # the places of the rules that speak in it, and how strongly
    leanings: Sequence[Sequence[tuple[int, float]]]  # the places of the leanings in it, and how strongly
    rarities: Sequence[float]  # of every leaning there is
    categories: Sequence[int]
    severities: Sequence[int]
    folds: Sequence[int]
    counts: Sequence[float]  # as how many messages it counts


class Setting(NamedTuple):
    """The weights of rules, and of leanings by column, in the order of the sample."""

    weights: Weights
    leanings: Sequence[Mapping[int, float]]


class Settings(NamedTuple):
    """What was set without each of the folds in turn, and what was set on everything."""

    held: Sequence[Setting]
    whole: Setting


#: Sets weights from a sample: told how many rules there are, and how often each case counts as it comes.
Solve = Callable[[Sample, int, Track], Settings]


class Lean(NamedTuple):
    """New rules and leanings, those set without each fold, and the cases that still fail."""

    lexicon: Lexicon
    files: Mapping[str, Written]
    held: Sequence[Lexicon]
    failing: Sequence[Judged]


def set_leanings(
    lexicon: Lexicon, messages: Sequence[Case], cases: Sequence[Case], solve: Solve, again: Solve, track: Track
) -> Lean:
    """Set rules and leanings on the messages, and on the cases, which count more until they pass or it is no use.

    `again` sets only the whole, beginning where `solve` ended.
    """
    arguments = [argue(case.text, lexicon) for case in track([*messages, *cases], "reading")]
    keys = [_keys(one) for one in arguments]
    chosen = _chosen([*messages, *cases], keys)
    sample = _sample(lexicon, [*messages, *cases], arguments, keys, chosen)
    counts = [1.0] * len(messages) + [_AT_FIRST] * len(cases)
    rules = len(lexicon.book.rules)
    done = solve(sample._replace(counts=counts), rules, track)
    held = [_lexicon(lexicon, one, chosen)[0] for one in done.held]
    whole = done.whole
    for left in range(_ROUNDS, -1, -1):
        new, files = _lexicon(lexicon, whole, chosen)
        judged = list(judge_all(cases, new))
        failing = [(at, one) for at, one in enumerate(judged, len(messages)) if not passes(one)]
        helped = [at for at, _ in failing if counts[at] < _AT_MOST]
        if not helped or not left:
            break
        for at in helped:
            counts[at] = min(_AT_MOST, counts[at] * _MORE)
        whole = again(sample._replace(counts=counts), rules, track).whole
    return Lean(new, files, held, [one for _, one in failing])


def fold_of(case: Case) -> int:
    """The fold in which a message is held out: all that one writer wrote is held out together."""
    return zlib.crc32(writer_of(case).encode()) % FOLDS


def writer_of(case: Case) -> str:
    """Who wrote it, as far as its id tells: the letters that it begins with."""
    return f"{case.language}:{(re.match('[a-z]*', case.id.lower()) or [''])[0]}"


def _keys(one: Argument) -> list[Counter[Key]]:
    """The keys of words, and those of pairs of concepts, with how often each is looked up."""
    language = one.found.language
    words: Counter[Key] = Counter()
    for part in parts_of(one.found, one.found.tokens, PIECES.get(language, _OTHERS)):
        words.update((language, key) for key in part.keys)
    return [words, Counter((CONCEPTS, key) for key, _ in concept_pairs(one.fired))]


def _chosen(cases: Sequence[Case], keys: Sequence[Sequence[Counter[Key]]]) -> dict[Key, int]:
    """The keys that have a leaning, with their rarity in hundredths."""
    often: Counter[Key] = Counter()
    writers: dict[Key, set[str]] = defaultdict(set)
    messages = Counter(case.language for case in cases)
    known = Counter(language for language, _ in {(case.language, writer_of(case)) for case in cases})
    for case, both in zip(cases, keys, strict=True):
        for key in (key for some in both for key in some):
            often[key] += 1
            writers[key].add(writer_of(case))
    found = {}
    for key, count in often.items():
        fewest = _FEWEST_PAIRS if key[0] == CONCEPTS else _FEWEST_MESSAGES
        # Where a language has one writer only, nothing could be learnt of it otherwise.
        if count >= fewest and len(writers[key]) >= min(_FEWEST_WRITERS, known.get(key[0], _FEWEST_WRITERS)):
            others = len(cases) if key[0] == CONCEPTS else messages[key[0]]
            found[key] = max(1, round(_RARITY * math.log1p(others / count)))
    return dict(sorted(found.items()))


def _sample(
    lexicon: Lexicon,
    cases: Sequence[Case],
    arguments: Sequence[Argument],
    keys: Sequence[Sequence[Counter[Key]]],
    chosen: Mapping[Key, int],
) -> Sample:
    rules = {id(rule): at for at, rule in enumerate(lexicon.book.rules)}
    places = {key: at for at, key in enumerate(chosen)}
    return Sample(
        strengths=[[(rules[id(fired.rule)], fired.strength) for fired in one.fired] for one in arguments],
        leanings=[list(_strengths(both, chosen, places)) for both in keys],
        rarities=[rarity / 100 for rarity in chosen.values()],
        categories=[CATEGORIES.index(case.category) for case in cases],
        severities=[SEVERITIES.index(case.severity) for case in cases],
        folds=[fold_of(case) for case in cases],
        counts=[],
    )


def _strengths(
    both: Sequence[Counter[Key]], chosen: Mapping[Key, int], places: Mapping[Key, int]
) -> Iterator[tuple[int, float]]:
    for some, loud in zip(both, (_WORDS_SAY, _PAIRS_SAY), strict=True):
        having = {key: count for key, count in some.items() if key in chosen}
        length = math.sqrt(sum(count * chosen[key] ** 2 for key, count in having.items()))
        for key, count in having.items():
            yield places[key], count * chosen[key] * loud / length


def _lexicon(lexicon: Lexicon, one: Setting, chosen: Mapping[Key, int]) -> tuple[Lexicon, dict[str, Written]]:
    """The lexicon with these weights, rounded as they will be written, and its files of leanings."""
    lines: dict[str, list[Line]] = defaultdict(list)
    for ((language, key), rarity), weights in zip(chosen.items(), one.leanings, strict=True):
        loud = rarity * (_PAIRS_SAY if language == CONCEPTS else _WORDS_SAY)
        rounded = {
            at: max(-_LARGEST, min(_LARGEST, round(weight * loud * TENTHS / HUNDREDTHS)))
            for at, weight in weights.items()
        }
        kept = {at: weight for at, weight in rounded.items() if abs(weight) >= _SMALLEST}
        if kept:
            lines[language].append(Line(key, rarity, kept))
    files = {
        language: Written(() if language == CONCEPTS else PIECES.get(language, _OTHERS), some)
        for language, some in sorted(lines.items())
    }
    tables = {language: Table(written.pieces, written.lines) for language, written in files.items()}
    book: RuleBook = book_with(lexicon.book, one.weights)
    return dataclasses.replace(lexicon, book=book, leanings=tables), files


def judged_apart(cases: Iterable[Case], held: Sequence[Lexicon]) -> Iterator[Judged]:
    """Every case with its finding under what was set without its writer."""
    for case in cases:
        yield from judge_all([case], held[fold_of(case)])
