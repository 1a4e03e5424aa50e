"""What the hourly counts of a poster warn of, with reasons. Pure: nothing is read but what is handed in.

A poster has fallen silent when its silence would be a rare accident. From the four weeks before the silence the scans
of each hour of the week (in the site's own time, so that a change of the clocks moves nothing) are averaged without
the fullest week, which keeps one burst of a crawler from raising them. The sum of these over the silent hours is
what was to be expected, E. Were scans independent, none at all would happen with probability exp(-E); days differ,
so E must reach 20: even on a day half as busy as usual, silence is then an accident of 1 in 20,000. A busy poster
reaches 20 within a day, one that is seldom scanned after weeks only, and is left alone: silence is looked at for seven
days at most. Without two weeks of history nothing is said. Hours after `now`, which a clock that jumped has written,
are ignored.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

SILENCE_IS_RARE_FROM = 20.0
WEEKS = 4
LEAST_WEEKS = 2
LONGEST_SILENCE = timedelta(days=7)
#: Nobody can stand before one poster so often in one hour: two a minute, all hour long.
MOST_IN_AN_HOUR = 120
LEAST_TYPED = 5
_HOUR, _WEEK, _DAY = timedelta(hours=1), timedelta(weeks=1), timedelta(days=1)


class Kind(StrEnum):
    """What a warning is of."""

    SILENT = "silent"
    RETIRED_SCANNED = "retired_scanned"
    IMPOSSIBLE_RHYTHM = "impossible_rhythm"
    MORE_TYPED = "more_typed"


@dataclass(frozen=True, slots=True)
class Hour:
    """The openings of one poster in the hour that begins at `start` (with a time zone)."""

    start: datetime
    scans: int
    typed: int = 0


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning and its reason: what was counted since when, and what was to be expected or is the limit."""

    kind: Kind
    since: datetime
    counted: int
    against: float


def warn(hours: Iterable[Hour], *, now: datetime, zone: ZoneInfo, retired: bool = False) -> list[Warned]:
    """Every warning about one poster; of a retired one only that it is still scanned."""
    known = [hour for hour in hours if hour.start <= now]
    today = [hour for hour in known if hour.start > now - _DAY]
    scans, typed = sum(hour.scans for hour in today), sum(hour.typed for hour in today)
    if retired:
        return [Warned(Kind.RETIRED_SCANNED, now - _DAY, scans, 0)] if scans else []
    found = [_silent(known, now, zone)]
    fullest = max(today, key=lambda hour: hour.scans, default=None)
    if fullest and fullest.scans > MOST_IN_AN_HOUR:
        found.append(Warned(Kind.IMPOSSIBLE_RHYTHM, fullest.start, fullest.scans, MOST_IN_AN_HOUR))
    if typed >= LEAST_TYPED and typed > scans:
        found.append(Warned(Kind.MORE_TYPED, now - _DAY, typed, scans))
    return [one for one in found if one]


def _silent(hours: list[Hour], now: datetime, zone: ZoneInfo) -> Warned | None:
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
    expected, start = 0.0, last + _HOUR
    while start + _HOUR <= now:
        local = start.astimezone(zone)
        counts = usual.get((local.weekday(), local.hour), ())
        expected += (sum(counts) - max(counts, default=0)) / (weeks - 1)
        start += _HOUR
    return Warned(Kind.SILENT, last + _HOUR, 0, expected) if expected >= SILENCE_IS_RARE_FROM else None
