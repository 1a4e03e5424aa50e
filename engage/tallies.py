"""What a supervisor counts: plain values of cases and their reports in, numbers out. Both databases give the same.

Shares and percentiles are computed here and nowhere else. Percentiles are by nearest rank: always a time that was
really measured.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from math import ceil
from typing import TypeVar
from zoneinfo import ZoneInfo

from engage.taxonomy import CasePromise, Category, Channel, Disposition, Severity

HOURS, WEEKDAYS = 24, 7

#: A site, and one of its places where it is known, by their ids.
Where = tuple[int, int | None]
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What is known of one case. `said` is what triage said of it, before an officer corrected that."""

    id: int
    opened_at: datetime
    category: Category
    severity: Severity
    said_category: Category
    said_severity: Severity
    kept: tuple[datetime | None, datetime | None, datetime | None]
    due: tuple[datetime | None, datetime | None, datetime | None]
    disposition: Disposition | None
    reopened: bool = False
    referred: bool = False
    escalated: bool = False
    merged: bool = False

    @property
    def is_spam(self) -> bool:
        """Whether triage or an officer calls it spam."""
        return Category.SPAM is self.category or self.disposition is Disposition.SPAM


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """What is known of one report; `timezone` is that of its site."""

    case_id: int
    where: Where
    timezone: str
    channel: Channel
    language: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Pace:
    """How long something took: of so many times the middle one and that which nine of ten do not exceed.

    `in_time` and `late` count those with a target that is kept or broken by now.
    """

    times: int
    median: timedelta | None
    p90: timedelta | None
    in_time: int
    late: int

    @property
    def share(self) -> float | None:
        """The share of targets that were kept, 0 to 1."""
        decided = self.in_time + self.late
        return self.in_time / decided if decided else None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often officers left a category of triage as it was, among the cases they have dealt with.

    `instead` is what they chose most often in its place.
    """

    category: Category
    cases: int
    category_right: int
    severity_right: int
    instead: Category | None


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of the cases."""

    cases: int
    open: int
    reopened: int
    referred: int
    escalated: int
    unanswered: int
    ended_unanswered: int
    merged: int
    drills: int
    spam: int


@dataclass(frozen=True, slots=True)
class Tally:
    """All that the page of numbers shows, without drills and spam, which `outcomes` counts apart."""

    reports: int
    places: tuple[tuple[Where, int], ...]
    categories: tuple[tuple[Category, int], ...]
    channels: tuple[tuple[Channel, int], ...]
    languages: tuple[tuple[str, int], ...]
    days: tuple[tuple[date, int], ...]
    week: tuple[tuple[int, ...], ...]
    paces: Mapping[tuple[CasePromise, Severity | None], Pace]
    outcomes: Outcomes
    agreements: tuple[Agreement, ...]


def tally(cases: Sequence[CaseFacts], reports: Iterable[ReportFacts], since: datetime, now: datetime) -> Tally:
    """The numbers of some cases and their reports; `days` runs from `since` to `now` without a gap."""
    drills = [case for case in cases if case.disposition is Disposition.DRILL]
    spam = [case for case in cases if case.is_spam and case.disposition is not Disposition.DRILL]
    apart = {case.id for case in (*drills, *spam)}
    real = [case for case in cases if case.id not in apart and not case.merged]
    category_of = {case.id: case.category for case in real}
    told = [report for report in reports if report.case_id in category_of]
    moments = [_there(report) for report in told]
    return Tally(
        reports=len(told),
        places=_most(report.where for report in told),
        categories=_most(category_of[report.case_id] for report in told),
        channels=_most(report.channel for report in told),
        languages=_most(report.language for report in told),
        days=_days(moments, {report.timezone for report in told}, since, now),
        week=_week(moments),
        paces=_paces(real, now),
        outcomes=_outcomes(cases, real, len(drills), len(spam)),
        agreements=_agreements(real),
    )


def nearest_rank(times: Sequence[timedelta], share: float) -> timedelta | None:
    """The smallest of some times, in their order, that a share of them does not exceed; None where there are none."""
    return times[max(0, ceil(share * len(times)) - 1)] if times else None


def _most(keys: Iterable[Key]) -> tuple[tuple[Key, int], ...]:
    """Each key with how often it is there, the most frequent first; equal ones in the order of their words."""
    return tuple(sorted(Counter(keys).items(), key=lambda one: (-one[1], str(one[0]))))


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _there(report: ReportFacts) -> datetime:
    return report.received_at.astimezone(_zone(report.timezone))


def _days(
    moments: Sequence[datetime], zones: Collection[str], since: datetime, now: datetime
) -> tuple[tuple[date, int], ...]:
    """How many reports came on each day of their site's zone."""
    counted = Counter(moment.date() for moment in moments)
    ends = [moment.astimezone(_zone(name)).date() for name in zones or {"UTC"} for moment in (since, now)]
    first, last = min([*ends, *counted]), max([*ends, *counted])
    return tuple(
        (day, counted[day]) for day in (first + timedelta(days=step) for step in range((last - first).days + 1))
    )


def _week(moments: Sequence[datetime]) -> tuple[tuple[int, ...], ...]:
    """How many reports came in each hour of each weekday, Monday first."""
    counted = Counter((moment.weekday(), moment.hour) for moment in moments)
    return tuple(tuple(counted[weekday, hour] for hour in range(HOURS)) for weekday in range(WEEKDAYS))


def _paces(cases: Sequence[CaseFacts], now: datetime) -> dict[tuple[CasePromise, Severity | None], Pace]:
    return {
        (promise, severity): _pace([case for case in cases if severity is None or case.severity is severity], at, now)
        for at, promise in enumerate(CasePromise)
        for severity in (None, *Severity)
    }


def _pace(cases: Sequence[CaseFacts], at: int, now: datetime) -> Pace:
    times = sorted(kept - case.opened_at for case in cases if (kept := case.kept[at]) is not None)
    decided = Counter(_is_late(case.kept[at], case.due[at], now) for case in cases)
    return Pace(len(times), nearest_rank(times, 0.5), nearest_rank(times, 0.9), decided[False], decided[True])


def _is_late(kept: datetime | None, due: datetime | None, now: datetime) -> bool | None:
    """Whether a target is broken; None while nobody can tell, or where there is none."""
    if due is None or (kept is None and now < due):
        return None
    return kept is None or kept > due


def _outcomes(cases: Sequence[CaseFacts], real: Sequence[CaseFacts], drills: int, spam: int) -> Outcomes:
    return Outcomes(
        cases=len(real),
        open=sum(case.disposition is None for case in real),
        reopened=sum(case.reopened for case in real),
        referred=sum(case.referred for case in real),
        escalated=sum(case.escalated for case in real),
        unanswered=sum(case.kept[1] is None and case.disposition is None for case in real),
        ended_unanswered=sum(case.kept[1] is None and case.disposition is not None for case in real),
        merged=sum(case.merged for case in cases),
        drills=drills,
        spam=spam,
    )


def _agreements(cases: Sequence[CaseFacts]) -> tuple[Agreement, ...]:
    """By what triage said, of cases that an officer has ended or corrected: of others nobody has said anything yet."""
    dealt_with: dict[Category, list[CaseFacts]] = defaultdict(list)
    for case in cases:
        corrected = (case.said_category, case.said_severity) != (case.category, case.severity)
        if case.disposition is not None or corrected:
            dealt_with[case.said_category].append(case)
    return tuple(
        _agreement(category, dealt_with[category])
        for category in sorted(dealt_with, key=lambda one: (-len(dealt_with[one]), one))
    )


def _agreement(category: Category, cases: Sequence[CaseFacts]) -> Agreement:
    others = _most(case.category for case in cases if case.category is not category)
    return Agreement(
        category=category,
        cases=len(cases),
        category_right=sum(case.category is category for case in cases),
        severity_right=sum(case.severity is case.said_severity for case in cases),
        instead=others[0][0] if others else None,
    )
