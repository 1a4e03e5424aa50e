"""What supervisors count: shares, percentiles, days and hours, and what is kept apart."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.tallies import Agreement, CaseFacts, Pace, ReportFacts, Tally, nearest_rank, tally
from engage.taxonomy import CasePromise, Category, Channel, Disposition, Severity

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MANILA = "Asia/Manila"


def case(number: int = 1, **others: Any) -> CaseFacts:
    """A case about a gun, opened at noon, of which nothing is known yet."""
    values: dict[str, Any] = {
        "opened_at": NOON,
        "category": Category.WEAPON_ATTACK,
        "severity": Severity.CRITICAL,
        "kept": (None, None, None),
        "due": (None, None, None),
        "disposition": None,
        **others,
    }
    said = {"said_category": values["category"], "said_severity": values["severity"]}
    return CaseFacts(id=number, **{**said, **values})


def report(case_id: int = 1, **others: Any) -> ReportFacts:
    """A report by SMS in English, at a place in Manila."""
    values = {"where": (1, 2), "timezone": MANILA, "channel": Channel.SMS, "language": "en", "received_at": NOON}
    return ReportFacts(case_id=case_id, **{**values, **others})


def counted(*cases: CaseFacts, reports: list[ReportFacts] | None = None) -> Tally:
    """The tally of some cases with a report each, over the week before noon of the 15th."""
    told = [report(one.id) for one in cases] if reports is None else reports
    return tally(cases, told, NOON - timedelta(days=6), NOON + timedelta(days=1))


@pytest.mark.parametrize(
    ("times", "median", "p90"),
    [
        ([], None, None),
        ([5], 5, 5),
        ([1, 9], 1, 9),
        ([1, 2, 3], 2, 3),
        (list(range(1, 11)), 5, 9),
        (list(range(1, 101)), 50, 90),
    ],
)
def test_percentiles_are_times_that_were_measured(times: list[int], median: int | None, p90: int | None) -> None:
    sorted_times = [number * MINUTE for number in times]
    wanted = tuple(None if number is None else number * MINUTE for number in (median, p90))
    assert (nearest_rank(sorted_times, 0.5), nearest_rank(sorted_times, 0.9)) == wanted


@given(st.lists(st.integers(0, 10**6), min_size=1).map(sorted), st.floats(0.01, 1))
def test_a_percentile_is_not_exceeded_by_its_share(numbers: list[int], share: float) -> None:
    found = nearest_rank([number * MINUTE for number in numbers], share)
    assert found is not None
    assert sum(number * MINUTE <= found for number in numbers) >= share * len(numbers) - 1e-6


def test_every_report_of_a_case_counts() -> None:
    found = counted(case(1), case(2, category=Category.DRONE), reports=[report(1), report(1, language="ar"), report(2)])
    assert found.reports == 3
    assert found.categories == ((Category.WEAPON_ATTACK, 2), (Category.DRONE, 1))
    assert found.languages == (("en", 2), ("ar", 1))
    assert found.channels == ((Channel.SMS, 3),)
    assert found.places == (((1, 2), 3),)


def test_hours_and_days_are_those_of_the_site() -> None:
    late = datetime(2026, 3, 14, 17, 30, tzinfo=UTC)  # half past one on Sunday the 15th in Manila
    found = counted(case(1), reports=[report(1), report(1, received_at=late)])
    assert (found.week[5][20], found.week[6][1]) == (1, 1)
    assert sum(map(sum, found.week)) == 2
    assert found.days[0] == (date(2026, 3, 8), 0)
    assert found.days[-2:] == ((date(2026, 3, 14), 1), (date(2026, 3, 15), 1))


def test_drills_and_spam_are_counted_apart_and_a_joined_case_once() -> None:
    found = counted(
        case(1),
        case(2, disposition=Disposition.DRILL),
        case(3, disposition=Disposition.SPAM),
        case(4, category=Category.SPAM),
        case(5, disposition=Disposition.DUPLICATE, merged=True),
    )
    told = found.outcomes
    assert (told.cases, told.drills, told.spam, told.merged, found.reports) == (1, 1, 2, 1, 1)


@pytest.mark.parametrize(
    ("kept", "due", "in_time", "late"),
    [
        (1, 2, 1, 0),
        (2, 2, 1, 0),
        (3, 2, 0, 1),
        (None, 2, 0, 1),  # past its target by now
        (None, 10_000, 0, 0),  # nobody can tell yet
        (3, None, 0, 0),
    ],
)
def test_a_target_is_kept_broken_or_open(kept: int | None, due: int | None, in_time: int, late: int) -> None:
    moments = [None if number is None else NOON + number * MINUTE for number in (kept, due)]
    found = counted(case(kept=(None, moments[0], None), due=(None, moments[1], None)))
    time = None if kept is None else kept * MINUTE
    wanted = Pace(int(kept is not None), time, time, in_time, late)
    assert found.paces[CasePromise.RESPOND, Severity.CRITICAL] == found.paces[CasePromise.RESPOND, None] == wanted
    assert wanted.share == (in_time if in_time + late else None)
    assert found.paces[CasePromise.RESPOND, Severity.LOW].times == 0


def test_outcomes() -> None:
    answered = (NOON, NOON, None)
    found = counted(
        case(1, kept=answered, reopened=True, referred=True, escalated=True),
        case(2),
        case(3, disposition=Disposition.ADVISED, kept=answered),
        case(4, disposition=Disposition.UNFOUNDED),
    ).outcomes
    assert (found.cases, found.open, found.reopened, found.referred, found.escalated) == (4, 2, 1, 1, 1)
    assert (found.unanswered, found.ended_unanswered) == (1, 1)


def test_agreement_is_told_of_cases_that_officers_have_dealt_with() -> None:
    said = {"said_category": Category.THEFT_FRAUD, "said_severity": Severity.LOW, "severity": Severity.LOW}
    found = counted(
        case(1),  # nobody has said anything of it yet
        case(2, **said, category=Category.LOST_PROPERTY),
        case(3, **said, category=Category.THEFT_FRAUD, disposition=Disposition.ADVISED),
        case(4, **{**said, "severity": Severity.HIGH}, category=Category.THEFT_FRAUD),
    ).agreements
    assert found == (Agreement(Category.THEFT_FRAUD, 3, 2, 2, Category.LOST_PROPERTY),)


def test_nothing_is_a_number_too() -> None:
    found = counted()
    assert (found.reports, found.places, found.agreements) == (0, (), ())
    assert found.paces[CasePromise.RESOLVE, None] == Pace(0, None, None, 0, 0)
    assert len(found.days) == 8
