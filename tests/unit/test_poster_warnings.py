"""Posters that fell silent among posters that did not: four simulated weeks, and what else the counts warn of."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from math import exp
from zoneinfo import ZoneInfo

import pytest

from engage.posters.warnings import MOST_IN_AN_HOUR, Hour, Wall, is_still_silent, warn
from engage.taxonomy import Condition
from engage.taxonomy import PosterTrouble as Kind

ZONE = ZoneInfo("Europe/Lisbon")
HOUR, DAYS = timedelta(hours=1), 28
#: Over the change of the clocks on 29 March.
START = datetime(2026, 3, 9, tzinfo=UTC)
END = START + DAYS * 24 * HOUR
COVERED_AT = END - 24 * HOUR
RHYTHM = (1, 0, 0, 0, 1, 4, 9, 10, 9, 7, 6, 6, 7, 7, 6, 6, 8, 10, 9, 7, 5, 4, 3, 2)


def drawn(rng: random.Random, mean: float) -> int:
    """A number of scans by chance (Poisson)."""
    least, product, count = exp(-mean), rng.random(), 0
    while product > least:
        product *= rng.random()
        count += 1
    return count


def lived(rng: random.Random, daily: float, covered: bool) -> list[Hour]:
    """Four weeks of a poster with a daily and weekly rhythm, and days that differ by a fifth or so."""
    hours = []
    for day in range(DAYS):
        busy = daily * rng.lognormvariate(0, 0.2) * (0.7 if day % 7 >= 5 else 1) / sum(RHYTHM)
        for hour, share in enumerate(RHYTHM):
            start = START + (day * 24 + hour) * HOUR
            scans = drawn(rng, busy * share) if share else 0
            if scans and not (covered and start >= COVERED_AT):
                hours.append(Hour(start, scans))
    return hours


@pytest.mark.parametrize("seed", range(6))
def test_five_covered_posters_of_three_hundred_are_warned_of_within_a_day_and_no_other(seed: int) -> None:
    rng = random.Random(seed)
    covered, found = set(range(0, 300, 60)), set()
    for poster in range(300):
        daily = rng.uniform(60, 150) if poster in covered else rng.choice((0.5, 3, 15, 60, 150))
        hours = lived(rng, daily, poster in covered)
        for at in range(0, 25, 2):
            now = COVERED_AT + at * HOUR
            if any(one.kind is Kind.SILENT for one in warn([h for h in hours if h.start < now], now=now, zone=ZONE)):
                found.add(poster)
    assert found == covered


def steady(days: int, each: int = 3) -> list[Hour]:
    """A poster scanned evenly, until a day before the end."""
    return [Hour(COVERED_AT - at * HOUR, each) for at in range(1, days * 24 + 1)]


@pytest.mark.parametrize(
    ("hours", "retired", "kinds"),
    [
        ([], False, []),
        (steady(28), False, [Kind.SILENT]),
        (steady(28), True, []),
        (steady(10), False, []),
        ([*steady(28), Hour(END + HOUR, 5)], False, [Kind.SILENT]),
        ([*steady(28, 0), Hour(COVERED_AT - 8 * 24 * HOUR, 9000)], False, []),
        ([Hour(END - HOUR, MOST_IN_AN_HOUR)], False, []),
        ([Hour(END - HOUR, MOST_IN_AN_HOUR + 1)], False, [Kind.IMPOSSIBLE_RHYTHM]),
        ([Hour(END - HOUR, 2, typed=5)], False, [Kind.MORE_TYPED]),
        ([Hour(END - HOUR, 5, typed=5)], False, []),
        ([Hour(END - HOUR, 1)], True, [Kind.RETIRED_SCANNED]),
    ],
)
def test_what_is_warned_of(hours: list[Hour], retired: bool, kinds: list[Kind]) -> None:
    assert [one.kind for one in warn(hours, now=END, zone=ZONE, wall=Wall(retired=retired))] == kinds


LONG_AGO = END - timedelta(days=100)


@pytest.mark.parametrize(
    ("hours", "wall", "kinds"),
    [
        ([], Wall(inspected_at=END, found=Condition.STICKER_FOUND), [Kind.STICKER]),
        ([], Wall(inspected_at=END, found=Condition.DAMAGED), [Kind.DAMAGED]),
        ([], Wall(inspected_at=LONG_AGO, found=Condition.MISSING), [Kind.MISSING, Kind.NOT_INSPECTED]),
        ([], Wall(inspected_at=END, found=Condition.STICKER_FOUND, retired=True), []),
        ([], Wall(inspected_at=LONG_AGO, found=Condition.IN_PLACE), [Kind.NOT_INSPECTED]),
        ([], Wall(inspected_at=LONG_AGO, found=Condition.IN_PLACE, days=101), []),
        ([], Wall(printed_at=LONG_AGO), [Kind.NOT_INSPECTED]),
        ([], Wall(inspected_at=END + timedelta(days=9), found=Condition.IN_PLACE), []),
        (steady(28), Wall(inspected_at=END - HOUR, found=Condition.IN_PLACE), []),
        (steady(28), Wall(inspected_at=COVERED_AT - 50 * HOUR, found=Condition.IN_PLACE), [Kind.SILENT]),
        ([Hour(END - HOUR, 4, outdated=1)], Wall(), [Kind.RETIRED_SCANNED]),
        ([Hour(END - 90 * HOUR, 4, elsewhere=3)], Wall(), [Kind.ELSEWHERE]),
        ([Hour(END - 90 * HOUR, 4, elsewhere=3)], Wall(inspected_at=END, found=Condition.IN_PLACE), []),
        ([Hour(END - 90 * HOUR, 4, elsewhere=2)], Wall(), []),
        ([], Wall(reports_typed=5, reports_scanned=4), [Kind.MORE_TYPED]),
        ([], Wall(reports_typed=4, reports_scanned=0), []),
    ],
)
def test_what_is_known_of_the_wall_is_warned_of(hours: list[Hour], wall: Wall, kinds: list[Kind]) -> None:
    assert [one.kind for one in warn(hours, now=END, zone=ZONE, wall=wall)] == kinds


def test_a_silence_ends_by_a_scan_or_an_inspection_and_not_by_time() -> None:
    later = END + timedelta(days=60)
    in_place = Wall(inspected_at=later, found=Condition.IN_PLACE)
    assert is_still_silent(steady(28), since=COVERED_AT, now=later, wall=Wall())
    assert not is_still_silent([*steady(28), Hour(END, 1)], since=COVERED_AT, now=later, wall=Wall())
    assert not is_still_silent(steady(28), since=COVERED_AT, now=later, wall=in_place)


def test_a_change_of_the_clocks_moves_no_rhythm() -> None:
    """Scans at nine in the morning only, by the clock of the wall: the hour in UTC changes on 29 March."""
    nine = [datetime(2026, 3, 2, 9, tzinfo=ZONE) + timedelta(days=day) for day in range(27)]
    hours = [Hour(moment.astimezone(UTC), 30) for moment in nine]
    before = datetime(2026, 3, 29, 9, 30, tzinfo=ZONE).astimezone(UTC)
    assert warn(hours, now=before, zone=ZONE) == []
    assert [one.kind for one in warn(hours, now=before + HOUR, zone=ZONE)] == [Kind.SILENT]
