"""`engage triage`: an explanation for people, one line each for machines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from engage.cli.triage import triage
from engage.taxonomy import FIRST_RESPONDER, Category, Severity


def test_a_text_is_explained_with_its_words_rule_and_reason() -> None:
    result = CliRunner().invoke(triage, ["A man pulled a knife at gate 4, not a toy"])
    assert result.exit_code == 0
    for word in ("critical", "weapon_attack", "police", "knife", "drawn", "for", "against", "because of"):
        assert word in result.output


def test_a_text_in_another_direction_or_none_is_explained_too() -> None:
    assert "fire_hazmat" in CliRunner().invoke(triage, ["حريق في المطعم"]).output
    assert "nothing to go by" in CliRunner().invoke(triage, [""]).output
    assert CliRunner().invoke(triage, ["[bold]fire[/] \ud800"]).exit_code == 0


@pytest.mark.parametrize("arguments", [[], ["--jsonl", "fire"]])
def test_either_a_text_or_lines(arguments: list[str]) -> None:
    result = CliRunner().invoke(triage, arguments)
    assert result.exit_code == 2
    assert "Give either a TEXT or --jsonl." in result.stderr


def test_lines_are_answered_in_order() -> None:
    messages: list[dict[str, Any]] = [
        {"id": "a", "text": "Fire in the kitchen!", "channel": "sms"},
        {"id": 7, "text": "有人晕倒,没有呼吸"},
        {"id": "b", "text": "", "channel": None},
    ]
    lines = "\n\n".join(json.dumps(message) for message in messages)
    result = CliRunner().invoke(triage, ["--jsonl"], input=lines)
    assert result.exit_code == 0
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == ["a", 7, "b"]
    for answer, message in zip(answers, messages, strict=True):
        assert list(answer) == ["id", "category", "severity", "queue", "language", "confidence", "evidence"]
        assert answer["queue"] == FIRST_RESPONDER[Category(answer["category"])]
        assert answer["severity"] in list(Severity)
        for evidence in answer["evidence"]:
            assert list(evidence) == ["term", "matched", "start", "end", "rule", "weight"]
            assert message["text"][evidence["start"] : evidence["end"]] == evidence["matched"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"fire", "not JSON"),
        (b"[1]", "not an object"),
        (b'{"id":"a"}', '"text" is missing'),
        (b'{"text":"fire"}', '"id" is missing'),
        (b'{"id":true,"text":"fire"}', '"id" is missing'),
        (b'{"id":"a","text":5}', '"text" is missing or not text'),
        (b'{"id":"a","text":"x","channel":"fax"}', '"channel" is none of web'),
        (b'{"id":"a","text":"x","channel":["sms"]}', '"channel" is none of web'),
        (b'{"id":"a","text":"\xff"}', "not UTF-8 at byte 18"),
        (b"[" * 100_000, "not JSON"),
        (b'{"id":"a","text":"' + b"x" * 4_000_000 + b'"}', "longer than 4,000,000 bytes"),
    ],
)
def test_a_bad_line_is_named_and_the_good_ones_are_answered(line: bytes, problem: str) -> None:
    good = b'{"id":"good","text":"thick smoke"}'
    result = CliRunner().invoke(triage, ["--jsonl"], input=good + b"\n" + line + b"\n" + good)
    assert result.exit_code == 2
    assert [json.loads(answer)["id"] for answer in result.stdout.splitlines()] == ["good", "good"]
    assert result.stderr.startswith("line 2: ")
    assert problem in result.stderr


def test_the_cases_pass_through_the_command_as_through_the_function() -> None:
    cases = (Path(__file__).parents[1] / "data" / "triage_cases.jsonl").read_text(encoding="utf-8")
    result = CliRunner().invoke(triage, ["--jsonl"], input=cases)
    assert result.exit_code == 0
    got = [(one["id"], one["category"], one["severity"]) for one in map(json.loads, result.stdout.splitlines())]
    want = [(one["id"], one["category"], one["severity"]) for one in map(json.loads, cases.splitlines())]
    assert got == want
