"""Loading a site's places from a table: what it would change, and the change itself; what it does not name stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from engage import audit
from engage.accounts import Officer
from engage.administration import changes
from engage.administration.refusals import Missing, Refused
from engage.models import Place, Site
from engage.sites.describing import things
from engage.sites.loading import Loading
from engage.sites.parts import PlacePart, name_of
from engage.sites.place_sheet import Fault, PlaceSheet, read_places, write_places
from engage.taxonomy import Act


def _(sentence: str) -> str:
    return sentence


CLOSED = _("The place %(key)s was closed. Give this row another key.")


@dataclass(frozen=True, slots=True)
class Looked:
    """What a table would do to a site. With faults nothing is loaded; `kept` are places that it does not name."""

    site: str
    new: tuple[PlacePart, ...]
    changed: tuple[tuple[PlacePart, PlacePart], ...]
    untouched: int
    kept: tuple[PlacePart, ...]
    faults: tuple[Fault, ...]
    passed_over: tuple[str, ...]

    @property
    def mark(self) -> str:
        """What a page says of the change that it showed."""
        wanted = [[None, _plain(one)] for one in self.new]
        return changes.mark_of([*wanted, *([_plain(before), _plain(after)] for before, after in self.changed)])

    @property
    def changes_something(self) -> bool:
        """Whether loading would do anything."""
        return bool(self.new or self.changed)


class ChangedMeanwhile(Exception):
    """The places are not as they were when the table was looked at; looking again helps."""


def look(session: Session, data: bytes, site: str) -> Looked:
    """What a CSV or XLSX file would change at a site. Raises `Missing` for an unknown site, and `SheetError`."""
    there = at_site(session, site)
    zones: Any = things(session, "zones")
    of_site = {zone.slug: zone.name for zone in zones.values() if zone.site == site}
    sheet = read_places(data, site, there, of_site)
    closed = _closed(session, site)
    faults = (
        *sheet.faults,
        *(Fault(0, "key", CLOSED, {"key": one.slug}) for one in sheet.places if one.slug in closed),
    )
    return _compared(site, sheet, there, faults)


def _compared(site: str, sheet: PlaceSheet, there: Mapping[str, PlacePart], faults: tuple[Fault, ...]) -> Looked:
    named = {one.slug for one in sheet.places}
    old = [(there[one.slug], one) for one in sheet.places if one.slug in there]
    changed = tuple((before, after) for before, after in old if _plain(before) != _plain(after))
    return Looked(
        site=site,
        new=tuple(one for one in sheet.places if one.slug not in there),
        changed=changed,
        untouched=len(old) - len(changed),
        kept=tuple(one for slug, one in there.items() if slug not in named),
        faults=faults,
        passed_over=sheet.passed_over,
    )


def at_site(session: Session, site: str) -> dict[str, PlacePart]:
    """The places of a site by slug, in walking order. Raises `Missing`."""
    if site not in things(session, "sites"):
        raise Missing
    found: Any = things(session, "places")
    own = [one for one in found.values() if one.site == site]
    last = max((one.walking_order or 0 for one in own), default=0) + 1
    own.sort(key=lambda one: one.walking_order if one.walking_order is not None else last)
    return {one.slug: one for one in own}


def export(session: Session, site: str) -> str:
    """The places of a site as CSV, which loads again to the same. Raises `Missing`."""
    return write_places(at_site(session, site).values())


def load(
    session: Session,
    officer: Officer | None,
    now: datetime,
    data: bytes,
    site: str,
    *,
    seen: str | None,
    reason: str = "",
) -> Looked:
    """Load a table in the caller's transaction. `officer` and `seen` are None where it is loaded by command.

    Raises `Missing`, `SheetError`, `Refused` where a row is wrong, and `ChangedMeanwhile` where `seen` is not the mark
    of what it would change now.
    """
    reason = changes.checked_reason(reason)
    changes.take_turn(session)
    looked = look(session, data, site)
    if looked.faults:
        raise Refused(_("Nothing was loaded: %(count)s cells are wrong."), count=len(looked.faults))
    if seen is not None and looked.mark != seen:
        raise ChangedMeanwhile
    loading = Loading(session)
    for before, after in (*((None, one) for one in looked.new), *looked.changed):
        loading.keep_place(after, site, after.zone)
        if officer is not None:
            _note(session, officer, now, before, after, reason)
    audit.record(
        session,
        now=now,
        act=Act.SETTINGS_LOADED,
        staff_id=(officer.staff_id or None) if officer else None,
        authority_id=officer.authority_id if officer else None,
        about=f"places:{site}",
        reason=reason,
        details={"new": len(looked.new), "changed": len(looked.changed), "untouched": looked.untouched},
    )
    return looked


def _note(
    session: Session, officer: Officer, now: datetime, before: PlacePart | None, after: PlacePart, reason: str
) -> None:
    changes.note(
        session,
        officer,
        now,
        kind="places",
        name=name_of(after),
        before=before.model_dump(mode="json") if before else None,
        after=after.model_dump(mode="json"),
        reason=reason,
        owner=None,
    )


def _closed(session: Session, site: str) -> set[str]:
    query = select(Place.slug).join(Site, col(Site.id) == Place.site_id)
    return set(session.exec(query.where(Site.slug == site, col(Place.retired_at).is_not(None))))


def _plain(part: PlacePart) -> dict[str, Any]:
    return part.model_dump(mode="json", exclude={"posters"})
