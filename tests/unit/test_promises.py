"""Response targets as a table: calendars with hours, holidays and changing clocks, and how promises stand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.promises import (
    ALWAYS,
    NOTHING_DUE,
    REASONS,
    USUAL,
    NoHours,
    Target,
    WorkingTime,
    every_standing,
    first_due,
    marks,
    standing,
    working_time,
)
from engage.taxonomy import CasePromise, Promise, Severity

LONDON, MANILA, NEW_YORK = "Europe/London", "Asia/Manila", "America/New_York"
OFFICE = [["09:00-17:00"]] * 5 + [[], []]
LUNCH = [["09:00-12:00", "13:00-17:00"]] * 5 + [[], []]
NIGHT = [["22:00-06:00"]] * 7
ROUND = [["00:00-24:00"]] * 7


def calendar(zone: str, hours: list[list[str]], *holidays: str) -> WorkingTime:
    return working_time(zone, hours, holidays)


def at(zone: str, clock: str, *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(clock).replace(tzinfo=ZoneInfo(zone), fold=fold)


@pytest.mark.parametrize(
    ("hours", "begin", "minutes", "due"),
    [
        pytest.param(ALWAYS, at(LONDON, "2026-03-14 12:00"), 90, at(LONDON, "2026-03-14 13:30"), id="always"),
        pytest.param(ALWAYS, at(MANILA, "2026-03-14 23:30"), 60, at(MANILA, "2026-03-15 00:30"), id="past midnight"),
        pytest.param(ALWAYS, at(LONDON, "2026-03-14 12:00"), 0, at(LONDON, "2026-03-14 12:00"), id="at once"),
        pytest.param(
            calendar(LONDON, OFFICE), at(LONDON, "2026-03-11 10:00"), 60, at(LONDON, "2026-03-11 11:00"), id="in hours"
        ),
        pytest.param(
            calendar(LONDON, OFFICE), at(LONDON, "2026-03-11 07:00"), 60, at(LONDON, "2026-03-11 10:00"), id="early"
        ),
        pytest.param(
            calendar(LONDON, OFFICE), at(LONDON, "2026-03-11 16:30"), 60, at(LONDON, "2026-03-12 09:30"), id="overnight"
        ),
        pytest.param(
            calendar(LONDON, OFFICE), at(LONDON, "2026-03-13 16:30"), 60, at(LONDON, "2026-03-16 09:30"), id="weekend"
        ),
        pytest.param(
            calendar(LONDON, OFFICE),
            at(LONDON, "2026-03-14 12:00"),
            480,
            at(LONDON, "2026-03-16 17:00"),
            id="to the end",
        ),
        pytest.param(
            calendar(LONDON, LUNCH), at(LONDON, "2026-03-11 11:30"), 60, at(LONDON, "2026-03-11 13:30"), id="lunch"
        ),
        pytest.param(
            calendar(LONDON, OFFICE, "2026-04-03", "2026-04-06"),
            at(LONDON, "2026-04-02 16:00"),
            120,
            at(LONDON, "2026-04-07 10:00"),
            id="over Easter",
        ),
        pytest.param(
            calendar(LONDON, ROUND, "2026-12-25"),
            at(LONDON, "2026-12-24 23:00"),
            120,
            at(LONDON, "2026-12-26 01:00"),
            id="a holiday from midnight to midnight",
        ),
        # Spring forward: 01:00 GMT is 02:00 BST on 29 March 2026.
        pytest.param(
            ALWAYS, at(LONDON, "2026-03-29 00:30"), 60, at(LONDON, "2026-03-29 02:30"), id="always, in spring"
        ),
        pytest.param(
            calendar(LONDON, NIGHT),
            at(LONDON, "2026-03-28 22:00"),
            420,
            at(LONDON, "2026-03-29 06:00"),
            id="a short night",
        ),
        pytest.param(
            calendar(LONDON, [["01:00-02:00"]] * 7),
            at(LONDON, "2026-03-29 00:00"),
            30,
            at(LONDON, "2026-03-30 01:30"),
            id="an hour that is skipped",
        ),
        # Autumn back: 02:00 BST is 01:00 GMT on 25 October 2026.
        pytest.param(
            calendar(LONDON, NIGHT),
            at(LONDON, "2026-10-24 22:00"),
            540,
            at(LONDON, "2026-10-25 06:00"),
            id="a long night",
        ),
        pytest.param(
            calendar(LONDON, [["01:00-02:00"]] * 7),
            at(LONDON, "2026-10-25 00:00"),
            90,
            at(LONDON, "2026-10-25 01:30", fold=1),
            id="an hour that comes twice",
        ),
        pytest.param(
            calendar(LONDON, OFFICE),
            at(LONDON, "2026-03-27 16:30"),
            60,
            at(LONDON, "2026-03-30 09:30"),
            id="over spring",
        ),
        pytest.param(
            calendar(LONDON, OFFICE),
            at(LONDON, "2026-10-23 16:30"),
            60,
            at(LONDON, "2026-10-26 09:30"),
            id="over autumn",
        ),
        # New York changes on 8 March and 1 November 2026, at 02:00.
        pytest.param(
            calendar(NEW_YORK, NIGHT),
            at(NEW_YORK, "2026-03-07 22:00"),
            420,
            at(NEW_YORK, "2026-03-08 06:00"),
            id="New York, a short night",
        ),
        pytest.param(
            calendar(NEW_YORK, NIGHT),
            at(NEW_YORK, "2026-10-31 22:00"),
            540,
            at(NEW_YORK, "2026-11-01 06:00"),
            id="New York, a long night",
        ),
        pytest.param(
            calendar(MANILA, NIGHT),
            at(MANILA, "2026-03-28 22:00"),
            480,
            at(MANILA, "2026-03-29 06:00"),
            id="Manila knows no such nights",
        ),
        pytest.param(
            calendar(MANILA, OFFICE),
            at("UTC", "2026-03-13 08:30"),
            60,
            at(MANILA, "2026-03-16 09:30"),
            id="told in UTC",
        ),
        pytest.param(
            calendar(MANILA, [["23:00-01:00"], *[[]] * 6]),
            at(MANILA, "2026-03-09 12:00"),
            90,
            at(MANILA, "2026-03-10 00:30"),
            id="a span over midnight is of the day it begins",
        ),
        pytest.param(
            calendar("Pacific/Apia", ROUND, "2011-12-31"),
            at("Pacific/Apia", "2011-12-29 23:00"),
            120,
            at("Pacific/Apia", "2012-01-01 01:00"),
            id="a day that never was",
        ),
    ],
)
def test_working_time_is_added(hours: WorkingTime, begin: datetime, minutes: int, due: datetime) -> None:
    found = hours.add(begin, timedelta(minutes=minutes))
    assert found == due.astimezone(UTC)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("hours", "begin", "end", "minutes"),
    [
        pytest.param(ALWAYS, at(LONDON, "2026-03-13 16:00"), at(LONDON, "2026-03-13 16:20"), 20, id="always"),
        pytest.param(
            calendar(LONDON, OFFICE), at(LONDON, "2026-03-13 16:00"), at(LONDON, "2026-03-16 10:00"), 120, id="weekend"
        ),
        pytest.param(
            calendar(LONDON, OFFICE), at(LONDON, "2026-03-14 10:00"), at(LONDON, "2026-03-15 10:00"), 0, id="all idle"
        ),
        pytest.param(
            calendar(LONDON, NIGHT), at(LONDON, "2026-10-24 12:00"), at(LONDON, "2026-10-25 12:00"), 540, id="autumn"
        ),
        pytest.param(
            calendar(LONDON, OFFICE), at(LONDON, "2026-03-16 10:00"), at(LONDON, "2026-03-13 16:00"), 0, id="backwards"
        ),
    ],
)
def test_working_time_between(hours: WorkingTime, begin: datetime, end: datetime, minutes: int) -> None:
    assert hours.between(begin, end) == timedelta(minutes=minutes)


def test_a_case_paused_over_a_weekend_is_due_as_much_later_as_was_worked_meanwhile() -> None:
    office = calendar(LONDON, OFFICE)
    target = Target(60, 240, 960, office)
    opened, paused, on = (at(LONDON, clock) for clock in ("2026-03-12 09:00", "2026-03-13 16:00", "2026-03-16 10:00"))
    assert target.due(CasePromise.RESOLVE, opened) == at(LONDON, "2026-03-13 17:00")
    stood_still = office.between(paused, on)
    assert target.due(CasePromise.RESOLVE, opened, stood_still) == at(LONDON, "2026-03-16 11:00")
    assert target.due(CasePromise.RESOLVE, opened, stood_still) - on == timedelta(hours=1)


def test_a_calendar_without_an_hour_is_refused() -> None:
    with pytest.raises(NoHours):
        calendar(LONDON, [[]] * 7)


def test_a_calendar_of_holidays_alone_ends_all_the_same() -> None:
    days = [(date(2026, 1, 1) + timedelta(days=day)).isoformat() for day in range(4000)]
    assert calendar(LONDON, OFFICE, *days).add(at(LONDON, "2026-01-01 12:00"), timedelta(hours=1)).year == 2036


def test_spans_that_meet_are_one() -> None:
    assert calendar(LONDON, [["00:00-06:00", "06:00-24:00"]] * 7).is_always
    assert calendar(LONDON, [["06:00-06:00"]] * 7).is_always


# ── marks ────────────────────────────────────────────────────────────────────────────────────────────────────────────

OPENED = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


def minute(number: float) -> datetime:
    return OPENED + timedelta(minutes=number)


def test_an_urgent_case_rings_when_a_promise_is_at_risk_and_when_it_is_broken() -> None:
    found = marks(USUAL[Severity.CRITICAL], Severity.CRITICAL, tuple(CasePromise), OPENED, timedelta())
    assert [(mark.at, mark.promise, mark.state) for mark in found[:4]] == [
        (minute(1.5), CasePromise.ACKNOWLEDGE, Promise.AT_RISK),
        (minute(2), CasePromise.ACKNOWLEDGE, Promise.BREACHED),
        (minute(3.75), CasePromise.RESPOND, Promise.AT_RISK),
        (minute(5), CasePromise.RESPOND, Promise.BREACHED),
    ]


@pytest.mark.parametrize("severity", [Severity.MEDIUM, Severity.LOW])
def test_other_cases_ring_when_a_promise_is_broken_alone(severity: Severity) -> None:
    found = marks(USUAL[severity], severity, tuple(CasePromise), OPENED, timedelta())
    assert [mark.state for mark in found] == [Promise.BREACHED] * 3


# ── how promises stand ───────────────────────────────────────────────────────────────────────────────────────────────


ACKNOWLEDGE_BY, RESPOND_BY, RESOLVE_BY, RISK_AT = minute(10), minute(15), minute(1440), minute(7.5)


@dataclass(frozen=True)
class Promised:
    """A case of high severity as its columns tell of it."""

    acknowledge_by: datetime | None = ACKNOWLEDGE_BY
    respond_by: datetime | None = RESPOND_BY
    resolve_by: datetime | None = RESOLVE_BY
    acknowledged_at: datetime | None = None
    responded_at: datetime | None = None
    closed_at: datetime | None = None
    paused_at: datetime | None = None
    due_at: datetime | None = ACKNOWLEDGE_BY
    risk_at: datetime | None = RISK_AT


FRESH = Promised()
TAKEN = replace(FRESH, acknowledged_at=minute(3), due_at=minute(15), risk_at=minute(11.25))
ANSWERED = replace(TAKEN, responded_at=minute(12), due_at=minute(1440), risk_at=minute(1080))
WAITING = replace(ANSWERED, paused_at=minute(100))
ENDED = replace(ANSWERED, closed_at=minute(200), due_at=None, risk_at=None)


@pytest.mark.parametrize(
    ("case", "now", "state", "promise", "left"),
    [
        (FRESH, 0, Promise.ON_TRACK, CasePromise.ACKNOWLEDGE, 10),
        (FRESH, 7.4, Promise.ON_TRACK, CasePromise.ACKNOWLEDGE, 2.6),
        (FRESH, 7.5, Promise.AT_RISK, CasePromise.ACKNOWLEDGE, 2.5),
        (FRESH, 10, Promise.BREACHED, CasePromise.ACKNOWLEDGE, 0),
        (FRESH, 75, Promise.BREACHED, CasePromise.ACKNOWLEDGE, -65),
        (TAKEN, 11, Promise.ON_TRACK, CasePromise.RESPOND, 4),
        (TAKEN, 12, Promise.AT_RISK, CasePromise.RESPOND, 3),
        (ANSWERED, 12, Promise.ON_TRACK, CasePromise.RESOLVE, 1428),
        (WAITING, 5000, Promise.PAUSED, CasePromise.RESOLVE, 1340),
        (ENDED, 5000, Promise.KEPT, CasePromise.RESOLVE, 1240),
        (replace(ENDED, closed_at=minute(1500)), 5000, Promise.BREACHED, CasePromise.RESOLVE, -60),
        (replace(FRESH, acknowledge_by=None, respond_by=None), 2, Promise.ON_TRACK, CasePromise.RESOLVE, 8),
    ],
)
def test_the_next_promise_stands(case: Promised, now: float, state: Promise, promise: CasePromise, left: float) -> None:
    found = standing(case, minute(now))
    assert (found.state, found.promise, found.left) == (state, promise, timedelta(minutes=left))
    assert found.reason


def test_every_promise_stands_by_itself() -> None:
    late = replace(ANSWERED, responded_at=minute(20))
    assert [one.state for one in every_standing(late, minute(30))] == [
        Promise.KEPT,
        Promise.BREACHED,
        Promise.ON_TRACK,
    ]


def test_a_case_of_old_has_nothing_due() -> None:
    bare = Promised(acknowledge_by=None, respond_by=None, resolve_by=None, due_at=None, risk_at=None)
    for case in (bare, replace(bare, closed_at=minute(3))):
        found = standing(case, minute(5))
        assert (found.due_at, found.reason) == (None, NOTHING_DUE)


def test_of_promises_due_together_the_first_comes_first() -> None:
    dues = dict.fromkeys(reversed(CasePromise), OPENED)
    assert first_due(dues) is CasePromise.ACKNOWLEDGE
    assert first_due({}) is None


def test_every_way_to_stand_has_a_reason() -> None:
    running = (Promise.ON_TRACK, Promise.AT_RISK, Promise.BREACHED, Promise.KEPT)
    assert set(REASONS) == {(state, promise) for state in running for promise in CasePromise}


# ── whatever the calendar ────────────────────────────────────────────────────────────────────────────────────────────

_clocks = st.integers(0, 24 * 4 - 1).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}")
_spans = st.tuples(_clocks, _clocks).map("-".join)
_days = st.lists(_spans, max_size=2)
_hours = st.lists(_days, min_size=7, max_size=7).filter(any)
_zones = st.sampled_from([LONDON, MANILA, NEW_YORK, "Pacific/Apia", "Australia/Lord_Howe", "UTC"])
_moments = st.integers(0, 15 * 365 * 24 * 60).map(
    lambda minutes: datetime(2011, 12, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
_holidays = st.lists(st.dates(date(2011, 12, 1), date(2027, 1, 1)).map(str), max_size=5)
_calendars = st.builds(working_time, _zones, _hours, _holidays)
_work = st.integers(0, 20_000).map(lambda minutes: timedelta(minutes=minutes))


@given(_calendars, _moments, _work)
def test_nothing_is_due_before_it_began_and_what_was_added_lies_between(
    hours: WorkingTime, begin: datetime, work: timedelta
) -> None:
    due = hours.add(begin, work)
    assert due >= begin
    assert hours.between(begin, due) == work or due == begin + timedelta(days=3660)


@given(_calendars, _moments, _work, _work)
def test_more_work_is_never_done_sooner(hours: WorkingTime, begin: datetime, work: timedelta, more: timedelta) -> None:
    assert hours.add(begin, work + more) >= hours.add(begin, work)


@given(_calendars, _moments, _work, _work, st.integers(1, 40_000))
def test_pausing_never_shortens_and_leaves_the_same_work(
    hours: WorkingTime, begin: datetime, work: timedelta, before: timedelta, minutes: int
) -> None:
    target = Target(1, 1, int(work.total_seconds() // 60) + 1, hours)
    paused_at = begin + before
    on = paused_at + timedelta(minutes=minutes)
    plain, shifted = (
        target.due(CasePromise.RESOLVE, begin, paused) for paused in (timedelta(), hours.between(paused_at, on))
    )
    assert shifted >= plain
    if plain > paused_at and shifted < begin + timedelta(days=3000):
        assert hours.between(on, shifted) == hours.between(paused_at, plain)
