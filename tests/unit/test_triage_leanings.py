"""Leanings: they are read, added to what rules say, shown as evidence, and set from labelled messages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from engage.cli.lexicon import lexicon
from engage.taxonomy import Category
from engage.triage import LexiconError, load_lexicon, triage
from engage.triage.leaning_files import Written, read_file, text_of
from engage.triage.leanings import COLUMNS, Line, Table, ahead, unpacked
from tests.unit.test_triage_lexicon import PARTS

RULES = (
    "precedence: [{all}]\nstart: {{{each_zero}}}\nusual: {{{each_low}}}\n"
    "alone:\n  FIRE: fire_hazmat 1.00\n  KNIFE: weapon_attack 1.00\n  WALLET: lost_property 1.00\n"
    "together:\n  - {{when: FIRE KNIFE, says: weapon_attack 0.10}}\n"
)
WORDS = (
    "language: en\nskip: the a\ncommon: is my was not it\nconcepts:\n  FIRE: fire\n  KNIFE: knife\n  WALLET: wallet\n"
)
HEAD = "# Written by hand.\ncodes: wa=weapon_attack fh=fire_hazmat sp=spam lo=low cr=critical\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "lexicon"
    (folder / "leanings").mkdir(parents=True)
    (folder / "rules.yaml").write_text(RULES.format(**PARTS), encoding="utf-8")
    (folder / "en.yaml").write_text(WORDS, encoding="utf-8")
    return folder


def lean_to(folder: Path, lines: str, name: str = "en") -> None:
    (folder / "leanings" / f"{name}.txt").write_text(HEAD + lines, encoding="utf-8")


def test_a_word_that_no_rule_knows_decides_by_its_leaning(folder: Path) -> None:
    assert triage("my turnip is it", load_lexicon(folder)).category == Category.QUESTION_FEEDBACK
    lean_to(folder, "turnip\t100\twa+30 cr+90\n")
    finding = triage("my Turnips is it", load_lexicon(folder))
    assert finding.category == Category.WEAPON_ATTACK
    assert [(one.matched, one.rule, one.weight) for one in finding.evidence] == [("Turnips", "leaning", 3.0)]
    assert finding.evidence[0].start == 3


def test_the_more_leanings_there_are_the_less_each_counts(folder: Path) -> None:
    lean_to(folder, "turnip\t100\twa+20\nbeet\t100\tfh+1\nbean\t100\tfh+1\nleek\t100\tfh+1\n")
    weights = [one.weight for one in triage("is it turnip beet bean leek", load_lexicon(folder)).evidence]
    assert weights[0] == pytest.approx(1.0, abs=0.1)


def test_leanings_are_added_to_what_rules_say(folder: Path) -> None:
    lean_to(folder, "turnip\t100\twa+8\n")
    assert triage("fire turnip", load_lexicon(folder)).category == Category.FIRE_HAZMAT
    lean_to(folder, "turnip\t100\twa+18\n")
    assert triage("fire turnip", load_lexicon(folder)).category == Category.WEAPON_ATTACK


def test_neighbours_pieces_and_pairs_of_concepts_lean_too(folder: Path) -> None:
    for lines, name, text in (
        ("red turnip\t100\twa+30\n", "en", "it is a red turnip"),
        ("^ turnip\t100\twa+30\n", "en", "it is. turnip"),
        ("pieces: 3\n~_tu\t100\twa+30\n", "en", "it is turnip"),
        ("FIRE WALLET\t100\twa+30\n", "concepts", "wallet is fire"),
    ):
        lean_to(folder, lines, name)
        finding = triage(text, load_lexicon(folder))
        assert finding.category == Category.WEAPON_ATTACK, lines
        assert {one.rule for one in finding.evidence} >= {"leaning"}
        (folder / "leanings" / f"{name}.txt").unlink()


@pytest.mark.parametrize(("second", "weights"), [("wa+10", [2.121]), ("wa-20", [])])
def test_leanings_of_one_stretch_are_one_piece_of_evidence_or_none(
    folder: Path, second: str, weights: list[float]
) -> None:
    lean_to(folder, f"red\t100\twa+20\n^ red\t100\t{second}\n")
    assert [one.weight for one in triage("red", load_lexicon(folder)).evidence] == weights


def test_a_rival_counts_only_where_it_is_spoken_for() -> None:
    total = Table((), [Line("k", 9, {0: 5, 1: 3, 2: -4})]).row(("k",)).weights
    assert [ahead(total, 0, 1), ahead(total, 0, 2), ahead(total, 2, 0)] == [2, 5, -9]


def test_a_number_of_a_person_is_no_key(folder: Path) -> None:
    lean_to(folder, "#\t100\twa+30\n")
    assert triage("my is 4711b", load_lexicon(folder)).category == Category.WEAPON_ATTACK


@pytest.mark.parametrize(
    ("lines", "line", "problem"),
    [
        ("turnip wa+30\n", 3, "expected a key"),
        ("turnip\t100\txx+300\n", 3, "expected a code"),
        ("turnip\t100\twa300\n", 3, "with its sign"),
        ("turnip\t100\twa+99999\n", 3, "out of bounds"),
        ("turnip\t0\twa+9\n", 3, "out of bounds"),
        ("turnip\t100\twa+9\nturnip\t100\twa+9\n", 4, "comes twice"),
        ("codes: wa=dragons\n", 3, "neither a category nor a severity"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(folder: Path, lines: str, line: int, problem: str) -> None:
    lean_to(folder, lines)
    with pytest.raises(LexiconError, match=rf"en.txt, line {line}: .*{problem}"):
        load_lexicon(folder)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    written = Written(
        [3, 4], [Line("# a", 7, {3: 5}), Line("a b", 50, {0: 12, 26: -7}), Line("~_a#", 61, {3: -30_000})]
    )
    (tmp_path / "xx.txt").write_text(text_of(written), encoding="utf-8")
    assert read_file(tmp_path / "xx.txt") == written


def test_weights_in_one_number_add_up_as_they_would_apart() -> None:
    lines = [Line(f"k{at}", 9, dict.fromkeys(range(len(COLUMNS)), (-1) ** at * 32767)) for at in range(3)]
    table = Table((), lines)
    assert set(unpacked(sum(table.row((line.key,)).weights for line in lines[:2]))) == {0}
    assert set(unpacked(table.row(("k1",)).weights * 1000)) == {-32_767_000}
    assert table.row(("unknown",)).squares == 0


def test_leanings_are_set_from_messages_and_written_with_the_rules(folder: Path, tmp_path: Path) -> None:
    right = {"turnip": ("weapon_attack", "high"), "leek": ("fire_hazmat", "low")}
    rows = [
        {"id": f"{writer}-{at}", "text": f"it is {word} my fire {writer}", "language": "en"}
        | dict(zip(("category", "severity"), said, strict=True))
        for writer in ("ana", "ben", "cleo", "dan")
        for at in range(4)
        for word, said in right.items()
    ]
    file = tmp_path / "messages.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    arguments = ["lean", str(file), "--cases", str(file), "--folder", str(folder)]
    shown = CliRunner().invoke(lexicon, arguments)
    assert shown.exit_code == 0, shown.output
    assert not list((folder / "leanings").iterdir())
    assert CliRunner().invoke(lexicon, [*arguments, "--write"]).exit_code == 0
    text = (folder / "leanings" / "en.txt").read_text(encoding="utf-8")
    assert "turnip\t" in text
    assert "cleo" not in text, "what only one person writes is not kept"
    assert triage("a fire of leek", load_lexicon(folder)).category == Category.FIRE_HAZMAT
    assert triage("a fire of turnip", load_lexicon(folder)).category == Category.WEAPON_ATTACK
    assert CliRunner().invoke(lexicon, [*arguments, "--write"]).exit_code == 0
    assert (folder / "leanings" / "en.txt").read_text(encoding="utf-8") == text, "the same again"
