"""Routing: which queue a case waits in, by the first row of the duty rules that matches, and why.

What is about insiders goes to a sealed queue and nowhere else, however sure triage is: whoever a report accuses must
not read it because they happen to work the queue where everything else waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

from engage.taxonomy import FIRST_RESPONDER, Category, Responder, Severity


@dataclass(frozen=True, slots=True)
class Duty:
    """One row of the routing table. An empty cell matches anything; `severity` matches that one or a more urgent.

    `sealed`: its queue is.
    """

    slug: str
    queue_id: int
    site_id: int | None = None
    zone_id: int | None = None
    responder: Responder | None = None
    category: Category | None = None
    severity: Severity | None = None
    from_time: time | None = None
    to_time: time | None = None
    sealed: bool = False


#: What only a sealed queue may keep.
IN_CONFIDENCE = frozenset({Category.INSIDER_CORRUPTION})
#: Below this confidence nobody should rely on a finding before a person has read the report.
SURE_FROM = 0.35


@dataclass(frozen=True, slots=True)
class Matter:
    """What routing goes by: what it is, how sure that is, where, and the local time of day there."""

    category: Category
    severity: Severity
    site_id: int
    zone_id: int | None
    local_time: time
    confidence: float = 1.0

    @property
    def is_unread(self) -> bool:
        """Whether nobody can say yet what this is: unsure, and nothing urgent that somebody should act on anyway."""
        return self.confidence < SURE_FROM and self.severity.rank >= Severity.MEDIUM.rank


@dataclass(frozen=True, slots=True)
class Route:
    """The chosen queue, the severity to wait there with, and the reason in one sentence.

    `otherwise` has the ids of rules in the shadow that would have chosen another queue, each with that queue.
    """

    queue_id: int
    severity: Severity
    reason: str
    otherwise: tuple[tuple[int, int], ...] = ()


def route(matter: Matter, duties: Sequence[Duty], fallback_queue_id: int) -> Route:
    """The queue of the first duty that matches, in their order; the site's fallback queue where none does.

    A report that triage is not sure of goes to a person in the fallback queue first, and not below medium: whatever
    nobody has understood yet may be grave.
    """
    if matter.category in IN_CONFIDENCE:
        return _route_in_confidence(matter, duties, fallback_queue_id)
    if matter.is_unread:
        return Route(
            fallback_queue_id, Severity.MEDIUM, "Triage is not sure what this is; a person must read it first."
        )
    for duty in duties:
        reasons = _why_it_matches(duty, matter)
        if reasons is not None:
            return Route(duty.queue_id, matter.severity, f"Rule “{duty.slug}”: {', '.join(reasons) or 'any report'}.")
    responder = FIRST_RESPONDER[matter.category]
    return Route(
        fallback_queue_id,
        matter.severity,
        f"No rule for {responder} matched here, so it waits in the site's fallback queue.",
    )


def _route_in_confidence(matter: Matter, duties: Sequence[Duty], fallback_queue_id: int) -> Route:
    """The sealed queue of the first duty that matches, else of any for such matters at this site."""
    sealed = [duty for duty in duties if duty.sealed and could_match(duty, matter.category, matter.site_id)]
    severity = Severity.MEDIUM if matter.is_unread else matter.severity
    for duty in sealed:
        reasons = _why_it_matches(duty, matter)
        if reasons is not None:
            why = f"Rule “{duty.slug}”, sealed: {', '.join(reasons) or 'any report'}."
            return Route(duty.queue_id, severity, why)
    if sealed:
        why = f"No rule matched, and what is about insiders waits in a sealed queue: that of rule “{sealed[0].slug}”."
        return Route(sealed[0].queue_id, severity, why)
    return Route(
        fallback_queue_id, severity, "No rule here sends what is about insiders to a sealed queue. Ask for one."
    )


def could_match(duty: Duty, category: Category, site_id: int) -> bool:
    """Whether a duty could match a category at a site, at some zone, severity and hour."""
    return (
        duty.site_id in (None, site_id)
        and duty.category in (None, category)
        and duty.responder in (None, FIRST_RESPONDER[category])
    )


def matches(duty: Duty, matter: Matter) -> bool:
    """Whether a duty by itself matches a matter."""
    return _why_it_matches(duty, matter) is not None


def names_confidence(duty: Duty) -> bool:
    """Whether a duty is meant for what is about insiders; its queue must then be sealed."""
    return duty.category in IN_CONFIDENCE or duty.responder in {FIRST_RESPONDER[one] for one in IN_CONFIDENCE}


def _why_it_matches(duty: Duty, matter: Matter) -> list[str] | None:
    """What matched, one phrase for each filled cell, or None when a cell does not."""
    responder = FIRST_RESPONDER[matter.category]
    cells = (
        (duty.site_id is not None, duty.site_id == matter.site_id, "this site"),
        (duty.zone_id is not None, duty.zone_id == matter.zone_id, "this zone"),
        (duty.responder is not None, duty.responder == responder, f"{responder} acts first"),
        (duty.category is not None, duty.category == matter.category, f"category {matter.category}"),
        (duty.severity is not None, _is_as_urgent(matter.severity, duty.severity), f"severity {matter.severity}"),
        (duty.from_time is not None, _is_on_duty(duty, matter.local_time), "these hours"),
    )
    if any(filled and not matches for filled, matches, _ in cells):
        return None
    return [phrase for filled, _, phrase in cells if filled]


def _is_as_urgent(severity: Severity, at_least: Severity | None) -> bool:
    return at_least is not None and severity.rank <= at_least.rank


def _is_on_duty(duty: Duty, now: time) -> bool:
    """Whether a time of day lies in the duty's hours, which may pass midnight; the end is not included."""
    if duty.from_time is None or duty.to_time is None:
        return True
    if duty.from_time <= duty.to_time:
        return duty.from_time <= now < duty.to_time
    return now >= duty.from_time or now < duty.to_time
