"""The routing table looked over as a whole: rules that never decide, what a change moves, rules in the shadow."""

from __future__ import annotations

from datetime import time
from time import perf_counter

import pytest

from engage.duty_table import Fault, Shadow, left_alone, problems, shifts, tried
from engage.routing import Duty, Matter
from engage.taxonomy import Category, Responder, Severity

GROUND = {1: (10, 11), 2: (20,)}
NOON = time(12)


def duty(slug: str, queue: int = 1, **cells: object) -> Duty:
    return Duty(slug, queue, **cells)  # type: ignore[arg-type]


ANY = duty("any")
POLICE = duty("police", 2, responder=Responder.POLICE)
ARMED = duty("armed", 3, category=Category.WEAPON_ATTACK)
GRAVE = duty("grave", 4, severity=Severity.HIGH)
DAY = duty("day", 5, from_time=time(6), to_time=time(18))
NIGHT = duty("night", 6, from_time=time(18), to_time=time(6))
HERE = duty("here", 7, site_id=1)
HALL = duty("hall", 8, site_id=1, zone_id=10)


@pytest.mark.parametrize(
    ("duties", "found"),
    [
        ([], []),
        ([POLICE, ANY], []),
        ([ARMED, POLICE], []),
        ([GRAVE, ARMED, POLICE, HALL, HERE, DAY, NIGHT], []),
        # unreachable: one rule, or several together, take all that it matches
        ([ANY, POLICE], [("police", Fault.UNREACHABLE, ("any",))]),
        ([POLICE, ARMED], [("armed", Fault.UNREACHABLE, ("police",))]),
        ([HERE, HALL], [("hall", Fault.UNREACHABLE, ("here",))]),
        ([DAY, NIGHT, HERE], [("here", Fault.UNREACHABLE, ("night", "day"))]),
        ([DAY, HERE], []),
        ([GRAVE, duty("critical", 9, severity=Severity.CRITICAL)], [("critical", Fault.UNREACHABLE, ("grave",))]),
        ([duty("critical", 9, severity=Severity.CRITICAL), GRAVE], []),
        ([POLICE, duty("police too", 2, responder=Responder.POLICE)], [("police too", Fault.UNREACHABLE, ("police",))]),
        # conflicting: they match the same and send it elsewhere
        ([POLICE, duty("others", 9, responder=Responder.POLICE)], [("others", Fault.CONFLICTING, ("police",))]),
        ([ARMED, duty("a", 9, category=Category.WEAPON_ATTACK, responder=Responder.POLICE)],
         [("a", Fault.CONFLICTING, ("armed",))]),
        # dead: nothing there is can match
        ([duty("never", 1, category=Category.MEDICAL, responder=Responder.POLICE)], [("never", Fault.DEAD, ())]),
        ([duty("nowhere", 1, site_id=3)], [("nowhere", Fault.DEAD, ())]),
        ([duty("no zone", 1, site_id=1, zone_id=20)], [("no zone", Fault.DEAD, ())]),
        # what is about insiders goes to sealed queues only: an open rule does not hide a sealed one
        ([ANY, duty("integrity", 9, category=Category.INSIDER_CORRUPTION, sealed=True)], []),
        ([duty("open", 9, category=Category.INSIDER_CORRUPTION)], [("open", Fault.DEAD, ())]),
    ],
)  # fmt: skip
def test_rules_that_never_decide_are_named(duties: list[Duty], found: list[tuple[str, Fault, tuple[str, ...]]]) -> None:
    assert [(one.slug, one.fault, one.hidden_by) for one in problems(duties, GROUND)] == found


def test_a_hidden_rule_has_an_example_that_it_should_have_had() -> None:
    (problem,) = problems([POLICE, ARMED], GROUND)
    assert problem.example is not None
    assert problem.example.category is Category.WEAPON_ATTACK


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        ([POLICE], [POLICE], set()),
        ([POLICE, ANY], [ANY, POLICE], {("police", "any")}),
        ([POLICE, ANY], [ANY], {("police", "any")}),
        ([POLICE], [], {("police", None)}),
        ([], [POLICE], {(None, "police")}),
        ([POLICE], [duty("police", 9, responder=Responder.POLICE)], {("police", "police")}),
        ([POLICE], [duty("police", 2, responder=Responder.POLICE, severity=Severity.HIGH)], {("police", None)}),
        ([DAY, ANY], [NIGHT, DAY, ANY], {("any", "night")}),
    ],
)
def test_a_change_tells_what_it_moves(before: list[Duty], after: list[Duty], moved: set[tuple[str, str]]) -> None:
    found = {(one.before and one.before.slug, one.after and one.after.slug) for one in shifts(before, after, GROUND)}
    assert found == moved


@pytest.mark.parametrize(
    ("before", "after", "left"),
    [
        ([POLICE, ANY], [ANY], False),
        ([POLICE], [], True),
        ([ANY], [DAY], True),
        ([ANY], [DAY, NIGHT], False),
        ([POLICE], [duty("police", 2, responder=Responder.POLICE, site_id=1)], True),
    ],
)
def test_a_change_that_leaves_a_matter_to_nobody_has_an_example(
    before: list[Duty], after: list[Duty], left: bool
) -> None:
    assert (left_alone(before, after, GROUND) is not None) is left


@pytest.mark.parametrize(
    ("shadow", "elsewhere"),
    [
        (Shadow(1, duty("armed too", 9, category=Category.WEAPON_ATTACK), 0), ((1, 9),)),
        (Shadow(1, duty("armed too", 9, category=Category.WEAPON_ATTACK), 1), ()),  # behind the one that decides
        (Shadow(1, duty("armed too", 9, category=Category.WEAPON_ATTACK), 1, "police"), ((1, 9),)),
        (Shadow(1, duty("fewer", 2, category=Category.THEFT_FRAUD), 0, "police"), ((1, 0),)),  # falls back
        (Shadow(1, duty("same", 2, category=Category.WEAPON_ATTACK), 0), ()),
    ],
)
def test_a_rule_in_the_shadow_tells_where_it_would_have_sent(
    shadow: Shadow, elsewhere: tuple[tuple[int, int], ...]
) -> None:
    matter = Matter(Category.WEAPON_ATTACK, Severity.CRITICAL, 1, 10, NOON)
    assert tried(matter, [POLICE], [shadow], 0) == elsewhere


def test_a_large_table_is_looked_over_in_a_moment() -> None:
    sites = range(1, 21)
    ground = {site: tuple(range(100 * site, 100 * site + 8)) for site in sites}
    duties = [
        duty(f"{site} {one}", number, site_id=site, responder=one, from_time=begin, to_time=end, sealed=True)
        for site in sites
        for number, one in enumerate(Responder)
        for begin, end in ((time(6), time(22)), (time(22), time(6)))
    ]
    began = perf_counter()
    found = problems([*duties, duty("rest", 99)], ground)
    assert [one.slug for one in found] == ["rest"]  # every responder has two rules at every site, so nothing is left
    assert perf_counter() - began < 5
