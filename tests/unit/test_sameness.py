"""Sameness: which pairs of reports are proposed as one event, and the reasons that are given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.sameness import ENOUGH, Likeness, Nearness, Told, compare, looked_up_by, sum_up, trace_of
from engage.triage import shipped_lexicon, triage

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
PLACE, ZONE, SITE, OTHER_SITE = (1, 10, 100), (1, 10, 101), (1, 20, 200), (2, 30, 300)
UNKNOWN = (1, None, None)
Where = tuple[int, int | None, int | None]


def told(text: str, where: Where = PLACE, minutes: float = 0) -> Told:
    site, zone, place = where
    return Told(trace_of(text, triage(text, shipped_lexicon())), NOON + timedelta(minutes=minutes), site, zone, place)


def likeness(old: str, new: str, where: Where, minutes: float) -> Likeness:
    return compare(told(new, where, minutes), told(old))


SMOKE = "Smoke is coming out of the toilet next to gate B12"
#: The older report at PLACE, the newer one, where it was made, how many minutes later.
ONE_EVENT: tuple[tuple[str, str, Where, float], ...] = (
    # one fire, in eight languages
    (SMOKE, "there is smoke in the toilets, it smells of burning", ZONE, 4),
    (SMOKE, "De la fumée sort des toilettes", ZONE, 4),
    (SMOKE, "Hay humo en el baño", ZONE, 3),
    (SMOKE, "Sale fumaça do banheiro, tem fumaça", ZONE, 3),
    (SMOKE, "دخان يخرج من الحمام", ZONE, 2),
    (SMOKE, "厕所里冒烟了", PLACE, 6),
    (SMOKE, "Из туалета идёт дым", ZONE, 5),
    (SMOKE, "May usok sa CR", ZONE, 1),
    ("厕所里冒烟了", "دخان يخرج من الحمام", ZONE, 3),
    # an alarm in a surge: whatever triage makes of it, and wherever people stand
    (
        "Fire alarm is ringing at the gate, nobody tells us anything",
        "the alarm is going off, fire alarm at the gate",
        PLACE,
        2,
    ),
    ("Fire alarm is ringing at the gate", "Alarm ringing loud in terminal, should we leave?", ZONE, 1),
    ("Fire alarm ringing at the gate", "L'alarme incendie sonne à la porte", PLACE, 3),
    ("Fire alarm ringing at the gate", "alarm ringing at gate, what do we do", UNKNOWN, 1),
    # what one place has once
    ("The escalator stopped and people are stuck on it", "escalator broken, people stuck", PLACE, 9),
    ("Two men are fighting at the bar, punches thrown", "big fight at the bar, someone got punched", PLACE, 3),
    ("A man with a knife is threatening people", "man waving a knife near the shop!!", ZONE, 2),
    ("A man with a knife is threatening people", "Un homme avec un couteau menace les gens", ZONE, 2),
    ("Drone over the runway", "I can see a drone hovering over the runway", SITE, 4),
    ("A woman has collapsed and is not breathing", "lady collapsed on the floor, not breathing", PLACE, 1),
    ("Abandoned black suitcase under the seats, nobody near it", "unattended black suitcase under seats", PLACE, 12),
    ("Water is pouring through the ceiling", "flood, water coming through the ceiling onto the floor", ZONE, 15),
    ("Strong smell of gas near the kitchen", "it smells like gas here", PLACE, 7),
    # one child, known by what it wears
    (
        "I cant find my son Theo, he is 5, green dinosaur hoodie",
        "a mother is looking for her boy Theo in a green hoodie, he is lost",
        PLACE,
        6,
    ),
    ("Lost my black wallet with my id card Hansen", "found a black wallet, id card says Hansen", PLACE, 20),
)
TWO_EVENTS: tuple[tuple[str, str, Where, float], ...] = (
    # two lost children
    (
        "I cant find my son Theo, he is 5, green dinosaur hoodie",
        "My daughter Lily is missing, pink dress, 4 years old",
        PLACE,
        5,
    ),
    ("My son is lost, 6 years old, red cap", "I lost my little boy, 3 years old, blue jacket", ZONE, 10),
    ("My daughter is missing", "I cannot find my son", ZONE, 8),
    # the same code, another matter
    (SMOKE, "The vending machine at B12 took my money", PLACE, 2),
    (SMOKE, "Where can I find the toilet?", PLACE, 2),
    (SMOKE, "A man is following a woman into the toilet", PLACE, 4),
    (SMOKE, "Someone stole my suitcase", PLACE, 3),
    ("A man with a knife is threatening people", "A man has collapsed, call an ambulance", PLACE, 3),
    ("Fire alarm ringing at the gate", "My flight is delayed, nobody tells us anything", PLACE, 2),
    # the same matter, elsewhere or long ago
    (SMOKE, "smoke in the toilets", OTHER_SITE, 1),
    (SMOKE, "smoke in the toilets", ZONE, 61),
    ("Smoke in the toilet at gate B12", "Smoke in the toilet at gate A7", SITE, 3),
    ("The lift is broken", "the lift does not work", SITE, 50),
    ("Two drunk men are fighting", "two men fighting by the taxis", SITE, 45),
    # what many have at once
    ("I lost my phone", "I lost my passport", PLACE, 4),
    ("I lost my black bag", "lost a red umbrella", PLACE, 4),
    ("Where is the toilet?", "Where is the taxi stand?", PLACE, 1),
    ("A man stole my phone", "my wallet was stolen", ZONE, 9),
    ("The staff were very kind, thank you", "thank you for the kind help", PLACE, 3),
    # nothing to go by, and what is denied
    ("", "", PLACE, 0),
    ("???", "!!!", PLACE, 0),
    (SMOKE, "There is no smoke here, all good", PLACE, 5),
    ("Win a prize now at www.prize.top", "Win a prize now at www.prize.top", PLACE, 1),
)


@pytest.mark.parametrize(("old", "new", "where", "minutes"), ONE_EVENT)
def test_reports_of_one_event_are_proposed(old: str, new: str, where: Where, minutes: float) -> None:
    assert likeness(old, new, where, minutes).value >= ENOUGH


@pytest.mark.parametrize(("old", "new", "where", "minutes"), TWO_EVENTS)
def test_reports_of_two_events_are_not(old: str, new: str, where: Where, minutes: float) -> None:
    assert likeness(old, new, where, minutes).value < ENOUGH


def test_the_reason_says_how_near_when_and_what_both_say() -> None:
    found = likeness(SMOKE, "De la fumée sort des toilettes", ZONE, 4.5)
    assert (found.near, found.minutes, found.category) == (Nearness.ZONE, 4, "fire_hazmat")
    assert ("fumée", "smoke") in found.shared
    assert ("toilettes", "toilet") in found.shared


def test_details_that_differ_are_told() -> None:
    found = likeness("My son is lost, red cap", "My daughter is lost, blue cap", ZONE, 3)
    assert set(found.differ) == {("blue", "red"), ("daughter", "son")}


def test_what_many_say_tells_less_than_what_few_say() -> None:
    one, other = told("smoke in the toilet, a man with a red bag"), told("smoke in the toilet", minutes=1)
    often = dict.fromkeys(("means:SMOKE", "thing:toilet"), 40)
    assert compare(other, one, often).value < compare(other, one).value


@given(st.text(max_size=80), st.text(max_size=80), st.floats(-90, 90))
def test_likeness_is_a_share_of_one_and_the_same_both_ways(one: str, other: str, minutes: float) -> None:
    left, right = told(one), told(other, ZONE, minutes)
    assert 0 <= compare(left, right).value <= 1
    assert compare(left, right).value == compare(right, left).value
    assert len(looked_up_by(left.trace)) <= 10


ALARMS = (
    "Fire alarm ringing at the gate",
    "the fire alarm is ringing at our gate",
    "alarm ringing, gate closed",
    "gate alarm!",
)


def test_many_reports_are_summed_up() -> None:
    reports = [ALARMS[at % 4] for at in range(38)]
    reports += ["Alarm at the gate and I see smoke", "alarm at the gate, a man is injured and bleeding"]
    found = sum_up(trace_of(text, triage(text, shipped_lexicon())) for text in reports)
    assert (found.total, found.same, found.adding) == (40, 38, 2)
    assert {"alarm", "gate"} <= set(found.common)
    assert any("smoke" in word for word in found.added) or any("injur" in word for word in found.added)


def test_nothing_is_summed_up_as_nothing() -> None:
    assert (sum_up([]).total, sum_up([]).common) == (0, ())
