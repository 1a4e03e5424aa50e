"""Watching posters: what is known of each is judged, and the warnings that stand are kept in step with it.

What is written is little and repeats itself without harm, so several workers may look at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from engage.db import Database
from engage.models import Place, Poster, PosterInspection, PosterScan, PosterWarning, Report, Site
from engage.models.posters import STANDING
from engage.posters.warnings import LOOKED_AT, USUAL_DAYS, Hour, Wall, Warned, is_still_silent, warn
from engage.taxonomy import Channel, FoundBy, PosterTrouble

#: Posters that are looked at together.
AT_ONCE: Final = 200
#: Reports that are looked at, the newest: more than any site has in a week, and a row's read each.
MOST_REPORTS: Final = 20_000
_WEEK: Final = timedelta(weeks=1)
#: What is counted over a time that moves on ends and begins again; within a week it is the same warning.
ROLLING: Final = frozenset(
    {
        PosterTrouble.MORE_TYPED,
        PosterTrouble.IMPOSSIBLE_RHYTHM,
        PosterTrouble.RETIRED_SCANNED,
        PosterTrouble.ELSEWHERE,
    }
)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a poster is warned of now, and whether an old silence of it still lasts."""

    poster_id: int
    warned: tuple[Warned, ...]
    hours: tuple[Hour, ...]
    wall: Wall


def look(database: Database, now: datetime) -> int:
    """Judge every poster of the sites in use and bring the warnings in step; give how many posters there are."""
    with database.reading() as session:
        every = session.connection().scalars(
            sa.select(col(Poster.id))
            .join(Place, col(Place.id) == Poster.place_id)
            .join(Site, col(Site.id) == Place.site_id)
            .where(col(Site.retired_at).is_(None))
            .order_by(col(Poster.id))
        )
        poster_ids = [one for one in every if one is not None]
    for first in range(0, len(poster_ids), AT_ONCE):
        some = poster_ids[first : first + AT_ONCE]
        with database.reading() as session:
            judged = judge(session, some, now)
        # Most looks find nothing new, and nobody who writes should wait for them to say so.
        with database.reading() as session:
            wanted = bool(_changes(session, judged, now))
        if wanted:
            with database.transaction() as session:
                _write(session, _changes(session, judged, now), now)
    return len(poster_ids)


def look_at_one(session: Session, poster_id: int, now: datetime) -> None:
    """Judge one poster and bring its warnings in step, in the caller's transaction."""
    _write(session, _changes(session, judge(session, [poster_id], now), now), now)


# ── judging ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def judge(session: Session, poster_ids: Sequence[int], now: datetime) -> list[Judged]:
    """What each of some posters is warned of now."""
    hours = _hours(session, poster_ids, now)
    inspections, reports = _inspections(session, poster_ids), _reports(session, poster_ids, now)
    query = (
        sa.select(
            col(Poster.id),
            col(Poster.printed_at),
            col(Poster.retired_at),
            col(Site.timezone),
            col(Site.inspection_days),
        )
        .join(Place, col(Place.id) == Poster.place_id)
        .join(Site, col(Site.id) == Place.site_id)
        .where(col(Poster.id).in_(poster_ids))
    )
    judged = []
    for row in session.connection().execute(query):
        inspected_at, found = inspections.get(row.id, (None, None))
        wall = Wall(
            inspected_at=inspected_at,
            found=found,
            printed_at=row.printed_at,
            days=row.inspection_days or USUAL_DAYS,
            reports_typed=reports[row.id, FoundBy.TYPED],
            reports_scanned=reports[row.id, FoundBy.SCANNED],
            retired=row.retired_at is not None,
        )
        own = hours[row.id]
        judged.append(Judged(row.id, tuple(warn(own, now=now, zone=ZoneInfo(row.timezone), wall=wall)), own, wall))
    return judged


def _hours(session: Session, poster_ids: Sequence[int], now: datetime) -> Mapping[int, tuple[Hour, ...]]:
    query = sa.select(
        col(PosterScan.poster_id),
        col(PosterScan.hour),
        col(PosterScan.scans),
        col(PosterScan.typed),
        col(PosterScan.outdated),
        col(PosterScan.elsewhere),
    ).where(col(PosterScan.poster_id).in_(poster_ids), col(PosterScan.hour) > now - LOOKED_AT)
    found: dict[int, list[Hour]] = defaultdict(list)
    for poster_id, hour, scans, typed, outdated, elsewhere in session.connection().execute(query):
        found[poster_id].append(Hour(hour, scans, typed, outdated, elsewhere))
    return defaultdict(tuple, {poster_id: tuple(hours) for poster_id, hours in found.items()})


def _inspections(session: Session, poster_ids: Sequence[int]) -> dict[int, tuple[datetime, Any]]:
    """When each was last inspected, and how it was found."""
    query = (
        sa.select(col(PosterInspection.poster_id), col(PosterInspection.made_at), col(PosterInspection.found))
        .where(col(PosterInspection.poster_id).in_(poster_ids))
        .order_by(col(PosterInspection.made_at), col(PosterInspection.id))
    )
    return {poster_id: (made_at, found) for poster_id, made_at, found in session.connection().execute(query)}


def _reports(session: Session, poster_ids: Sequence[int], now: datetime) -> Mapping[tuple[int, FoundBy], int]:
    """How many reports of the last week came from each poster's page, by how their senders came there."""
    newest = sa.select(sa.func.max(col(Report.id)) - MOST_REPORTS).scalar_subquery()
    query = (
        sa.select(col(Report.poster_id), col(Report.found_by), sa.func.count())
        .where(
            col(Report.id) > newest,
            col(Report.received_at) > now - _WEEK,
            col(Report.poster_id).in_(poster_ids),
            col(Report.channel).in_([Channel.WEB, Channel.CHAT]),
        )
        .group_by(col(Report.poster_id), col(Report.found_by))
    )
    found = {(poster_id or 0, by): count for poster_id, by, count in session.connection().execute(query)}
    return defaultdict(int, found)


# ── warnings that stand ──────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Change:
    """A warning to raise, to count anew (`warning_id`), to raise again (`again`), or to end (without `warned`)."""

    poster_id: int
    warned: Warned | None
    warning_id: int | None = None
    again: bool = False


def _changes(session: Session, judged: Iterable[Judged], now: datetime) -> list[_Change]:
    """What is to be written so that the warnings that stand are those that were judged."""
    judged = list(judged)
    query = (
        sa.select(
            col(PosterWarning.id),
            col(PosterWarning.poster_id),
            col(PosterWarning.kind),
            col(PosterWarning.since),
            col(PosterWarning.counted),
            col(PosterWarning.ended_at),
        )
        .where(
            col(PosterWarning.poster_id).in_([one.poster_id for one in judged]),
            sa.or_(col(PosterWarning.ended_at).is_(None), col(PosterWarning.ended_at) > now - _WEEK),
        )
        .order_by(col(PosterWarning.id))
    )
    rows: dict[int, list[Any]] = defaultdict(list)
    for row in session.connection().execute(query):
        rows[row.poster_id].append(row)
    return [change for one in judged for change in _of_one(one, rows[one.poster_id], now)]


def _of_one(judged: Judged, rows: Sequence[Any], now: datetime) -> list[_Change]:
    standing = {row.kind: row for row in rows if row.ended_at is None}
    lately = {row.kind: row for row in rows if row.ended_at is not None and row.kind in ROLLING}
    changes = []
    for warned in judged.warned:
        there = standing.pop(warned.kind, None)
        if there is None:
            again = lately.get(warned.kind)
            changes.append(_Change(judged.poster_id, warned, again.id if again else None, again=again is not None))
        elif warned.counted != there.counted:
            changes.append(_Change(judged.poster_id, warned, there.id))
    silence = standing.get(PosterTrouble.SILENT)
    if silence and is_still_silent(judged.hours, since=silence.since, now=now, wall=judged.wall):
        del standing[PosterTrouble.SILENT]
    return [*changes, *(_Change(judged.poster_id, None, row.id) for row in standing.values())]


def _write(session: Session, changes: Iterable[_Change], now: datetime) -> None:
    connection = session.connection()
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    table = sa.inspect(PosterWarning).local_table
    for change in changes:
        warned, own = change.warned, col(PosterWarning.id) == change.warning_id
        if warned is None:
            connection.execute(sa.update(PosterWarning).where(own).values(ended_at=now))
            continue
        counted = {"since": warned.since, "counted": warned.counted, "against": warned.against}
        if change.warning_id is None:
            row = dialect.insert(table).values(
                poster_id=change.poster_id, kind=warned.kind, raised_at=now, told_at=None, ended_at=None, **counted
            )
            where = sa.text(STANDING)
            connection.execute(row.on_conflict_do_nothing(index_elements=["poster_id", "kind"], index_where=where))
        else:
            again = {"ended_at": None} if change.again else {}
            connection.execute(sa.update(PosterWarning).where(own).values(**counted, **again))
