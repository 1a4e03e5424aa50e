"""Routing: the first duty whose filled cells all match decides, and says which cells those were."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from engage.routing import Duty, Matter, route
from engage.taxonomy import Category, Responder, Severity

FALLBACK = 99
NOON = time(12)
FIGHT = Matter(Category.ASSAULT_HARASSMENT, Severity.HIGH, site_id=1, zone_id=10, local_time=NOON)
NOWHERE = Matter(Category.ASSAULT_HARASSMENT, Severity.HIGH, site_id=1, zone_id=None, local_time=NOON)


@pytest.mark.parametrize(
    ("duty", "matter", "matches"),
    [
        (Duty("any", 1), FIGHT, True),
        (Duty("site", 1, site_id=1), FIGHT, True),
        (Duty("site", 1, site_id=2), FIGHT, False),
        (Duty("zone", 1, zone_id=10), FIGHT, True),
        (Duty("zone", 1, zone_id=11), FIGHT, False),
        (Duty("zone", 1, zone_id=10), NOWHERE, False),
        (Duty("responder", 1, responder=Responder.POLICE), FIGHT, True),
        (Duty("responder", 1, responder=Responder.FIRE), FIGHT, False),
        (Duty("category", 1, category=Category.ASSAULT_HARASSMENT), FIGHT, True),
        (Duty("category", 1, category=Category.DRONE), FIGHT, False),
        (Duty("severity", 1, severity=Severity.MEDIUM), FIGHT, True),
        (Duty("severity", 1, severity=Severity.HIGH), FIGHT, True),
        (Duty("severity", 1, severity=Severity.CRITICAL), FIGHT, False),
        (Duty("all", 1, 1, 10, Responder.POLICE, Category.ASSAULT_HARASSMENT, Severity.HIGH), FIGHT, True),
        (Duty("all but one", 1, 1, 10, Responder.POLICE, Category.DRONE, Severity.HIGH), FIGHT, False),
    ],
)
def test_a_duty_matches_when_every_filled_cell_does(duty: Duty, matter: Matter, matches: bool) -> None:
    assert (route(matter, [duty], FALLBACK).queue_id == duty.queue_id) is matches


@pytest.mark.parametrize(
    ("begins", "ends", "now", "on_duty"),
    [
        (time(8), time(20), time(8), True),
        (time(8), time(20), time(19, 59, 59), True),
        (time(8), time(20), time(20), False),
        (time(8), time(20), time(7, 59), False),
        (time(20), time(8), time(23, 59), True),
        (time(20), time(8), time(0), True),
        (time(20), time(8), time(7, 59), True),
        (time(20), time(8), time(8), False),
        (time(20), time(8), time(12), False),
        (time(0), time(0), time(12), False),
    ],
)
def test_hours_may_pass_midnight_and_end_before_their_end(begins: time, ends: time, now: time, on_duty: bool) -> None:
    matter = Matter(Category.DRONE, Severity.HIGH, 1, None, now)
    chosen = route(matter, [Duty("watch", 1, from_time=begins, to_time=ends)], FALLBACK)
    assert (chosen.queue_id == 1) is on_duty


@pytest.mark.parametrize(
    ("severity", "confidence", "queue_id", "waits_with"),
    [
        (Severity.LOW, 0.05, FALLBACK, Severity.MEDIUM),
        (Severity.MEDIUM, 0.34, FALLBACK, Severity.MEDIUM),
        (Severity.HIGH, 0.05, 1, Severity.HIGH),
        (Severity.CRITICAL, 0.05, 1, Severity.CRITICAL),
        (Severity.LOW, 0.35, 1, Severity.LOW),
    ],
)
def test_what_nobody_understands_yet_is_read_by_a_person_first(
    severity: Severity, confidence: float, queue_id: int, waits_with: Severity
) -> None:
    matter = Matter(Category.DRONE, severity, 1, None, NOON, confidence)
    chosen = route(matter, [Duty("any", 1)], FALLBACK)
    assert (chosen.queue_id, chosen.severity) == (queue_id, waits_with)


def test_the_first_match_decides() -> None:
    duties = [Duty("drones", 1, category=Category.DRONE), Duty("police", 2, responder=Responder.POLICE), Duty("any", 3)]
    assert route(FIGHT, duties, FALLBACK).queue_id == 2


@pytest.mark.parametrize(
    ("duties", "reason"),
    [
        ([Duty("night", 1)], "Rule “night”: any report."),
        (
            [Duty("pier", 1, zone_id=10, responder=Responder.POLICE, severity=Severity.MEDIUM)],
            "Rule “pier”: this zone, police acts first, severity high.",
        ),
        ([], "No rule for police matched here, so it waits in the site's fallback queue."),
    ],
)
def test_the_route_says_why(duties: list[Duty], reason: str) -> None:
    assert route(FIGHT, duties, FALLBACK).reason == reason


@pytest.mark.parametrize("category", Category)
def test_nothing_is_left_without_a_queue(category: Category) -> None:
    assert route(Matter(category, Severity.LOW, 1, None, NOON), [], FALLBACK).queue_id == FALLBACK


ABOUT_INSIDERS = Matter(Category.INSIDER_CORRUPTION, Severity.LOW, site_id=1, zone_id=10, local_time=NOON)
EVERYTHING = Duty("everything", 1)
SEALED = Duty("sealed", 2, responder=Responder.INTEGRITY, sealed=True)


@pytest.mark.parametrize("confidence", [0.0, 0.34, 1.0])
@pytest.mark.parametrize(
    ("duties", "queue_id"),
    [
        ([EVERYTHING, SEALED], 2),
        ([SEALED, EVERYTHING], 2),
        ([EVERYTHING, Duty("by night", 3, from_time=time(22), to_time=time(6), sealed=True)], 3),
        ([EVERYTHING, Duty("when grave", 3, severity=Severity.CRITICAL, sealed=True), SEALED], 2),
        ([EVERYTHING, Duty("elsewhere in it", 3, site_id=1, zone_id=11, sealed=True)], 3),
        ([EVERYTHING, Duty("elsewhere", 3, site_id=2, sealed=True)], FALLBACK),
        ([EVERYTHING, Duty("of another matter", 3, category=Category.CYBER, sealed=True)], FALLBACK),
        ([EVERYTHING, Duty("meant for it", 3, category=Category.INSIDER_CORRUPTION)], FALLBACK),
    ],
)
def test_what_is_about_insiders_waits_in_a_sealed_queue_however_sure_that_is(
    duties: list[Duty], queue_id: int, confidence: float
) -> None:
    chosen = route(replace(ABOUT_INSIDERS, confidence=confidence), duties, FALLBACK)
    assert chosen.queue_id == queue_id
    assert chosen.severity is (Severity.MEDIUM if confidence < 0.35 else Severity.LOW)
    assert chosen.reason.endswith(".")
