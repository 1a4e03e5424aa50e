"""Closing: what is wanted no more is retired, removed or may sign in no more; and what stands against it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import staffing
from engage.accounts import Officer
from engage.administration import changes, reach, things
from engage.administration.fields import Ending, Kind
from engage.administration.refusals import Missing, Refused, Stale
from engage.models import (
    Authority,
    Case,
    DutyRule,
    Place,
    Poster,
    Queue,
    ResponseTarget,
    Shift,
    Site,
    Staff,
    StaffUnit,
    Unit,
    Zone,
)
from engage.queues import MOST_COUNTED
from engage.sites import describing
from engage.sites.keeping import Keeping

_MODELS: dict[str, Any] = {
    "authorities": Authority,
    "units": Unit,
    "queues": Queue,
    "sites": Site,
    "zones": Zone,
    "places": Place,
}
Against = tuple[str, dict[str, object]]


def _(sentence: str) -> str:
    return sentence


def close(
    session: Session, officer: Officer, now: datetime, *, kind: Kind, name: str, seen: str, reason: str = ""
) -> None:
    """End a thing. Raises `Refused` with the first thing that stands against it, `Stale` and `Missing`."""
    reason = changes.checked_reason(reason)
    changes.take_turn(session)
    part = things.find(session, officer, kind.slug, name)
    if changes.mark(part) != seen:
        raise Stale(part)
    around = reach.look_around(session, officer)
    reach.check(around, kind.slug, part, part)
    if kind.slug in ("units", "queues", "staff"):
        reach.check(around, kind.slug, part, None)
    for sentence, values in against(session, officer, kind, part):
        raise Refused(sentence, **values)
    if kind.ends is Ending.REMOVE:
        things.end_quietly(session, officer, now, kind=kind, part=part, undoes=None, reason=reason)
        return
    _end(session, officer, kind, part, now)
    changes.note(
        session,
        officer,
        now,
        kind=kind.slug,
        name=name,
        before=part.model_dump(mode="json"),
        after=None,
        reason=reason,
        owner=around.owner(kind.slug, part),
    )


def _end(session: Session, officer: Officer, kind: Kind, part: Any, now: datetime) -> None:
    if kind.ends is Ending.DEACTIVATE:
        staffing.deactivate(session, part.login, now, officer.staff_id or None)
        return
    row = _row(session, kind.slug, part)
    row.retired_at = now
    session.add(row)
    session.flush()
    if kind.slug == "queues":  # what is promised and planned for it is over with it
        for model in (ResponseTarget, Shift):
            session.connection().execute(sa.delete(model).where(col(model.queue_id) == row.id))
    if kind.slug == "places":  # its posters go on taking reports, which then say that they are old
        session.connection().execute(
            sa.update(Poster)
            .where(col(Poster.place_id) == row.id, col(Poster.retired_at).is_(None))
            .values(retired_at=now)
        )


def against(session: Session, officer: Officer, kind: Kind, part: Any) -> Iterator[Against]:
    """Why a thing cannot be closed yet, each with what to do first."""
    if kind.slug == "staff":
        if part.login == officer.login:
            yield _("You cannot close your own account; another administrator can."), {}
        return
    if kind.slug in _AGAINST:
        yield from _AGAINST[kind.slug](session, _row(session, kind.slug, part) if kind.slug in _MODELS else part)


def _row(session: Session, kind: str, part: Any) -> Any:
    model = _MODELS[kind]
    keeping = Keeping(session)
    by = {"slug": part.slug}
    if kind in ("zones", "places"):
        by["site_id"] = keeping.id_of(Site, part.site)
    row = session.exec(select(model).filter_by(**by)).first()
    if row is None:
        raise Missing
    return row


def _queue(session: Session, queue: Queue) -> Iterator[Against]:
    waiting = open_cases(session, queue.id or 0)
    if waiting:
        sentence = _("%(count)s open cases wait in %(queue)s. Move or end them first.")
        yield sentence, {"count": waiting, "queue": queue.name}
    rules = session.exec(select(DutyRule.slug).where(DutyRule.queue_id == queue.id).order_by(col(DutyRule.position)))
    slugs = list(rules)
    if slugs:
        yield _("Routing rules send reports there: %(rules)s. Change them first."), {"rules": ", ".join(slugs)}
    sites = list(session.exec(select(Site.name).where(Site.fallback_queue_id == queue.id)))
    if sites:
        yield _("It is the fallback queue of %(sites)s. Choose another there first."), {"sites": ", ".join(sites)}


def open_cases(session: Session, queue_id: int) -> int:
    """How many open cases wait in a queue; counted up to 1,000."""
    some = sa.select(col(Case.id)).where(col(Case.queue_id) == queue_id, col(Case.closed_at).is_(None))
    counted = sa.select(sa.func.count()).select_from(some.limit(MOST_COUNTED).subquery())
    return int(session.connection().execute(counted).scalar_one())


def _unit(session: Session, unit: Unit) -> Iterator[Against]:
    yield from _inside(session, Queue, col(Queue.unit_id) == unit.id)
    members = (
        select(Staff.name)
        .join(StaffUnit, col(StaffUnit.staff_id) == Staff.id)
        .where(StaffUnit.unit_id == unit.id, col(Staff.active).is_(True))
    )
    names = list(session.exec(members.order_by(col(Staff.name)).limit(20)))
    if names:
        yield _("Staff work in it: %(names)s. Give them another unit first."), {"names": ", ".join(names)}


def _inside(session: Session, model: Any, which: Any) -> Iterator[Against]:
    names = list(
        session.exec(select(model.name).where(which, model.retired_at.is_(None)).order_by(model.name).limit(20))
    )
    if names:
        yield _("These are still in use in it: %(names)s. Close them first."), {"names": ", ".join(names)}


def _authority(session: Session, authority: Authority) -> Iterator[Against]:
    yield from _inside(session, Unit, col(Unit.authority_id) == authority.id)


def _site(session: Session, site: Site) -> Iterator[Against]:
    yield from _inside(session, Zone, col(Zone.site_id) == site.id)
    yield from _ruled(session, col(DutyRule.site_id) == site.id)
    others = select(Site.id).where(Site.id != site.id, col(Site.retired_at).is_(None))
    if session.exec(others.limit(1)).first() is None:
        yield _("It is the only site; reports would have nowhere to be."), {}


def _zone(session: Session, zone: Zone) -> Iterator[Against]:
    yield from _inside(session, Place, col(Place.zone_id) == zone.id)
    yield from _ruled(session, col(DutyRule.zone_id) == zone.id)


def _ruled(session: Session, which: Any) -> Iterator[Against]:
    slugs = list(session.exec(select(DutyRule.slug).where(which).order_by(col(DutyRule.position))))
    if slugs:
        yield _("Routing rules name it: %(rules)s. Change them first."), {"rules": ", ".join(slugs)}


def _calendar(session: Session, part: Any) -> Iterator[Against]:
    used = [
        name
        for name, target in describing.things(session, "targets").items()
        if getattr(target, "calendar", None) == part.slug
    ]
    if used:
        yield _("Response targets count in its hours: %(targets)s. Change them first."), {"targets": ", ".join(used)}


_AGAINST: dict[str, Callable[[Session, Any], Iterator[Against]]] = {
    "queues": _queue,
    "units": _unit,
    "authorities": _authority,
    "sites": _site,
    "zones": _zone,
    "calendars": _calendar,
}
