"""The routing table as a whole: rules that never decide and why, what a change moves, what a rule in the shadow does.

`routing.route` stays the only judge: every answer here comes from asking it about matters, one for each kind of matter
that the rules can tell apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import time
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import product

from engage.routing import IN_CONFIDENCE, Duty, Matter, matches, route
from engage.taxonomy import FIRST_RESPONDER, Category, Severity

#: Zones by the id of their site.
Ground = Mapping[int, Sequence[int]]
_NOBODY = -1
_MIDNIGHT = time(0)


class Fault(StrEnum):
    """What is wrong with a rule: it matches nothing there is, others take all it matches, or another contradicts it."""

    DEAD = "dead"
    UNREACHABLE = "unreachable"
    CONFLICTING = "conflicting"


@dataclass(frozen=True, slots=True)
class Problem:
    """A rule that never decides, those before it that decide instead, and a matter that it should have had."""

    slug: str
    fault: Fault
    hidden_by: tuple[str, ...] = ()
    example: Matter | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """A matter that goes elsewhere after a change; a rule is None where only the fallback queue is left."""

    matter: Matter
    before: Duty | None
    after: Duty | None


@dataclass(frozen=True, slots=True)
class Shadow:
    """A rule that is only tried: how many of the others stand before it, and which one it would replace."""

    rule_id: int
    duty: Duty
    place: int
    replaces: str | None = None


def problems(duties: Sequence[Duty], ground: Ground) -> list[Problem]:
    """The rules that decide nothing, in their order."""
    placed = _placed(duties)
    found = (_problem(duties, placed, at, ground) for at in range(len(duties)))
    return [problem for problem in found if problem is not None]


def _problem(duties: Sequence[Duty], placed: Sequence[Duty], at: int, ground: Ground) -> Problem | None:
    own = duties[at]
    hiding: dict[int, None] = {}
    example = None
    for matter in _matters([own], duties, ground):
        deciding = route(matter, placed, _NOBODY).queue_id
        if deciding == at:
            return None
        if deciding != _NOBODY:
            hiding[deciding] = None
            example = example or matter
    if example is None:
        return Problem(own.slug, Fault.DEAD)
    by = tuple(duties[one].slug for one in hiding)
    first = duties[next(iter(hiding))]
    contradicts = len(by) == 1 and first.queue_id != own.queue_id and _cells(first) == _cells(own)
    return Problem(own.slug, Fault.CONFLICTING if contradicts else Fault.UNREACHABLE, by, example)


def shifts(before: Sequence[Duty], after: Sequence[Duty], ground: Ground) -> Iterator[Shift]:
    """What a change of the table moves: every kind of matter that another rule decides then, or none."""
    placed, placed_after = _placed(before), _placed(after)
    for matter in _matters(_touched(before, after), [*before, *after], ground):
        old, new = _decided(matter, before, placed), _decided(matter, after, placed_after)
        if (old and old.queue_id) != (new and new.queue_id):
            yield Shift(matter, old, new)


def left_alone(before: Sequence[Duty], after: Sequence[Duty], ground: Ground) -> Matter | None:
    """A matter that a rule sent to a queue before and that no rule would take after; None where there is none."""
    return next((one.matter for one in shifts(before, after, ground) if one.before and one.after is None), None)


def _decided(matter: Matter, duties: Sequence[Duty], placed: Sequence[Duty]) -> Duty | None:
    """The rule that decides a matter, or None where it goes to the fallback queue."""
    at = route(matter, placed, _NOBODY).queue_id
    return None if at == _NOBODY else duties[at]


def with_shadow(duties: Sequence[Duty], shadow: Shadow) -> list[Duty]:
    """The table as it would be with a rule that is only tried so far."""
    some = list(duties)
    some.insert(shadow.place, shadow.duty)
    return [one for one in some if one.slug != shadow.replaces or one is shadow.duty]


def tried(
    matter: Matter, duties: Sequence[Duty], shadows: Iterable[Shadow], fallback_queue_id: int
) -> tuple[tuple[int, int], ...]:
    """Rules in the shadow, by their ids, that would have sent a matter elsewhere than the others do, and where to."""
    queue_id = route(matter, duties, fallback_queue_id).queue_id
    others = ((one.rule_id, route(matter, with_shadow(duties, one), fallback_queue_id).queue_id) for one in shadows)
    return tuple((rule_id, other) for rule_id, other in others if other != queue_id)


def _placed(duties: Sequence[Duty]) -> list[Duty]:
    """The same rules, each sending to its own place in the table: so `route` says which of them decides."""
    return [replace(duty, queue_id=at) for at, duty in enumerate(duties)]


def _touched(before: Sequence[Duty], after: Sequence[Duty]) -> list[Duty]:
    """The rules that came, went or changed places."""
    same = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    kept_before = {at for block in same for at in range(block.a, block.a + block.size)}
    kept_after = {at for block in same for at in range(block.b, block.b + block.size)}
    gone = [duty for at, duty in enumerate(before) if at not in kept_before]
    return gone + [duty for at, duty in enumerate(after) if at not in kept_after]


def _matters(within: Sequence[Duty], duties: Sequence[Duty], ground: Ground) -> Iterator[Matter]:
    """One matter of every kind that `duties` can tell apart and that one of `within` matches."""
    hours = _hours(duties)
    seen: set[Matter] = set()
    for one in within:
        for category, severity, spot, hour in product(
            _categories(one, duties), Severity, _spots(one, duties, ground), hours
        ):
            matter = Matter(category, severity, *spot, hour)
            if matter not in seen and matches(one, matter):
                seen.add(matter)
                yield matter


def _categories(own: Duty, duties: Sequence[Duty]) -> Iterator[Category]:
    """Of the categories that no rule tells apart, one for each responder."""
    named = {duty.category for duty in duties} | IN_CONFIDENCE
    met: set[object] = set()
    for category in Category:
        kind = category if category in named else FIRST_RESPONDER[category]
        if own.category in (None, category) and kind not in met:
            met.add(kind)
            yield category


def _spots(own: Duty, duties: Sequence[Duty], ground: Ground) -> Iterator[tuple[int, int | None]]:
    """Sites and zones that rules name, of every site one spot in no zone, and one site that no rule names."""
    sites = {duty.site_id for duty in duties if duty.site_id}
    other = next((site for site in ground if site not in sites), None)
    for site in sorted(sites & set(ground)) + ([other] if other else []):
        if own.site_id in (None, site):
            named = {duty.zone_id for duty in duties if duty.zone_id} & set(ground[site])
            yield from ((site, zone) for zone in (*sorted(named), None) if own.zone_id in (None, zone))


def _hours(duties: Sequence[Duty]) -> list[time]:
    """One moment in every stretch of the day that hours of rules tell apart."""
    edges = {edge for duty in duties for edge in (duty.from_time, duty.to_time) if edge is not None}
    return sorted(edges | {_MIDNIGHT})


def _cells(duty: Duty) -> tuple[object, ...]:
    """What a rule matches by, where to it sends left out; a category says who responds as well."""
    responder = FIRST_RESPONDER[duty.category] if duty.category else duty.responder
    return duty.site_id, duty.zone_id, responder, duty.category, duty.severity, duty.from_time, duty.to_time
