"""What is known of a poster warns of, with reasons. Pure: nothing is read but what is handed in.

A poster has fallen silent when its silence would be a rare accident. From the four weeks before the silence the scans
of each hour of the week (in the site's own time, so that a change of the clocks moves nothing) are averaged without the
fullest week, which keeps one burst of a crawler from raising them. The sum of these over the silent hours is what was
to be expected, E. Were scans independent, none at all would happen with probability exp(-E); days differ, so E must
reach 20: even on a day half as busy as usual, silence is then an accident of 1 in 20,000. A busy poster reaches 20
within a day, one that is seldom scanned after weeks only, and is left alone: silence is looked at for seven days at
most. Without two weeks of history nothing is said. Among 800 simulated healthy posters (0.5 to 150 scans a day) over
5,600 weeks in all, looked at every eight hours, none was warned of where days differ by a fifth or by two fifths (log-
normal), and six were where they differ by three fifths. A gate that is closed for a day is silent too. Hours after
`now`, which a clock that jumped has written, are ignored. An officer who found the poster in place, and came to our
page by it, ends a silence: it is counted anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from engage.taxonomy import Condition, PosterTrouble

SILENCE_IS_RARE_FROM = 20.0
WEEKS = 4
LEAST_WEEKS = 2
LONGEST_SILENCE = timedelta(days=7)
#: How far back counts are looked at: four weeks before the longest silence.
LOOKED_AT = WEEKS * timedelta(weeks=1) + LONGEST_SILENCE
#: Nobody can stand before one poster so often in one hour: two a minute, all hour long.
MOST_IN_AN_HOUR = 120
LEAST_TYPED = 5
#: So many who stand elsewhere in a week are no mistake.
LEAST_ELSEWHERE = 3
USUAL_DAYS = 90
_HOUR, _WEEK, _DAY = timedelta(hours=1), timedelta(weeks=1), timedelta(days=1)
_FOUND = {
    Condition.STICKER_FOUND: PosterTrouble.STICKER,
    Condition.DAMAGED: PosterTrouble.DAMAGED,
    Condition.MISSING: PosterTrouble.MISSING,
}


@dataclass(frozen=True, slots=True)
class Hour:
    """The openings of one poster in the hour that begins at `start` (with a time zone), by how they came.

    `outdated` came by the QR code of an earlier version; `elsewhere` said that they stand somewhere else.
    """

    start: datetime
    scans: int
    typed: int = 0
    outdated: int = 0
    elsewhere: int = 0


@dataclass(frozen=True, slots=True)
class Wall:
    """What else is known of a poster: its last inspection and what it found, when it was printed, and its reports.

    `days`: after so many it is to be inspected again. Reports are those of the last week from its page.
    """

    inspected_at: datetime | None = None
    found: Condition | None = None
    printed_at: datetime | None = None
    days: int = USUAL_DAYS
    reports_typed: int = 0
    reports_scanned: int = 0
    retired: bool = False

    @property
    def seen_in_place(self) -> datetime | None:
        """When an officer last found it as it should be."""
        return self.inspected_at if self.found is Condition.IN_PLACE else None


BARE_WALL = Wall()


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning and its reason: what was counted since when, and what was to be expected or is the limit."""

    kind: PosterTrouble
    since: datetime
    counted: int
    against: float


def warn(hours: Iterable[Hour], *, now: datetime, zone: ZoneInfo, wall: Wall = BARE_WALL) -> list[Warned]:
    """Every warning about one poster, the gravest first; of a retired one only that it is still scanned."""
    known = [hour for hour in hours if hour.start <= now]
    today = [hour for hour in known if hour.start > now - _DAY]
    if wall.retired:
        scans = sum(hour.scans + hour.outdated for hour in today)
        return [Warned(PosterTrouble.RETIRED_SCANNED, now - _DAY, scans, 0)] if scans else []
    found = [
        _found(wall),
        _silent(known, now, zone, wall.seen_in_place),
        _rhythm(today),
        _typed(today, wall, now),
        _elsewhere(known, wall, now),
        _outdated(today, now),
        _uninspected(known, wall, now),
    ]
    return sorted((one for one in found if one), key=lambda one: list(PosterTrouble).index(one.kind))


def is_still_silent(hours: Iterable[Hour], *, since: datetime, now: datetime, wall: Wall) -> bool:
    """Whether a poster that fell silent once is so still, however long: neither scanned nor found in place since."""
    scanned = any(hour.scans and since <= hour.start <= now for hour in hours)
    return not scanned and not wall.retired and not (wall.seen_in_place and wall.seen_in_place > since)


def _found(wall: Wall) -> Warned | None:
    if wall.found is None or wall.inspected_at is None or wall.found not in _FOUND:
        return None
    return Warned(_FOUND[wall.found], wall.inspected_at, 1, 0)


def _rhythm(today: Sequence[Hour]) -> Warned | None:
    fullest = max(today, key=lambda hour: hour.scans, default=None)
    if fullest is None or fullest.scans <= MOST_IN_AN_HOUR:
        return None
    return Warned(PosterTrouble.IMPOSSIBLE_RHYTHM, fullest.start, fullest.scans, MOST_IN_AN_HOUR)


def _typed(today: Sequence[Hour], wall: Wall, now: datetime) -> Warned | None:
    """More openings of a day, or more reports of a week, by a typed code than by a scanned one."""
    typed, scans = sum(hour.typed for hour in today), sum(hour.scans for hour in today)
    if typed >= LEAST_TYPED and typed > scans:
        return Warned(PosterTrouble.MORE_TYPED, now - _DAY, typed, scans)
    if wall.reports_typed >= LEAST_TYPED and wall.reports_typed > wall.reports_scanned:
        return Warned(PosterTrouble.MORE_TYPED, now - _WEEK, wall.reports_typed, wall.reports_scanned)
    return None


def _elsewhere(known: Sequence[Hour], wall: Wall, now: datetime) -> Warned | None:
    since = max(now - _WEEK, wall.seen_in_place or now - _WEEK)
    said = sum(hour.elsewhere for hour in known if hour.start >= since)
    return Warned(PosterTrouble.ELSEWHERE, since, said, LEAST_ELSEWHERE) if said >= LEAST_ELSEWHERE else None


def _outdated(today: Sequence[Hour], now: datetime) -> Warned | None:
    scans = sum(hour.outdated for hour in today)
    return Warned(PosterTrouble.RETIRED_SCANNED, now - _DAY, scans, 0) if scans else None


def _uninspected(known: Sequence[Hour], wall: Wall, now: datetime) -> Warned | None:
    """Since its last inspection, else since it was printed or first opened; of one that nobody knows, nothing."""
    since = wall.inspected_at or wall.printed_at or min((hour.start for hour in known), default=None)
    if since is None or now - since <= timedelta(days=wall.days):
        return None
    return Warned(PosterTrouble.NOT_INSPECTED, since, (now - since).days, wall.days)


def _silent(hours: Sequence[Hour], now: datetime, zone: ZoneInfo, seen: datetime | None) -> Warned | None:
    """The silence since the last scan, where it is too long to be chance."""
    scanned = [hour for hour in hours if hour.scans]
    if not scanned:
        return None
    last = max(hour.start for hour in scanned)
    weeks = min(WEEKS, (last - min(hour.start for hour in scanned) + _DAY) // _WEEK)
    if weeks < LEAST_WEEKS or now - last > LONGEST_SILENCE:
        return None
    usual: dict[tuple[int, int], list[int]] = {}
    for hour in scanned:
        if hour.start > last - weeks * _WEEK:
            local = hour.start.astimezone(zone)
            usual.setdefault((local.weekday(), local.hour), []).append(hour.scans)
    begun = max(last + _HOUR, seen) if seen else last + _HOUR
    expected, start = 0.0, begun
    while start + _HOUR <= now:
        local = start.astimezone(zone)
        counts = usual.get((local.weekday(), local.hour), ())
        expected += (sum(counts) - max(counts, default=0)) / (weeks - 1)
        start += _HOUR
    return Warned(PosterTrouble.SILENT, begun, 0, expected) if expected >= SILENCE_IS_RARE_FROM else None
