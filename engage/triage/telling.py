"""Telling the officer: the evidence of a finding and one plain sentence that says why."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from babel.lists import format_list

from engage.labels import CATEGORIES as CATEGORY_LABELS
from engage.labels import SEVERITIES
from engage.languages import say
from engage.taxonomy import Category, Severity
from engage.triage.entries import Entry
from engage.triage.finding import Evidence
from engage.triage.leaning import Leaning
from engage.triage.matcher import Hit
from engage.triage.rules import CATEGORIES
from engage.triage.text import Reading
from engage.triage.weighing import Fired, Weighed


def _(sentence: str) -> str:
    return sentence


_MOST = 24  # pieces of evidence shown; more only hides the ones that count
_LEAST = 0.05  # a smaller weight says nothing
_SEVERITY_RULE = " (severity)"
_NEGATED = -1.0
LEANING = "leaning"  # the rule under which leanings are shown
_LEANINGS_SHOWN = 6
_QUOTED = 3  # words that the sentence quotes
_LONGEST_QUOTE = 60
_BECAUSE = _("%(category)s, %(severity)s, because of %(words)s.")
_HARDLY = _("%(category)s, %(severity)s, though hardly a word speaks for it.")
NOTHING = _("There is nothing to go by.")
UNKNOWN = _("No word in it is known to triage: somebody has to read it.")
#: What lowers a finding or takes it back, by the rules that say so; the first that applies is told.
_TURNS = (
    (frozenset({"all-clear", "over"}), _("Part of it is taken back or over.")),
    (frozenset({"negated"}), _("Some of its words are denied.")),
    (frozenset({"past", "long-ago"}), _("It speaks of something past.")),
)


def evidence_of(
    reading: Reading,
    fired: Sequence[Fired],
    weighed: Weighed,
    leaning: Leaning,
    said: tuple[Category, Category, Severity],
) -> tuple[Evidence, ...]:
    """The words for the chosen category (positive), against it or for its rival (negative), ordered by start.

    `said` is the category, the next best and the severity.
    """
    pieces = _leanings(leaning, said)
    chosen, rival, urgency = (str(word) for word in said)
    for one in fired:
        says, rule = one.rule.by_name, one.rule.slug
        weight = says.get(chosen, 0.0) - max(0.0, says.get(rival, 0.0))
        if abs(weight) < _LEAST and abs(says.get(urgency, 0.0)) >= _LEAST:
            weight, rule = says[urgency], rule + _SEVERITY_RULE
        if abs(weight) >= _LEAST:
            for hit in one.hits:
                before = pieces.get((id(hit), rule))
                more = weight * one.strength / len(one.hits)
                pieces[id(hit), rule] = (hit, rule, before[2] + more if before else more)
    for hit, worth in zip(weighed.hits, weighed.worth, strict=True):
        if worth == 0:
            pieces[id(hit), "negated"] = (hit, "negated", _NEGATED)
    telling = sorted(pieces.values(), key=_most_telling)[:_MOST]
    spans = reading.spans([place for hit, _, _ in telling for place in (hit.first, hit.last)])
    found = [
        _evidence(hit, rule, weight, reading, spans[hit.first][0], spans[hit.last][1]) for hit, rule, weight in telling
    ]
    found.sort(key=_in_order)
    return tuple(found)


_Weight = tuple[Hit, str, float]  # what a hit weighs by a rule
#: By the hit's id and the rule: to hash all that a hit holds would take longer than everything else.
_Pieces = dict[tuple[int, str], _Weight]


def _most_telling(piece: _Weight) -> tuple[float, int, str]:
    hit, rule, weight = piece
    return -abs(weight), hit.first, rule


def _in_order(one: Evidence) -> tuple[int, int, float, str]:
    return one.start, one.end, -one.weight, one.rule


def _leanings(leaning: Leaning, said: tuple[Category, Category, Severity]) -> _Pieces:
    """The strongest of the leanings: each is small, and there is one for every word."""
    best, second = (CATEGORIES.index(category) for category in said[:2])
    found = [(one.ahead(best, second), one) for one in leaning.spoken]
    strongest = heapq.nsmallest(_LEANINGS_SHOWN, found, key=lambda pair: (-abs(pair[0]), pair[1].first, pair[1].term))
    pieces: _Pieces = {}
    at: dict[tuple[int, int], Hit] = {}  # one piece of evidence for a stretch, whatever leans there
    for weight, one in strongest:
        if abs(weight) < _LEAST:
            break
        for hit in one.hits or (Hit(one.first, one.last, Entry(one.term, "", "", 1.0), 1.0, one.first, 0, 0),):
            shown = at.setdefault((hit.first, hit.last), hit)
            before = pieces.get((id(shown), LEANING))
            more = weight / max(1, len(one.hits))
            pieces[id(shown), LEANING] = (shown, LEANING, before[2] + more if before else more)
    return {key: piece for key, piece in pieces.items() if abs(piece[2]) >= _LEAST}  # some take each other back


def _evidence(hit: Hit, rule: str, weight: float, reading: Reading, start: int, end: int) -> Evidence:
    return Evidence(hit.entry.term, reading.text[start:end], start, end, rule, round(weight, 3))


class Piece(NamedTuple):
    """A piece of evidence as the sentence needs it: the words, the rule that used them, and its weight."""

    matched: str
    rule: str
    weight: float


def reason_in(language: str, category: Category, severity: Severity, pieces: Iterable[Piece]) -> str:
    """One or two plain sentences in a language: what it is, how urgent, the words that decided, what speaks against.

    Made from what is kept of a finding, so that every officer reads it in their own language.
    """
    pieces = list(pieces)
    quotes = _quotes(pieces)
    values = {
        "category": say(language, CATEGORY_LABELS[category]),
        "severity": say(language, SEVERITIES[severity]),
        "words": _list_of(len(quotes), language).format(*quotes) if quotes else "",
    }
    told = say(language, _BECAUSE if values["words"] else _HARDLY, **values)
    rules = {piece.rule.removesuffix(_SEVERITY_RULE) for piece in pieces}
    also = [say(language, sentence) for turns, sentence in _TURNS if not turns.isdisjoint(rules)]
    return " ".join([told, *also[:1]])


@cache
def _list_of(count: int, language: str) -> str:
    """How so many things are listed in a language, with {} for each."""
    return format_list(["{}"] * count, locale=language)


def _quotes(pieces: Iterable[Piece]) -> list[str]:
    """The words that spoke most for the category, at most three, each once; those of rules before those that lean."""
    telling = [piece for piece in pieces if piece.weight > 0 and not piece.rule.endswith(_SEVERITY_RULE)]
    strongest = sorted(telling, key=lambda piece: (piece.rule == LEANING, -piece.weight))
    quotes = dict.fromkeys(f"“{' '.join(piece.matched.split())[:_LONGEST_QUOTE]}”" for piece in strongest)
    return list(quotes)[:_QUOTED]
