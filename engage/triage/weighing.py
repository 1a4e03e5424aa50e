"""Weighing the words of a message: what each is worth in its context, and which rules they fire."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from engage.triage.matcher import Hit
from engage.triage.rules import ROLES, Rule, RuleBook

_NEGATION_REACH = 3.5  # words that a negation before them turns round, in the same clause
_WITHDRAWN = 0.3  # what a word still counts when an all-clear takes it back
_ASKED_ABOUT = 0.5  # what a word still counts when somebody only asks about it
_BEFORE_BUT = 0.7  # what a word still counts when a 'but' follows it
_AND_MORE = 0.5  # each further word for the same concept counts so much of the one before
_MOST = 2.0  # so much a concept counts at the most, however often it is said
_POOL = 12  # hits of one concept that are looked at: bounds the cost of a message that repeats itself
_UNTURNED = frozenset(ROLES) | {
    "LONG_AGO", "NOW", "RECURRING", "LATER", "HEDGE", "QUESTION", "FIGURE_OF_SPEECH", "NEUTRAL", "PRACTICE", "URGENT",
    "GREETING", "PRAISE", "COMPLAINT", "SUGGEST", "ABOUT_SERVICE", "REPORTING", "SERVICE",
}  # fmt: skip


class Fired(NamedTuple):
    """A rule whose concepts all stand in the message, the hits it used, and how strongly it speaks."""

    rule: Rule
    hits: tuple[Hit, ...]
    strength: float


class Weighed(NamedTuple):
    """The hits of a message with what each is worth in its context (0 for a negated one)."""

    hits: Sequence[Hit]
    worth: Sequence[float]
    roles: Mapping[str, Sequence[Hit]]

    def has(self, role: str) -> bool:
        """Whether a concept of that role stands in the message."""
        return role in self.roles


def weigh(hits: Sequence[Hit]) -> Weighed:
    """What every hit is worth, given the negations, all-clears and questions around it."""
    roles: dict[str, list[Hit]] = {}
    for hit in hits:
        if hit.entry.concept in ROLES:
            roles.setdefault(hit.entry.concept, []).append(hit)
    worth = [hit.quality for hit in hits]
    if not roles:
        return Weighed(hits, worth, roles)
    cleared = _withdrawn_until(roles)
    turn = max((hit.place for hit in roles.get("CONTRAST", ())), default=-1.0)
    after = any(hit.place > turn for hit in hits if hit.entry.concept not in _UNTURNED)
    asked = {hit.sentence for name in ("PERMISSION", "HYPOTHETICAL") for hit in roles.get(name, ())}
    negations = roles.get("NEGATION", ())
    for at, hit in enumerate(hits):
        if hit.entry.concept in _UNTURNED:
            continue
        if any(_denies(no, hit) for no in negations):
            worth[at] = 0.0
        elif hit.place < cleared:
            worth[at] *= _WITHDRAWN
        elif hit.sentence in asked:
            worth[at] *= _ASKED_ABOUT
        elif after and hit.place < turn:
            worth[at] *= _BEFORE_BUT
    return Weighed(hits, worth, roles)


def _denies(negation: Hit, hit: Hit) -> bool:
    """Whether a hit stands behind the negation, near it and in its clause; "not breathing" itself is not denied."""
    near = hit.first > negation.last and hit.place - negation.place <= _NEGATION_REACH
    return near and hit.clause == negation.clause


def _withdrawn_until(roles: Mapping[str, Sequence[Hit]]) -> float:
    """Up to which place an all-clear takes back what is said: a later 'but' or 'still', else all of it."""
    if "ALL_CLEAR" not in roles:
        return -1.0
    clear = roles["ALL_CLEAR"][0].place
    turns = [hit.place for name in ("CONTRAST", "STILL") for hit in roles.get(name, ()) if hit.place > clear]
    return min(turns, default=math.inf)


def fire(weighed: Weighed, book: RuleBook) -> list[Fired]:
    """Every rule whose slots are all filled within its reach; those of one concept first, in the order of the text."""
    pools: dict[str, list[tuple[Hit, float]]] = defaultdict(list)
    for hit, worth in zip(weighed.hits, weighed.worth, strict=True):
        if worth > 0:
            pool = pools[hit.entry.concept]
            if len(pool) < _POOL:
                pool.append((hit, worth))
    present = pools.keys()
    alone = book.alone
    fired = [_said(alone[concept], pool) for concept, pool in pools.items() if concept in alone]
    for rule in book.candidates(present):
        if not any(slot.isdisjoint(present) for slot in rule.slots) and rule.unless.isdisjoint(present):
            one = _fill(rule, pools)
            if one:
                fired.append(one)
    return fired


def _said(rule: Rule, pool: Sequence[tuple[Hit, float]]) -> Fired:
    """A rule of one concept: the second word for it counts half, the third a quarter, two in all at the most."""
    if len(pool) == 1:
        return Fired(rule, (pool[0][0],), pool[0][1])
    ordered = sorted((worth for _, worth in pool), reverse=True)
    strength = sum(worth * _AND_MORE**place for place, worth in enumerate(ordered))
    return Fired(rule, tuple(hit for hit, _ in pool), min(_MOST, strength))


def _fill(rule: Rule, pools: Mapping[str, Sequence[tuple[Hit, float]]]) -> Fired | None:
    """The strongest filling of all slots near enough to one another, one stretch of text to a slot."""
    choices = [_pool(slot, pools) for slot in rule.slots]
    best: Fired | None = None
    for anchor, worth in choices[0]:
        chosen, strength = [anchor], worth
        for pool in choices[1:]:
            near = _nearest(anchor, pool, chosen, rule.within)
            if near is None:
                break
            chosen.append(near[0])
            strength = min(strength, near[1])
        else:
            if best is None or strength > best.strength:
                best = Fired(rule, tuple(chosen), strength)
    return best


def _pool(slot: frozenset[str], pools: Mapping[str, Sequence[tuple[Hit, float]]]) -> Sequence[tuple[Hit, float]]:
    present = [pools[concept] for concept in slot if concept in pools]
    if len(present) == 1:
        return present[0]
    return sorted((pair for pool in present for pair in pool), key=_position)


def _position(pair: tuple[Hit, float]) -> tuple[float, int, float, str]:
    hit, worth = pair
    return hit.place, hit.last, -worth, hit.entry.concept


def _nearest(
    anchor: Hit, pool: Sequence[tuple[Hit, float]], taken: Sequence[Hit], within: float
) -> tuple[Hit, float] | None:
    """The hit of the pool nearest the anchor that does not lie on one already taken; looks a few steps either way."""
    at = bisect_left(pool, anchor.place, key=lambda pair: pair[0].place)
    around = [
        pair
        for pair in pool[max(0, at - 4) : at + 4]
        if abs(pair[0].place - anchor.place) <= within
        and all(pair[0].last < t.first or pair[0].first > t.last for t in taken)
    ]
    return min(around, key=lambda pair: (-pair[1], abs(pair[0].place - anchor.place), pair[0].place), default=None)
