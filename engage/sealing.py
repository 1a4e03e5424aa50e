"""Sealing: what is about insiders is kept in sealed queues alone, which only members of one unit read.

Not by supervisors, not by administrators, not in search, counts, numbers or mails: `cases.visible_to` hides a sealed
queue from everybody else, and here is what brings a case there whenever it turns out to be about insiders.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from engage import cases, duty_rows
from engage.models import Case, Place, Queue, Site
from engage.routing import IN_CONFIDENCE, Matter, Route, could_match, names_confidence, route
from engage.taxonomy import CaseStatus, Category, Severity


class NoSealedQueue(Exception):
    """No rule sends what is about insiders to a sealed queue here. An administrator who adds one helps."""


@dataclass(frozen=True, slots=True)
class Unsealed:
    """Why reports about insiders would be read by those whom they accuse: a rule of an open queue, or a site."""

    rule: str | None
    site: str | None
    queue: str

    def __str__(self) -> str:
        """What is wrong, and what helps."""
        if self.rule is not None:
            return f"the rule {self.rule} sends reports about insiders to {self.queue}, which is not sealed"
        return (
            f"no rule sends reports about insiders at {self.site} to a sealed queue, so whoever they accuse may read "
            f"them in {self.queue}; add a rule with responder: integrity and a queue with sealed: true"
        )


def confided(session: Session, queue_id: int, category: Category) -> bool:
    """Whether a queue may keep a category."""
    return category not in IN_CONFIDENCE or session.get_one(Queue, queue_id).sealed


def way_in(session: Session, case: Case, category: Category, severity: Severity, now: datetime) -> Route | None:
    """Where a case must go once it is of a category; None where it may stay. `NoSealedQueue` where there is none.

    A sealed queue of the same authority comes first; else it goes where a new report of its kind would.
    """
    if confided(session, case.queue_id, category):
        return None
    site = session.get_one(Site, case.site_id)
    place = session.get(Place, case.place_id) if case.place_id else None
    local_time = now.astimezone(ZoneInfo(site.timezone)).time()
    matter = Matter(category, severity, case.site_id, place.zone_id if place else None, local_time)
    duties = duty_rows.duties_for(session, category, case.site_id)
    ours = set(session.exec(select(Queue.id).where(Queue.authority_id == case.authority_id)))
    for some in ([duty for duty in duties if duty.queue_id in ours], duties):
        chosen = route(matter, some, site.fallback_queue_id)
        if confided(session, chosen.queue_id, category):
            return chosen
    raise NoSealedQueue


def way_for_new(session: Session, beside: Case, category: Category, severity: Severity, now: datetime) -> Route | None:
    """The same for a case that is opened beside another, which must be opened even where there is no sealed queue."""
    try:
        return way_in(session, beside, category, severity, now)
    except NoSealedQueue:
        return None


def moved_to(session: Session, chosen: Route) -> dict[str, Any]:
    """What becomes of a case that goes to another queue by the rules: nobody there holds it yet."""
    post = cases.find_post(session, chosen.queue_id)
    return {
        "queue_id": post.queue_id,
        "authority_id": post.authority_id,
        "route_reason": chosen.reason,
        "holder_id": None,
        "status": CaseStatus.TRIAGED,
    }


def parts(session: Session, case: Case, other: Case) -> bool:
    """Whether a sealed queue stands between two cases, so that nothing of one may come into the other."""
    return case.queue_id != other.queue_id and any(session.get_one(Queue, one.queue_id).sealed for one in (case, other))


def unsealed(session: Session) -> Iterator[Unsealed]:
    """What is wrong with the rules as they stand: rules first, then sites by their slugs."""
    queues = {queue.id: queue for queue in session.exec(select(Queue))}
    duties = duty_rows.whole_table(session).duties
    for duty in duties:
        if names_confidence(duty) and not duty.sealed:
            yield Unsealed(duty.slug, None, queues[duty.queue_id].slug)
    for site in session.exec(select(Site).where(col(Site.retired_at).is_(None)).order_by(col(Site.slug))):
        fallback = queues[site.fallback_queue_id]
        for category in IN_CONFIDENCE:
            ways = (duty.sealed and could_match(duty, category, site.id or 0) for duty in duties)
            if not fallback.sealed and not any(ways):
                yield Unsealed(None, site.slug, fallback.slug)


def keeps_confided(session: Session, queue_id: int) -> bool:
    """Whether a queue holds what is about insiders, so that it stays sealed and with its unit."""
    query = select(Case.id).where(col(Case.queue_id) == queue_id, col(Case.category).in_(IN_CONFIDENCE)).limit(1)
    return session.exec(query).first() is not None
