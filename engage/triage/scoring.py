"""How well triage does on labelled messages: the figures, the confusions, how far a confidence can be believed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from engage.taxonomy import FIRST_RESPONDER, Category, Severity
from engage.triage.finding import Finding
from engage.triage.judge import triage
from engage.triage.lexicon import Lexicon


class CaseError(ValueError):
    """A line of a cases file is not a labelled message; says file, line and what is wrong. Trying again is no use."""


class Case(NamedTuple):
    """A message, and what triage should say of it."""

    id: str
    text: str
    language: str
    category: Category
    severity: Severity


class Judged(NamedTuple):
    """A case with what triage said."""

    case: Case
    finding: Finding


class Bar(NamedTuple):
    """One figure that is asked of triage: its name, how it is counted, and what it should reach."""

    name: str
    share: Callable[[Sequence[Judged]], float]
    english: float
    others: float
    at_most: bool = False


@dataclass(frozen=True)
class Bin:
    """Findings of about the same confidence: how sure they were on average, how often right, how many."""

    low: float
    sure: float
    right: float
    count: int


def read_cases(path: Path) -> list[Case]:
    """The labelled messages of a file of JSON lines with id, text, category, severity and language (or lang)."""
    cases = []
    with path.open("rb") as lines:  # decoded line by line: what is not UTF-8 has a line, too
        for number, line in enumerate(lines, 1):
            if line.strip():
                cases.append(_case(line, f"{path}, line {number}"))
    return cases


def _case(line: bytes, where: str) -> Case:
    try:
        row = json.loads(line)
        return Case(
            str(row["id"]),
            str(row["text"]),
            str(row.get("language") or row["lang"]),
            Category(row["category"]),
            Severity(row["severity"]),
        )
    except KeyError as error:
        raise CaseError(f"{where}: {error.args[0]} is missing") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise CaseError(f"{where}: {error}") from error


def judge_all(cases: Iterable[Case], lexicon: Lexicon) -> Iterator[Judged]:
    """Every case with its finding, in order."""
    for case in cases:
        yield Judged(case, triage(case.text, lexicon))


def _share(chosen: Callable[[Judged], bool], right: Callable[[Judged], bool]) -> Callable[[Sequence[Judged]], float]:
    def share(judged: Sequence[Judged]) -> float:
        some = [one for one in judged if chosen(one)]
        return sum(map(right, some)) / len(some) if some else float("nan")

    return share


def is_right(one: Judged) -> bool:
    """Whether the category is the one it should be."""
    return one.finding.category == one.case.category


def levels_apart(one: Judged) -> int:
    """By how many levels the severity is off."""
    return abs(one.finding.severity.rank - one.case.severity.rank)


def _everyone(_: Judged) -> bool:
    return True


BARS = (
    Bar("category right", _share(_everyone, is_right), 0.85, 0.80),
    Bar(
        "first responder right",
        _share(_everyone, lambda one: one.finding.responder == FIRST_RESPONDER[one.case.category]),
        0.90,
        0.86,
    ),
    Bar("severity within one level", _share(_everyone, lambda one: levels_apart(one) <= 1), 0.96, 0.95),
    Bar("severity exact", _share(_everyone, lambda one: levels_apart(one) == 0), 0.70, 0.65),
    Bar(
        "critical seen as high or critical",
        _share(
            lambda one: one.case.severity == Severity.CRITICAL,
            lambda one: one.finding.severity in (Severity.CRITICAL, Severity.HIGH),
        ),
        0.97,
        0.95,
    ),
    Bar(
        "low called critical",
        _share(lambda one: one.case.severity == Severity.LOW, lambda one: one.finding.severity == Severity.CRITICAL),
        0.02,
        0.03,
        at_most=True,
    ),
    Bar("language right", _share(_everyone, lambda one: one.finding.language == one.case.language), 0.95, 0.95),
)


def confusions(judged: Iterable[Judged]) -> list[tuple[Category, Category, int]]:
    """Which category was taken for which, and how often; the most frequent first."""
    counts = Counter((one.case.category, one.finding.category) for one in judged if not is_right(one))
    return [
        (meant, said, count) for (meant, said), count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def calibration(judged: Sequence[Judged]) -> list[Bin]:
    """Ten bins of confidence, and how often the findings in each were right."""
    bins = []
    for tenth in range(10):
        inside = [one for one in judged if min(9, int(one.finding.confidence * 10)) == tenth]
        if inside:
            sure = sum(one.finding.confidence for one in inside) / len(inside)
            bins.append(Bin(tenth / 10, sure, sum(map(is_right, inside)) / len(inside), len(inside)))
    return bins


def worst(judged: Iterable[Judged]) -> list[Judged]:
    """The mistakes, the gravest first: severity far off, then wrong category said with confidence."""
    wrong = [one for one in judged if not is_right(one) or levels_apart(one) > 1]
    return sorted(wrong, key=lambda one: (-levels_apart(one), -one.finding.confidence, one.case.id))
