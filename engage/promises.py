"""Response targets: when a case is due, and how each of its promises stands.

Working time is that of a calendar: hours by weekday on the wall clocks of a time zone, without its holidays. An hour
that the clocks skip is no working time, and one that they show twice is two hours; a time that they skip is taken as
much later as they skip.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

from engage.taxonomy import CasePromise, Promise, Severity

#: From this share of its time on a promise is at risk.
AT_RISK_FROM = 0.75
DAY_MINUTES = 24 * 60
#: Nobody can promise further ahead; it also bounds the search through a calendar that is nearly all holidays.
FURTHEST = timedelta(days=3660)
#: Cases that ring already when a promise is at risk; the others ring when it is broken.
RINGS_AT_RISK = (Severity.CRITICAL, Severity.HIGH)

NOTHING = timedelta()
#: Working time of one day, in minutes after midnight of the wall clock.
Span = tuple[int, int]


def _(sentence: str) -> str:
    return sentence


class NoHours(ValueError):
    """A calendar without a single working minute would never be done with anything. Another calendar helps."""


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """When somebody works: spans of each weekday, Monday first, on the clocks of `timezone`, but for `holidays`."""

    timezone: str
    days: tuple[tuple[Span, ...], ...]
    holidays: frozenset[date] = frozenset()

    @property
    def is_always(self) -> bool:
        """Whether every moment is working time."""
        return not self.holidays and all(spans == ((0, DAY_MINUTES),) for spans in self.days)

    def add(self, begin: datetime, work: timedelta) -> datetime:
        """The moment at which so much working time has passed since `begin`, in UTC; never before `begin`."""
        begin, left = begin.astimezone(UTC), work
        if self.is_always or left <= NOTHING:
            return begin + max(left, NOTHING)
        for start, end in self._periods(begin, begin + FURTHEST):
            if end - start >= left:
                return start + left
            left -= end - start
        return begin + FURTHEST

    def between(self, begin: datetime, end: datetime) -> timedelta:
        """How much working time lies between two moments; none where the second is not later."""
        begin, end = begin.astimezone(UTC), end.astimezone(UTC)
        if self.is_always:
            return max(end - begin, NOTHING)
        return sum((there - here for here, there in self._periods(begin, end)), NOTHING)

    def _periods(self, begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The working periods from one moment to another, in UTC and in their order."""
        zone = ZoneInfo(self.timezone)
        # A day earlier: where a zone has skipped a day, the day after it begins before we look.
        day = begin.astimezone(zone).date() - timedelta(days=1)
        last = end.astimezone(zone).date()
        while day <= last:
            for span in () if day in self.holidays else self.days[day.weekday()]:
                here, there = (max(begin, min(end, _moment(day, minute, zone))) for minute in span)
                if here < there:
                    yield here, there
            day += timedelta(days=1)


@lru_cache(maxsize=1024)
def _moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """When a zone's clocks show a minute of a day for the first time, in UTC; 1440 is the next day's first."""
    days, minute = divmod(minute, DAY_MINUTES)
    clock = time(minute // 60, minute % 60)
    return datetime.combine(day + timedelta(days=days), clock, zone).astimezone(UTC)


ALWAYS = WorkingTime("UTC", (((0, DAY_MINUTES),),) * 7)


def working_time(timezone: str, hours: Sequence[Sequence[str]], holidays: Sequence[str]) -> WorkingTime:
    """A calendar as it is kept: for each weekday `HH:MM-HH:MM`, also past midnight, and dates. Raises `NoHours`."""
    return _working_time(timezone, tuple(tuple(day) for day in hours), tuple(holidays))


@lru_cache(maxsize=256)
def _working_time(timezone: str, hours: tuple[tuple[str, ...], ...], holidays: tuple[str, ...]) -> WorkingTime:
    days: list[list[Span]] = [[] for _weekday in range(7)]
    for weekday, written in enumerate(hours):
        for one in written:
            start, end = (int(clock[:2]) * 60 + int(clock[3:5]) for clock in one.split("-"))
            if end > start:
                days[weekday].append((start, end))
            else:  # past midnight: the rest is the next day's
                days[weekday].append((start, DAY_MINUTES))
                days[(weekday + 1) % 7].append((0, end))
    merged = tuple(_merged(spans) for spans in days)
    if not any(merged):
        raise NoHours("a calendar needs working hours")
    return WorkingTime(timezone, merged, frozenset(date.fromisoformat(day) for day in holidays))


def _merged(spans: list[Span]) -> tuple[Span, ...]:
    """Spans in order, each minute once."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif end > start:
            merged.append((start, end))
    return tuple(merged)


@dataclass(frozen=True, slots=True)
class Target:
    """What is promised for a queue and severity, in minutes of working time."""

    acknowledge: int
    respond: int
    resolve: int
    hours: WorkingTime = ALWAYS

    def minutes(self, promise: CasePromise) -> int:
        """The minutes of one promise."""
        return (self.acknowledge, self.respond, self.resolve)[list(CasePromise).index(promise)]

    def due(self, promise: CasePromise, begin: datetime, paused: timedelta = NOTHING) -> datetime:
        """When a promise is due that began at a moment; `paused` is the working time that did not count."""
        return self.hours.add(begin, timedelta(minutes=self.minutes(promise)) + paused)

    def at_risk(self, promise: CasePromise, begin: datetime, paused: timedelta = NOTHING) -> datetime:
        """From when on a promise is at risk."""
        return self.hours.add(begin, AT_RISK_FROM * timedelta(minutes=self.minutes(promise)) + paused)


#: What is promised where a site says nothing.
USUAL: Mapping[Severity, Target] = {
    Severity.CRITICAL: Target(2, 5, 240),
    Severity.HIGH: Target(10, 15, 1440),
    Severity.MEDIUM: Target(60, 240, 4320),
    Severity.LOW: Target(240, 1440, 10080),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment at which the promises of a case come to stand worse: one is at risk, or broken."""

    at: datetime
    promise: CasePromise
    state: Promise


def marks(
    target: Target, severity: Severity, open_promises: Sequence[CasePromise], begin: datetime, paused: timedelta
) -> list[Mark]:
    """The moments at which somebody must be rung for promises that are not kept yet, in their order."""
    found = [Mark(target.due(one, begin, paused), one, Promise.BREACHED) for one in open_promises]
    if severity in RINGS_AT_RISK:
        found += [Mark(target.at_risk(one, begin, paused), one, Promise.AT_RISK) for one in open_promises]
    return sorted(found, key=lambda mark: (mark.at, list(Promise).index(mark.state)))


class Promising(Protocol):
    """A case, or a row of a page, with its promises; `risk_at` is from when on the one at `due_at` is at risk."""

    @property
    def acknowledge_by(self) -> datetime | None: ...  # noqa: D102
    @property
    def respond_by(self) -> datetime | None: ...  # noqa: D102
    @property
    def resolve_by(self) -> datetime | None: ...  # noqa: D102
    @property
    def acknowledged_at(self) -> datetime | None: ...  # noqa: D102
    @property
    def responded_at(self) -> datetime | None: ...  # noqa: D102
    @property
    def closed_at(self) -> datetime | None: ...  # noqa: D102
    @property
    def paused_at(self) -> datetime | None: ...  # noqa: D102
    @property
    def due_at(self) -> datetime | None: ...  # noqa: D102
    @property
    def risk_at(self) -> datetime | None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Standing:
    """How a promise stands. `left` is the time to its due moment, negative when that is over; none once it is kept.

    `reason` is a sentence in English for the catalogues, without anything to fill in.
    """

    state: Promise
    promise: CasePromise | None
    due_at: datetime | None
    left: timedelta
    reason: str


REASONS: Mapping[tuple[Promise, CasePromise], str] = {
    (Promise.ON_TRACK, CasePromise.ACKNOWLEDGE): _("Somebody is to take the case in time."),
    (Promise.ON_TRACK, CasePromise.RESPOND): _("The reporter is to get a first answer in time."),
    (Promise.ON_TRACK, CasePromise.RESOLVE): _("The case is to be resolved in time."),
    (Promise.AT_RISK, CasePromise.ACKNOWLEDGE): _("Three quarters of the time are over, and nobody has the case yet."),
    (Promise.AT_RISK, CasePromise.RESPOND): _("Three quarters of the time for a first answer are over."),
    (Promise.AT_RISK, CasePromise.RESOLVE): _("Three quarters of the time to resolve the case are over."),
    (Promise.BREACHED, CasePromise.ACKNOWLEDGE): _("Nobody has taken the case in time."),
    (Promise.BREACHED, CasePromise.RESPOND): _("The reporter got no answer in time."),
    (Promise.BREACHED, CasePromise.RESOLVE): _("The case was not resolved in time."),
    (Promise.KEPT, CasePromise.ACKNOWLEDGE): _("Somebody took the case in time."),
    (Promise.KEPT, CasePromise.RESPOND): _("The reporter got a first answer in time."),
    (Promise.KEPT, CasePromise.RESOLVE): _("The case was resolved in time."),
}
PAUSED = _("The clock stands still while the case waits for the reporter or another authority has it.")
NOTHING_DUE = _("Nothing is promised of this case.")


def standing(case: Promising, now: datetime) -> Standing:
    """How the next promise of a case stands that is not kept yet; of an ended case, the last one."""
    if case.closed_at is not None:
        return next((one for one in reversed(every_standing(case, now))), _without_due())
    if case.due_at is None:
        return _without_due()
    for one in every_standing(case, now):
        if one.due_at == case.due_at and one.state is not Promise.KEPT:
            return one
    return _standing(case, CasePromise.RESOLVE, case.due_at, None, now)


def every_standing(case: Promising, now: datetime) -> list[Standing]:
    """How each promise of a case stands, in the order they are due; those it has none of are left out."""
    kept = (case.acknowledged_at, case.responded_at, case.closed_at)
    dues = (case.acknowledge_by, case.respond_by, case.resolve_by)
    now = case.closed_at or now
    return [
        _standing(case, promise, due, kept_at, now)
        for promise, due, kept_at in zip(CasePromise, dues, kept, strict=True)
        if due is not None
    ]


def _without_due() -> Standing:
    return Standing(Promise.KEPT, None, None, NOTHING, NOTHING_DUE)


def _standing(
    case: Promising, promise: CasePromise, due: datetime, kept_at: datetime | None, now: datetime
) -> Standing:
    moment = kept_at or case.paused_at or now
    left = due - moment
    if kept_at is not None:
        state = Promise.KEPT if kept_at <= due else Promise.BREACHED
    elif case.paused_at is not None:
        return Standing(Promise.PAUSED, promise, due, left, PAUSED)
    elif now >= due:
        state = Promise.BREACHED
    else:
        risky = due == case.due_at and case.risk_at is not None and now >= case.risk_at
        state = Promise.AT_RISK if risky else Promise.ON_TRACK
    return Standing(state, promise, due, left, REASONS[state, promise])


def first_due(dues: Mapping[CasePromise, datetime]) -> CasePromise | None:
    """Which of several promises is due first; of those due together, the one that comes first."""
    return min(dues, key=lambda one: (dues[one], list(CasePromise).index(one)), default=None)
