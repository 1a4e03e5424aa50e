"""`engage lexicon`: what is to mend, how well triage does, and what a change of words changes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from engage.cli.lexicon import lexicon
from tests.unit.test_triage_lexicon import PARTS, RULES

CASES = [
    {"id": "a", "text": "fire!", "category": "fire_hazmat", "severity": "critical", "language": "en"},
    {"id": "b", "text": "a machete", "category": "weapon_attack", "severity": "low", "lang": "en"},
    {"id": "c", "text": "hello there", "category": "spam", "severity": "critical", "language": "en"},
]


def folder(path: Path, words: str) -> Path:
    path.mkdir()
    rules = RULES.format(**PARTS) + "  KNIFE: weapon_attack 2, low 1\ntogether:\n  - {when: FIRE KNIFE, says: low 1}\n"
    (path / "rules.yaml").write_text(rules, encoding="utf-8")
    (path / "en.yaml").write_text(f"language: en\nskip: the\nconcepts:\n{words}", encoding="utf-8")
    return path


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return folder(tmp_path / "old", "  FIRE: fire\n  KNIFE: knife\n")


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return folder(tmp_path / "new", "  FIRE: fire\n  KNIFE: knife, machete\n")


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    file = tmp_path / "cases.jsonl"
    file.write_text("\n".join(json.dumps(case) for case in CASES) + "\n", encoding="utf-8")
    return file


def test_the_shipped_lexicon_may_only_be_conflicting() -> None:
    result = CliRunner().invoke(lexicon, ["check"])
    last = result.output.splitlines()[-1]
    assert "dead" not in last
    assert "missing" not in last
    assert "duplicate" not in last


def test_what_is_to_mend_is_named_with_file_and_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(lexicon, ["check", "--folder", str(folder(tmp_path / "x", "  FIRE: fire, the fire\n"))])
    assert result.exit_code == 1
    assert "en.yaml, line 4: dead: “the fire” has one word" in result.output
    assert "en.yaml: missing: no word for KNIFE" in result.output
    assert "1 dead" in result.output


def test_figures_confusions_and_mistakes_are_shown(new: Path, cases: Path) -> None:
    result = CliRunner().invoke(lexicon, ["eval", "--folder", str(new), str(cases)], terminal_width=200)
    assert result.exit_code == 0
    figures = {
        cells[0].strip(): cells[1].strip() for line in result.output.splitlines() if (cells := line.split("│")[1:])
    }
    assert figures["messages"] == "3"
    assert figures["category right"] == "0.667"
    assert figures["critical seen as high or critical"] == "0.500"
    assert "What a confidence means" in result.output
    assert "c  spam/critical taken for question_feedback/low" in result.output


def test_a_change_is_shown_for_better_or_worse(old: Path, new: Path, cases: Path) -> None:
    better = CliRunner().invoke(lexicon, ["diff", str(old), str(new), str(cases)])
    assert better.exit_code == 0
    assert "better  b  question_feedback/low → weapon_attack/high  a machete" in better.output
    assert "1 better, 0 worse, 0 other, 2 same" in better.output
    worse = CliRunner().invoke(lexicon, ["diff", str(new), str(old), str(cases)])
    assert worse.exit_code == 1
    assert "0 better, 1 worse" in worse.output


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "line 1: "),
        ('{"id": "a"}', "line 1: text is missing"),
        ('{"id": "a", "text": "x", "language": "en", "category": "fire", "severity": "low"}', "'fire' is not a valid"),
        ("[]", "line 1: "),
    ],
)
def test_a_line_that_is_no_case_is_named(new: Path, tmp_path: Path, line: str, problem: str) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text(line, encoding="utf-8")
    result = CliRunner().invoke(lexicon, ["eval", "--folder", str(new), str(file)])
    assert result.exit_code == 1
    assert problem in result.stderr


def test_a_broken_folder_is_refused_in_a_sentence(new: Path, cases: Path) -> None:
    (new / "en.yaml").write_text("language: en\nconcepts:\n  FIRED: x\n", encoding="utf-8")
    for arguments in (["check", "--folder", str(new)], ["eval", "--folder", str(new), str(cases)]):
        result = CliRunner().invoke(lexicon, arguments)
        assert result.exit_code == 1
        assert "en.yaml, line 3: no rule uses the concept FIRED" in result.stderr
