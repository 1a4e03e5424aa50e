"""Things one by one: what there is, saved by the checks of a description, with nothing lost when two save at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import sealing, staffing
from engage.accounts import Officer
from engage.administration import changes, reach
from engage.administration.fields import Ending, Kind
from engage.administration.kinds import KINDS
from engage.administration.refusals import Missing, Refused, Stale
from engage.models import (
    Authority,
    Calendar,
    Place,
    Poster,
    Queue,
    ReadyReply,
    ResponseTarget,
    SettingsChange,
    Shift,
    Site,
    SiteFact,
    Staff,
    Unit,
    Zone,
)
from engage.sites.describing import described, things
from engage.sites.keeping import Keeping
from engage.sites.loading import Loading
from engage.sites.parts import KINDS as ENTRIES
from engage.sites.parts import name_of, put_together
from engage.sites.reading import DescriptionError, checked, entry_of
from engage.sites.values import DAYS, Entry
from engage.taxonomy import Role


def _(sentence: str) -> str:
    return sentence


TAKEN = _("There is one with this name already: %(name)s.")
LAST = _("Your authority would be left without an administrator.")


def mine(session: Session, officer: Officer, kind: str) -> dict[str, Entry]:
    """What an administrator sees of a kind, by name."""
    around = reach.look_around(session, officer)
    return {name: part for name, part in things(session, kind).items() if around.sees(kind, part)}


def find(session: Session, officer: Officer, kind: str, name: str) -> Entry:
    """One thing. Raises `Missing` where there is none or it is another authority's."""
    found = mine(session, officer, kind).get(name)
    if found is None:
        raise Missing
    return found


def save(
    session: Session,
    officer: Officer,
    now: datetime,
    *,
    kind: Kind,
    name: str | None,
    values: dict[str, Any],
    seen: str,
    reason: str = "",
    undoes: int | None = None,
) -> Entry:
    """Make a thing (`name` is None) or change it, with a line in the list of changes.

    `seen` marks the state that the form was filled in for. Raises `Stale`, `Missing`, `Refused`, and
    `DescriptionError` where the entry is wrong in itself or does not fit the others; the caller's transaction then
    ends without a change.
    """
    reason = changes.checked_reason(reason)
    changes.take_turn(session)
    around = reach.look_around(session, officer)
    there = things(session, kind.slug)
    before = _seen(there, name, seen, around, kind)
    entry = entry_of(ENTRIES[kind.slug], values)
    after_name = name_of(entry)
    reach.check(around, kind.slug, before, entry)
    if after_name != name and (after_name in there or _was_there(session, kind.slug, entry)):
        raise Refused(TAKEN, name=after_name)
    wrong_before = set(sealing.unsealed(session))
    _write(session, kind.slug, before, entry)
    _check_whole(session)
    for problem in (one for one in sealing.unsealed(session) if one not in wrong_before):
        raise DescriptionError(str(problem))
    _check_administered(session, officer)
    if before is None or before.model_dump() != entry.model_dump():
        changes.note(
            session,
            officer,
            now,
            kind=kind.slug,
            name=after_name,
            before=before.model_dump(mode="json") if before else None,
            after=entry.model_dump(mode="json"),
            reason=reason,
            owner=around.owner(kind.slug, entry),
            undoes=undoes,
        )
    return entry


def _seen(there: dict[str, Entry], name: str | None, seen: str, around: reach.Around, kind: Kind) -> Entry | None:
    """The thing as it stands, if it is as it was seen."""
    if name is None:
        return None
    before = there.get(name)
    if before is None or not around.sees(kind.slug, before):
        raise Missing
    if changes.mark(before) != seen:
        raise Stale(before)
    return before


def _was_there(session: Session, kind: str, entry: Any) -> bool:
    """Whether a closed thing has this name: what was reported to it keeps it."""
    model: Any = {"authorities": Authority, "units": Unit, "queues": Queue, "sites": Site}.get(kind)
    if model is not None:
        return session.exec(select(model.id).where(model.slug == entry.slug)).first() is not None
    inner: Any = {"zones": Zone, "places": Place}.get(kind)
    if inner is None:
        return False
    query = select(inner.id).join(Site, col(Site.id) == inner.site_id)
    return session.exec(query.where(Site.slug == entry.site, inner.slug == entry.slug)).first() is not None


def _write(session: Session, kind: str, before: Any, entry: Any) -> None:
    loading = Loading(session)
    if before is not None and _keys(kind, before) != _keys(kind, entry):
        remove(session, kind, before)  # a shift on another day is another row
    _KEEP[kind](loading, entry)
    if kind == "sites":
        gone = sa.delete(SiteFact).where(
            col(SiteFact.site_id) == loading.id_of(Site, entry.slug), col(SiteFact.topic).not_in(list(entry.facts))
        )
        session.connection().execute(gone)
    session.flush()


def _keys(kind: str, part: Any) -> dict[str, Any]:
    """What a thing that may be renamed is kept by."""
    return {"queue": part.queue, "day": part.day, "hours": part.hours, "staff": part.staff} if kind == "shifts" else {}


def remove(session: Session, kind: str, part: Any) -> None:
    """Delete the row of a thing that no report refers to."""
    keeping = Keeping(session)
    row: Any
    if kind == "shifts":
        row = _shift(session, keeping, part)
    elif kind == "targets":
        queue_id = keeping.id_of(Queue, part.queue) if part.queue else None
        row = session.exec(select(ResponseTarget).filter_by(queue_id=queue_id, severity=part.severity.value)).one()
    else:
        model: Any = {"calendars": Calendar, "replies": ReadyReply}[kind]
        row = session.exec(select(model).filter_by(slug=part.slug)).one()
    session.delete(row)
    session.flush()


def _shift(session: Session, keeping: Keeping, part: Any) -> Shift:
    from_time, to_time = part.hours.split("-")
    for row in session.exec(
        select(Shift).filter_by(queue_id=keeping.id_of(Queue, part.queue), weekday=DAYS.index(part.day))
    ):
        login = session.get_one(Staff, row.staff_id).login if row.staff_id else None
        if (f"{row.from_time:%H:%M}", f"{row.to_time:%H:%M}", login) == (from_time, to_time, part.staff):
            return row
    raise Missing


def _check_whole(session: Session) -> None:
    """The settings as they would be, by the checks that a description goes through."""
    session.expire_all()
    checked(put_together(described(session)))


def _check_administered(session: Session, officer: Officer) -> None:
    """Somebody must be left who can change the settings of the authority."""
    left = select(Staff.id).where(
        Staff.authority_id == officer.authority_id,
        Staff.role == Role.ADMINISTRATOR,
        col(Staff.active).is_(True),
    )
    if session.exec(left.limit(1)).first() is None:
        raise Refused(LAST)


def _keep_shift(loading: Loading, entry: Any) -> None:
    begin, end = (_clock(one) for one in entry.hours.split("-"))
    loading.keep_shift(entry.queue, entry.day, (begin, end), entry.timezone, entry.staff)


def _clock(written: str) -> Any:
    return datetime.strptime(written, "%H:%M").time()  # noqa: DTZ007 - a time of day, of no zone


_KEEP: dict[str, Callable[[Loading, Any], object]] = {
    "authorities": lambda loading, entry: loading.keep_authority(entry),
    "units": lambda loading, entry: loading.keep_unit(entry, entry.authority),
    "queues": lambda loading, entry: loading.keep_queue(entry, entry.unit),
    "sites": lambda loading, entry: loading.keep_site(entry),
    "zones": lambda loading, entry: loading.keep_zone(entry, entry.site),
    "places": lambda loading, entry: loading.keep_place(entry, entry.site, entry.zone),
    "staff": lambda loading, entry: loading.keep_member(entry),
    "calendars": lambda loading, entry: loading.keep_calendar(entry, entry.timezone or "UTC"),
    "targets": lambda loading, entry: loading.keep_target(entry),
    "shifts": _keep_shift,
    "replies": lambda loading, entry: loading.keep_reply(entry),
}


def undo(session: Session, officer: Officer, now: datetime, change_id: int) -> str:
    """Take a change of a plain thing back, if nobody changed it since; gives its name."""
    change = changes.to_undo(session, officer, change_id, *KINDS)
    kind = KINDS[change.kind]
    there = mine(session, officer, change.kind).get(change.name)
    changes.refuse_newer(changes.mark(there) == changes.mark_of(change.after))
    if change.before is None:
        end_quietly(session, officer, now, kind=kind, part=there, undoes=change_id)
    elif change.after is None and kind.ends is not Ending.REMOVE:
        _open_again(session, officer, now, kind, change)
    else:
        from_now_on = changes.mark(there)
        save(
            session,
            officer,
            now,
            kind=kind,
            name=change.name if there is not None else None,
            values=dict(change.before),
            seen=from_now_on,
            undoes=change_id,
        )
    return change.name


def _open_again(session: Session, officer: Officer, now: datetime, kind: Kind, change: SettingsChange) -> None:
    """Put what was closed into use again, as it was; the posters of a place too that were retired with it."""
    changes.take_turn(session)
    around = reach.look_around(session, officer)
    entry: Any = entry_of(ENTRIES[kind.slug], dict(change.before or {}))
    reach.check(around, kind.slug, None, entry)
    if kind.slug == "staff":
        staffing.reactivate(session, change.name, now, officer.staff_id or None)
    _write(session, kind.slug, None, entry)
    if kind.slug == "places":
        at_place = select(Place.id).join(Site, col(Site.id) == Place.site_id)
        at_place = at_place.where(Site.slug == entry.site, Place.slug == entry.slug)
        session.connection().execute(
            sa.update(Poster)
            .where(col(Poster.place_id).in_(at_place), col(Poster.retired_at) == change.at)
            .values(retired_at=None)
        )
    _check_whole(session)
    changes.note(
        session,
        officer,
        now,
        kind=kind.slug,
        name=change.name,
        before=None,
        after=entry.model_dump(mode="json"),
        reason="",
        owner=around.owner(kind.slug, entry),
        undoes=change.id,
    )


def end_quietly(
    session: Session, officer: Officer, now: datetime, *, kind: Kind, part: Any, undoes: int | None, reason: str = ""
) -> None:
    """Delete a thing that comes and goes, with a line in the list of changes."""
    around = reach.look_around(session, officer)
    changes.take_turn(session)
    remove(session, kind.slug, part)
    _check_whole(session)
    changes.note(
        session,
        officer,
        now,
        kind=kind.slug,
        name=name_of(part),
        before=part.model_dump(mode="json"),
        after=None,
        reason=reason,
        owner=around.owner(kind.slug, part),
        undoes=undoes,
    )
