"""Do two reports tell of one event? How alike they are, from 0 to 1, and why; and what many reports of one say."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from engage.sameness.traces import DETAILS, Trace, kind_of, trace_of, weight_of
from engage.taxonomy import Category

__all__ = [
    "ENOUGH",
    "WITHIN",
    "Likeness",
    "Nearness",
    "Summary",
    "Told",
    "Trace",
    "compare",
    "looked_up_by",
    "sum_up",
    "trace_of",
    "weight_of",
]

#: From here on two reports are proposed as one event.
ENOUGH: Final = 0.5
#: Reports further apart in time are never one event by themselves.
WITHIN: Final = timedelta(minutes=60)
_AT_ONCE = timedelta(minutes=5)
_LATE = 0.6  # what is left of a likeness after an hour
_DIFFERS = 0.5  # what is left for each detail in which two people or things differ
_ELSEWHERE = 0.6  # what is left where two reports name other gates or flights
_MOST_SHARED = 4  # words that the reason quotes
_LEAST_SHARED = 0.8  # the weight that two reports must share to be taken at their word
_OFTEN = 40  # of so many recent reports with a term it tells half
#: Terms by which candidates are looked up: the weightiest, so many.
_LOOKED_UP_BY = 10
#: Of these several go on at one place at a time, so that it takes a shared detail to know one again.
_ONE_OF_MANY: Final = frozenset(
    {
        Category.VULNERABLE_PERSON,
        Category.LOST_PROPERTY,
        Category.THEFT_FRAUD,
        Category.QUESTION_FEEDBACK,
        Category.HUMAN_TRAFFICKING,
        Category.INSIDER_CORRUPTION,
        Category.DRUGS_CONTRABAND,
        Category.WILDLIFE_TRAFFICKING,
    }
)
#: These make a matter known again though triage took it for another: an alarm that somebody asks about.
_LOUD: Final = frozenset(
    {"thing:alarm", "means:SMOKE", "means:FIRE", "means:EXPLOSION", "means:SHOOTING", "means:BOMB"}
)
#: Categories that one event is easily taken for.
_AKIN: Final = (
    {Category.ENVIRONMENT, Category.INFRASTRUCTURE_FAULT, Category.FIRE_HAZMAT},
    {Category.WEAPON_ATTACK, Category.ASSAULT_HARASSMENT, Category.DISORDER},
    {Category.SUSPICIOUS_BEHAVIOUR, Category.UNATTENDED_ITEM, Category.TRESPASS_ACCESS},
    {Category.MEDICAL, Category.VULNERABLE_PERSON},
)
_OVERLAP = 0.7  # what it counts that both say the same
_SAME, _SIMILAR = 0.3, 0.2  # what it counts that both are of one category, or of two that are akin
_SAYS_SOMETHING = 3  # terms that two questions must share


class Nearness(StrEnum):
    """How near two reports were made."""

    PLACE = "place"
    ZONE = "zone"
    SITE = "site"


_NEAR = {Nearness.PLACE: 1.0, Nearness.ZONE: 0.9, Nearness.SITE: 0.65}


@dataclass(frozen=True, slots=True)
class Told:
    """A report as it is compared: what it tells of, when, and where as far as is known."""

    trace: Trace
    at: datetime
    site_id: int
    zone_id: int | None
    place_id: int | None


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two reports are, and why: how near, how far apart, and what both say, in the words of each.

    `differ` has the details in which they differ.
    """

    value: float
    near: Nearness | None
    minutes: int
    category: Category | None
    shared: tuple[tuple[str, str], ...]
    differ: tuple[tuple[str, str], ...]


def compare(new: Told, old: Told, seen: Mapping[str, int] | None = None) -> Likeness:
    """How alike two reports are. `seen`: how many recent reports have a term; one that many have tells less."""
    apart = abs(new.at - old.at)
    near = _nearness(new, old)
    shared, overlap = _overlap(new.trace, old.trace, seen or {})
    same = new.trace.category if new.trace.category is old.trace.category else None
    differ = _differences(new.trace, old.trace)
    value = (
        (0.7 * overlap + _of_category(new.trace, old.trace)) * _NEAR.get(near, 0.0) * _of_time(apart) if near else 0.0
    )
    if _is_one_of_many(new.trace, old.trace):
        value *= _of_details(new.trace, old.trace, shared, differ)
    elif any(kind_of(term) == "code" for term, _ in differ):
        value *= _ELSEWHERE
    if new.trace.category is Category.SPAM or old.trace.category is Category.SPAM:
        value = 0.0
    pairs = dict.fromkeys((new.trace.terms[term], old.trace.terms[term]) for term in shared)
    words = tuple(pairs)[:_MOST_SHARED]
    others = tuple((new.trace.terms[one], old.trace.terms[other]) for one, other in differ[:_MOST_SHARED])
    return Likeness(round(min(1.0, value), 3), near, int(apart / timedelta(minutes=1)), same, words, others)


def looked_up_by(trace: Trace) -> list[str]:
    """The terms by which reports of the same event are looked up, the weightiest first."""
    return [term for term in sorted(trace.terms, key=weight_of, reverse=True) if weight_of(term) >= 0.3][:_LOOKED_UP_BY]


def _nearness(new: Told, old: Told) -> Nearness | None:
    if new.site_id != old.site_id:
        return None
    if new.place_id is not None and new.place_id == old.place_id:
        return Nearness.PLACE
    if new.zone_id is not None and new.zone_id == old.zone_id:
        return Nearness.ZONE
    return Nearness.SITE


def _of_time(apart: timedelta) -> float:
    if apart > WITHIN:
        return 0.0
    late = max(timedelta(), apart - _AT_ONCE) / (WITHIN - _AT_ONCE)
    return 1.0 - (1.0 - _LATE) * late


def _overlap(new: Trace, old: Trace, seen: Mapping[str, int]) -> tuple[list[str], float]:
    """The terms that both have, the weightiest first, and how much that is of all; other languages have other words."""
    both = sorted(new.terms.keys() & old.terms.keys(), key=lambda term: (-_worth(term, seen), term))
    same_tongue = new.language == old.language
    own, other = (
        sum(_worth(term, seen) for term in terms if same_tongue or kind_of(term) != "word" or term in both)
        for terms in (new.terms, old.terms)
    )
    common = sum(_worth(term, seen) for term in both)
    if not common:
        return [], 0.0
    whole = 0.6 * min(own, other) + 0.4 * math.sqrt(own * other)
    return both, min(1.0, common / whole) * min(1.0, common / _LEAST_SHARED)


def _worth(term: str, seen: Mapping[str, int]) -> float:
    often = seen.get(term)
    return weight_of(term) / (1.0 + often / _OFTEN) if often else weight_of(term)


def _differences(new: Trace, old: Trace) -> list[tuple[str, str]]:
    """The first details of each kind, where each report has some of that kind and none is the same."""
    own, other = _details(new), _details(old)
    return [
        (min(own[kind]), min(other[kind]))
        for kind in DETAILS
        if own.get(kind) and other.get(kind) and own[kind].isdisjoint(other[kind])
    ]


def _details(trace: Trace) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for term in trace.terms:
        found.setdefault(kind_of(term), set()).add(term)
    return found


def _of_category(new: Trace, old: Trace) -> float:
    both = {new.category, old.category}
    if len(both) == 1 or _loud(new, old):
        return _SAME
    return _SIMILAR if any(both <= akin for akin in _AKIN) else 0.0


def _loud(new: Trace, old: Trace) -> bool:
    return not _LOUD.isdisjoint(new.terms.keys() & old.terms.keys())


def _is_one_of_many(new: Trace, old: Trace) -> bool:
    return not _loud(new, old) and (new.category in _ONE_OF_MANY or old.category in _ONE_OF_MANY)


def _of_details(new: Trace, old: Trace, shared: Sequence[str], differ: Sequence[tuple[str, str]]) -> float:
    """What is left of the likeness of two people or things: as they share details, and do not differ in any."""
    left: float = _DIFFERS ** len(differ)
    details = [term for term in shared if kind_of(term) in ("colour", "code", "number", "word")]
    questions = Category.QUESTION_FEEDBACK in (new.category, old.category)
    return left if len(details) >= (_SAYS_SOMETHING if questions else 1) else left * _DIFFERS


@dataclass(frozen=True, slots=True)
class Summary:
    """What many reports of one event say: of `total`, `same` say no more than the `common` words, `adding` add some.

    `added` has the words that few have, and `rare` their terms.
    """

    total: int
    same: int
    common: tuple[str, ...]
    adding: int
    added: tuple[str, ...]
    rare: frozenset[str] = frozenset()


def sum_up(traces: Iterable[Trace]) -> Summary:
    """Sum up the reports of one case: what most of them say, and what only few add."""
    told = list(traces)
    counts = Counter(term for trace in told for term in trace.terms)
    words: dict[str, str] = {}
    for trace in told:
        for term, written in trace.terms.items():
            words.setdefault(term, written)
    common = [term for term, count in counts.most_common() if count * 2 >= len(told) and weight_of(term) >= 0.5]
    few = max(2, len(told) // 10)
    rare = [
        term for term, count in counts.items() if count <= few and kind_of(term) == "means" and weight_of(term) == 1
    ]
    adding = sum(1 for trace in told if not trace.terms.keys().isdisjoint(rare))
    common.sort(key=lambda term: -counts[term] * weight_of(term))
    return Summary(
        total=len(told),
        same=len(told) - adding,
        common=tuple(dict.fromkeys(words[term] for term in common))[:3],
        adding=adding,
        added=tuple(dict.fromkeys(words[term] for term in sorted(rare, key=lambda one: -counts[one])))[:_MOST_SHARED],
        rare=frozenset(rare),
    )
