"""Triage as a table: what a message says, and what must come out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engage.taxonomy import FIRST_RESPONDER, Category, Severity
from engage.triage import Finding, shipped_lexicon, triage

DATA = Path(__file__).parents[1] / "data" / "triage_cases.jsonl"
CASES = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]


def found(text: str) -> Finding:
    return triage(text, shipped_lexicon())


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_message_gets_its_category_severity_and_language(case: dict[str, str]) -> None:
    finding = found(case["text"])
    assert (finding.category, finding.severity, finding.language) == (
        case["category"],
        case["severity"],
        case["language"],
    ), finding


def test_the_cases_cover_every_category_three_times_in_english_and_every_language_twice() -> None:
    english = [case["category"] for case in CASES if case["language"] == "en"]
    assert all(english.count(category) >= 3 for category in Category)
    languages = [case["language"] for case in CASES]
    assert all(languages.count(name) >= 2 for name in ("en", "es", "fr", "ar", "zh", "ru", "pt", "fil"))


@pytest.mark.parametrize("text", ["", "   ", "🙂🙂", "\x00", "\u200f\u200e", "!!! ... ???"])
def test_nothing_to_go_by_is_low_feedback_and_says_so(text: str) -> None:
    finding = found(text)
    assert (finding.category, finding.severity, finding.language, finding.confidence) == (
        Category.QUESTION_FEEDBACK,
        Severity.LOW,
        "und",
        0.0,
    )
    assert "nothing to go by" in finding.reason


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("There is no fire, the alarm was only being tested", Category.FIRE_HAZMAT),
        ("The firewall of the shop till needs new settings", Category.FIRE_HAZMAT),
        ("My phone is dead, which gate is the Lisbon flight?", Category.MEDICAL),
        ("just killing time at gate 9, any good coffee here?", Category.WEAPON_ATTACK),
        ("This sandwich is the bomb", Category.WEAPON_ATTACK),
        ("a wire rack of postcards fell over near the shop", Category.FIRE_HAZMAT),
        ("Am I allowed to bring a knife in my suitcase?", Category.WEAPON_ATTACK),
        ("hello i have something to say about platform two", Category.SPAM),
    ],
)
def test_an_alarming_word_without_alarm_raises_nothing(text: str, never: Category) -> None:
    finding = found(text)
    assert finding.category != never
    assert finding.severity in (Severity.LOW, Severity.MEDIUM)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a man has a KNIFE at gate 3", "knife"),
        ("a man has a knfie at gate 3", "knife"),
        ("a man has a kniiiife at gate 3", "knife"),
        ("he is unconcsious on the floor", "unconscious"),
        ("there is smoooke in the tunnel", "smoke"),
        ("two bags left alone by the door", "bag"),
    ],
)
def test_a_word_is_found_however_it_is_written(written: str, meant: str) -> None:
    assert meant in {evidence.term for evidence in found(written).evidence}


def test_a_past_event_is_one_level_lower_unless_it_goes_on() -> None:
    assert found("A man punched my brother on the ferry").severity == Severity.HIGH
    assert found("Last month a man punched my brother on the ferry").severity == Severity.MEDIUM


def test_an_all_clear_with_something_still_wrong_is_what_is_still_wrong() -> None:
    finding = found("The lost boy has been found, but there is a strong smell of gas in the corridor")
    assert finding.category == Category.FIRE_HAZMAT


def test_evidence_speaks_for_and_against_and_is_in_order() -> None:
    finding = found("Not a fight, but a man left a bag with wires and ran off")
    weights = [evidence.weight for evidence in finding.evidence]
    assert min(weights) < 0 < max(weights)
    assert [e.start for e in finding.evidence] == sorted(e.start for e in finding.evidence)


def test_the_reason_quotes_the_words_and_the_responder_follows_the_category() -> None:
    finding = found("There is thick smoke in the engine room")
    assert "smoke" in finding.reason
    assert finding.reason.endswith(".")
    assert finding.responder == FIRST_RESPONDER[finding.category]


def test_the_same_message_always_gives_the_same_finding() -> None:
    text = "bag alone near gate, man running, smoke, someone crying, broken lift, drunk fans"
    assert {found(text) for _ in range(5)} == {found(text)}
