"""Weighing the words of a message: what each is worth in its context, and which rules they fire."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engage.triage.matcher import Hit
from engage.triage.rules import ROLES, Rule, RuleBook

_NEGATION_REACH = 3.5  # words that a negation before them turns round, in the same clause
_WITHDRAWN = 0.25  # what a word still counts when an all-clear takes it back
_ASKED_ABOUT = 0.3  # what a word still counts when somebody only asks about it
_POOL = 200  # hits of one concept that are looked at: bounds the cost of a message that repeats itself


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule whose concepts all stand in the message, the hits it used, and its weight after discounts."""

    rule: Rule
    hits: tuple[Hit, ...]
    strength: float


@dataclass(frozen=True, slots=True)
class Reading:
    """The hits of a message with what each is worth in its context (0 for a negated one)."""

    hits: tuple[Hit, ...]
    worth: Mapping[Hit, float]
    roles: Mapping[str, tuple[Hit, ...]]

    def has(self, role: str) -> bool:
        """Whether a concept of that role stands in the message."""
        return bool(self.roles.get(role))


def weigh(hits: Sequence[Hit]) -> Reading:
    """What every hit is worth, given the negations, all-clears and questions around it."""
    roles: dict[str, tuple[Hit, ...]] = {}
    for role in ROLES:
        roles[role] = tuple(hit for hit in hits if hit.concept == role)
    meant = [hit for hit in hits if hit.concept not in ROLES]
    worth = {hit: hit.quality for hit in hits}
    for negation in roles["NEGATION"]:
        for hit in meant:
            if hit.clause == negation.clause and 0 < hit.place - negation.place <= _NEGATION_REACH:
                worth[hit] = 0.0
    cleared = _withdrawn_span(roles)
    asked = {hit.sentence for hit in roles["ASKING"]}
    for hit in meant:
        if cleared and cleared[0] <= hit.place < cleared[1]:
            worth[hit] *= _WITHDRAWN
        elif hit.sentence in asked:
            worth[hit] *= _ASKED_ABOUT
    if cleared and cleared[1] < math.inf:
        for hit in roles["ALL_CLEAR"]:
            worth[hit] *= _WITHDRAWN  # "the boy is found, but ...": what follows is the report
    return Reading(tuple(hits), worth, roles)


def _withdrawn_span(roles: Mapping[str, tuple[Hit, ...]]) -> tuple[float, float] | None:
    """From where to where an all-clear takes back what is said: up to a later 'but' or 'still', else all of it."""
    if not roles["ALL_CLEAR"]:
        return None
    clear = roles["ALL_CLEAR"][0].place
    turns = [hit.place for hit in (*roles["CONTRAST"], *roles["STILL"]) if hit.place > clear]
    return 0.0, min(turns, default=math.inf)


def fire(reading: Reading, book: RuleBook) -> list[Fired]:
    """Every rule whose slots are all filled within its reach, in the order of the rule file."""
    pools: dict[str, list[Hit]] = defaultdict(list)
    for hit in reading.hits:
        if reading.worth[hit] > 0 and len(pools[hit.concept]) < _POOL:
            pools[hit.concept].append(hit)
    present = pools.keys()
    fired: list[Fired] = []
    for rule in book.candidates(present):
        if any(slot.isdisjoint(present) for slot in rule.slots) or not rule.unless.isdisjoint(present):
            continue
        hits = _fill(rule, pools)
        if hits:
            strength = rule.weight * min(reading.worth[hit] for hit in hits)
            fired.append(Fired(rule, hits, strength))
    return fired


def _fill(rule: Rule, pools: Mapping[str, list[Hit]]) -> tuple[Hit, ...]:
    """The first hits that fill all slots near enough to one another, one stretch of text to a slot; () when none do."""
    choices = [_pool(slot, pools) for slot in rule.slots]
    for anchor in choices[0]:
        chosen = [anchor]
        for pool in choices[1:]:
            near = _nearest(anchor, pool, chosen)
            if near is None or abs(near.place - anchor.place) > rule.within:
                break
            chosen.append(near)
        else:
            return tuple(chosen)
    return ()


def _pool(slot: frozenset[str], pools: Mapping[str, list[Hit]]) -> list[Hit]:
    present = [pools[concept] for concept in slot if concept in pools]
    return present[0] if len(present) == 1 else sorted((h for p in present for h in p), key=_position)


def _position(hit: Hit) -> tuple[float, int, float, str]:
    return hit.place, hit.end, -hit.quality, hit.concept


def _nearest(anchor: Hit, pool: Sequence[Hit], taken: Sequence[Hit]) -> Hit | None:
    """The hit of the pool nearest the anchor that does not lie on one already taken; looks a few steps either way."""
    at = bisect_left(pool, anchor.place, key=lambda hit: hit.place)
    around = [
        hit for hit in pool[max(0, at - 4) : at + 4] if all(hit.last < t.first or hit.first > t.last for t in taken)
    ]
    return min(around, key=lambda hit: (abs(hit.place - anchor.place), hit.place), default=None)
