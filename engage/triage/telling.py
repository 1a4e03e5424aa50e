"""Telling the officer: the evidence of a finding and one plain sentence that says why."""

from __future__ import annotations

from collections.abc import Sequence

from engage.taxonomy import Category, Severity
from engage.triage.finding import Evidence
from engage.triage.matcher import Hit
from engage.triage.weighing import Fired, Reading

_MOST = 24  # pieces of evidence shown; more only hides the ones that count
_ROLE_WEIGHTS = {"ALL_CLEAR": -2.0, "FIGURE_OF_SPEECH": -1.0, "PAST": -0.5, "OVER": -1.0, "HEDGE": -0.25}
_TURNED = {"PAST": "; it speaks of the past, so it is one level lower", "OVER": "; it says that it is over"}
_LONGEST_QUOTE = 60


def evidence_of(
    text: str, fired: Sequence[Fired], best: Category, second: Category | None, reading: Reading
) -> tuple[Evidence, ...]:
    """The words for the chosen category (positive), for its rival and against both (negative), ordered by start."""
    found: dict[tuple[int, int, str], Evidence] = {}
    for one in sorted(fired, key=lambda one: -one.strength):
        sign = 1 if one.rule.category == best else -1 if one.rule.category == second else 0
        for hit in one.hits if sign else ():
            _note(found, text, hit, one.rule.slug, sign * one.strength / len(one.hits))
    for hit in reading.hits:
        if hit.concept in _ROLE_WEIGHTS and (best, hit.concept) != (Category.QUESTION_FEEDBACK, "ALL_CLEAR"):
            _note(found, text, hit, hit.concept.lower().replace("_", "-"), _ROLE_WEIGHTS[hit.concept])
        elif reading.worth[hit] == 0:
            _note(found, text, hit, "negated", -1.0)
    most_telling = sorted(found.values(), key=lambda one: (-abs(one.weight), one.start))[:_MOST]
    return tuple(sorted(most_telling, key=lambda one: (one.start, one.end, -one.weight, one.rule)))


def _note(found: dict[tuple[int, int, str], Evidence], text: str, hit: Hit, rule: str, weight: float) -> None:
    key = (hit.start, hit.end, rule)
    if key not in found and weight:
        found[key] = Evidence(
            hit.entry.term, text[hit.start : hit.end], hit.start, hit.end, rule, round(weight, 3) or 0.001
        )


def reason_of(text: str, category: Category, severity: Severity, strongest: Fired, turned: str) -> str:
    """One sentence: what it is, how urgent, the words that decided, and what lowered it."""
    ordered = sorted(strongest.hits, key=lambda hit: hit.start)
    quotes = [" ".join(text[hit.start : hit.end].split())[:_LONGEST_QUOTE] for hit in ordered]
    words = " and ".join(f"“{quote}”" for quote in quotes)
    name = category.value.replace("_", " ").capitalize()
    return f"{name}, {severity.value}, because of {words}{_TURNED.get(turned, '')}."
