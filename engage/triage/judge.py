"""Judging a message: which rules its words fire, what speaks against them, and the finding that follows."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

from engage.taxonomy import Category, Severity
from engage.triage.finding import Finding
from engage.triage.lexicon import Lexicon
from engage.triage.matcher import find_hits, language_of
from engage.triage.telling import evidence_of, reason_of
from engage.triage.text import read
from engage.triage.weighing import Fired, Reading, fire, weigh

_NEXT_RULE = 0.5  # each further rule for a category adds half as much as the one before
_CLOSE = 0.85  # categories this near the best are decided by precedence
_HAS_A_SAY = 0.5  # rules this near a category's strongest have a say in its severity
_HALF_SURE = 3.0  # the score at which a finding without a rival is 63 % sure


def triage(text: str, lexicon: Lexicon) -> Finding:
    """The finding for one message; any string is accepted, and the same one always gives the same finding."""
    tokens = read(text)
    if not tokens:
        return Finding(Category.QUESTION_FEEDBACK, Severity.LOW, "und", 0.0, (), "There is nothing to go by.", None)
    language = language_of(tokens, lexicon)
    reading = weigh(find_hits(tokens, lexicon, language))
    fired = fire(reading, lexicon.book)
    if not fired:
        reason = "No word in it is known to triage: somebody has to read it."
        return Finding(Category.QUESTION_FEEDBACK, Severity.LOW, language, 0.05, (), reason, None)
    ranked = rank(fired, lexicon)
    best, score = ranked[0]
    second, rival = ranked[1] if len(ranked) > 1 else (None, 0.0)
    mine = [one for one in fired if one.rule.category == best]
    severity, turned = severity_of(best, mine, reading)
    evidence = evidence_of(text, fired, best, second, reading)
    return Finding(
        category=best,
        severity=severity,
        language=language,
        confidence=_confidence(score, rival, reading),
        evidence=evidence,
        reason=reason_of(text, best, severity, max(mine, key=lambda one: one.strength), turned),
        second=second,
    )


def rank(fired: Sequence[Fired], lexicon: Lexicon) -> list[tuple[Category, float]]:
    """Categories with their scores, the one to act on first; close ones in the order of precedence."""
    strengths: dict[Category, list[float]] = defaultdict(list)
    for one in fired:
        strengths[one.rule.category].append(one.strength)
    scores = {
        category: sum(value * _NEXT_RULE**place for place, value in enumerate(sorted(values, reverse=True)))
        for category, values in strengths.items()
    }
    top = max(scores.values())
    order = lexicon.book.precedence
    return sorted(
        scores.items(),
        key=lambda pair: (0, order[pair[0]], 0.0) if pair[1] >= _CLOSE * top else (1, 0, -pair[1]),
    )


def severity_of(category: Category, fired: Sequence[Fired], reading: Reading) -> tuple[Severity, str]:
    """The worst severity of the rules that have a say, lowered for the past; and the role that lowered it, or ''."""
    strongest = max(one.strength for one in fired)
    worst = min(
        (one.rule.severity for one in fired if one.strength >= _HAS_A_SAY * strongest), key=lambda level: level.rank
    )
    if category in (Category.QUESTION_FEEDBACK, Category.LOST_PROPERTY, Category.SPAM):
        return worst, ""
    floor = Severity.MEDIUM if reading.has("STILL") else Severity.LOW
    if reading.has("OVER") and not reading.has("STILL"):
        return Severity.LOW, "OVER"
    if reading.has("PAST") and worst.rank < floor.rank:
        return worst.lowered(), "PAST"
    return worst, ""


def _confidence(score: float, rival: float, reading: Reading) -> float:
    share = score / (score + max(rival, 0.0)) if score > 0 else 0.0
    hedged = 0.85 if reading.has("HEDGE") else 1.0
    return round(max(0.0, min(1.0, share * (1 - math.exp(-score / _HALF_SURE)) * hedged)), 3)
