"""Setting weights again: what is learnt is right and repeats, and `rules.yaml` is rewritten whole or not at all."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engage.cli.lexicon import lexicon
from engage.taxonomy import Category, Severity
from engage.triage import LexiconError, load_lexicon, triage
from engage.triage.adjusting import adjust, apart_from, fold_of, judged_apart, rows_of, untracked
from engage.triage.fitting import solve
from engage.triage.judge import argue, shares_of
from engage.triage.rewriting import RewriteError, rewrite
from engage.triage.rules import CATEGORIES, SEVERITIES, load_rules
from engage.triage.scoring import Case
from engage.triage.weights import Rows, Weights, book_with, changes, weights_of
from tests.unit.test_triage_lexicon import PARTS

#: Spoilt: a wallet is taken for a fire, a fire for a lost thing.
RULES = (
    "# Made by hand.\nprecedence: [{all}]\nstart: {{{each_zero}}}  # nobody first\nusual: {{{each_low}}}\n"
    "alone:\n"
    "  # what burns\n"
    "  FIRE: lost_property 2, low 1  # flames and smoke\n"
    "  KNIFE: 'weapon_attack 2, high 1'\n"
    "  WALLET: |\n    fire_hazmat 2,\n    critical 1\n"
    "  DRAGON: spam 0.05, drone 1.234\n"
    "together: # more than one\n"
    "  - {{when: FIRE KNIFE, within: 5, says: weapon_attack 1}}  # arson?\n"
    "  # the last\n"
    "  - when: FIRE DRAGON\n    says: question_feedback 1.5\n"
)
WORDS = "language: en\nskip: the a\ncommon: is my was not\nconcepts:\n  FIRE: fire\n  KNIFE: knife\n  WALLET: wallet\n"
WORDS += "  DRAGON: dragon\n  NEGATION: =not\n"
FIRE, WEAPON, LOST = Category.FIRE_HAZMAT, Category.WEAPON_ATTACK, Category.LOST_PROPERTY
RIGHT = {
    "fire": (FIRE, Severity.CRITICAL),
    "knife": (WEAPON, Severity.HIGH),
    "wallet": (LOST, Severity.LOW),
    "fire knife": (WEAPON, Severity.CRITICAL),
}


def messages(begin: int, end: int) -> list[Case]:
    """As many messages of each kind, none like another, with the labels that are right."""
    return [
        Case(f"{words}-{at}", f"{words} zone{at}", "en", *RIGHT[words]) for words in RIGHT for at in range(begin, end)
    ]


def written(file: Path, cases: Iterable[Case]) -> Path:
    rows = (dict(zip(("id", "text", "language", "category", "severity"), case, strict=True)) for case in cases)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "lexicon"
    folder.mkdir()
    (folder / "rules.yaml").write_text(RULES.format(**PARTS), encoding="utf-8")
    (folder / "en.yaml").write_text(WORDS, encoding="utf-8")
    return folder


@pytest.fixture
def training(tmp_path: Path) -> Path:
    return written(tmp_path / "training.jsonl", messages(0, 40))


@pytest.fixture
def unseen(tmp_path: Path) -> Path:
    return written(tmp_path / "unseen.jsonl", messages(100, 110))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(lexicon, ["adjust", *map(str, arguments)], terminal_width=200)


def figures(output: str, figure: str) -> list[float]:
    """A figure of the last table that has it, and those of the rows below that tell how it fared after."""
    rows = [[cell.strip() for cell in line.split("│")[1:]] for line in output.splitlines() if "│" in line]
    at = max(place for place, row in enumerate(rows) if row[0] == figure)
    after = [row for row in rows[at + 1 : at + 3] if row[0].startswith("after")]
    return [float(row[1]) for row in [rows[at], *after]]


def coins(heads: int, tails: int) -> Rows:
    """One rule that speaks in every message; so many messages are about a fire, so many about a lost thing."""
    both = [CATEGORIES.index(FIRE)] * heads + [CATEGORIES.index(LOST)] * tails
    return Rows(
        [[(0, 1.0)]] * len(both), both, [3] * heads + [0] * tails, [at % 5 for at in range(len(both))], [1] * 999
    )


def nothing(rules: int) -> Weights:
    each = len(CATEGORIES)
    return Weights([[0.0] * each] * rules, [0.0] * each, [[0.0] * 4] * rules, [[0.0] * 4] * each)


def test_weights_become_the_odds_of_what_was_seen() -> None:
    rows = coins(300, 100)._replace(counts=[1.0] * 400)
    fitted = solve(rows, nothing(2), 0.001, untracked).whole
    fire, lost = (fitted.categories[0][place] + fitted.start[place] for place in map(CATEGORIES.index, (FIRE, LOST)))
    assert fire - lost == pytest.approx(math.log(3), abs=0.03)


def test_a_count_is_as_good_as_so_many_messages() -> None:
    many = solve(coins(30, 10)._replace(counts=[1.0] * 40), nothing(1), 2.0, untracked).whole
    rows = coins(10, 10)._replace(counts=[3.0] * 10 + [1.0] * 10)
    few = solve(rows, nothing(1), 2.0, untracked).whole
    assert few.severities[0] == pytest.approx(many.severities[0], abs=0.2)
    held = [_apart.categories[0] for _apart in solve(rows, nothing(1), 1e9, untracked).held]
    assert max(map(abs, held[0])) < 0.01


def test_a_large_ridge_keeps_weights_and_what_never_speaks_stays() -> None:
    prior = nothing(2)._replace(categories=[[0.5] * 23, [0.25] * 23], severities=[[0.0] * 4, [1.0, 0, 0, -1]])
    rows = coins(300, 100)._replace(counts=[1.0] * 400)
    free, kept = (solve(rows, prior, ridge, untracked).whole for ridge in (2.0, 1e9))
    for fitted in (free, kept):
        assert fitted.categories[1] == pytest.approx([0.25] * 23)
        assert fitted.severities[1] == pytest.approx([1.0, 0, 0, -1])
    assert kept.categories[0] == pytest.approx([0.5] * 23, abs=0.01)
    assert max(free.categories[0]) > 1


def test_what_speaks_is_what_the_judge_hears(folder: Path) -> None:
    words = load_lexicon(folder)
    cases = [Case(text, text, "en", FIRE, Severity.LOW) for text in ("fire fire knife", "not fire", "zone1", "")]
    rows = rows_of(cases, words, untracked)
    assert [dict(row) for row in rows.strengths] == [{0: 1.5, 1: 1.0, 4: 1.0}, {}, {}, {}]
    heard = argue(cases[0].text, words).fired
    assert [one.strength for one in heard] == [strength for _, strength in rows.strengths[0]]


def test_a_confidence_is_what_was_right_in_the_end(folder: Path) -> None:
    words = load_lexicon(folder)
    cases = [Case(str(at), f"fire zone{at}", "en", FIRE if at % 4 else LOST, Severity.LOW) for at in range(200)]
    book = adjust(words, cases, [], 0.01, solve, untracked).book
    shares = dict(zip(CATEGORIES, shares_of(argue("fire", words).fired, words.book), strict=True))
    assert shares[FIRE] < 0.2
    heard = [one._replace(rule=book.rules[0]) for one in argue("fire", words).fired]
    shares = dict(zip(CATEGORIES, shares_of(heard, book), strict=True))
    assert shares[FIRE] == pytest.approx(0.75, abs=0.03)
    assert shares[LOST] == pytest.approx(0.25, abs=0.03)


def test_every_message_is_judged_by_weights_that_never_met_it(folder: Path) -> None:
    words = load_lexicon(folder)
    odd = Case("odd", "dragon", "en", Category.CYBER, Severity.LOW)
    cases = [*messages(0, 10), odd]
    done = adjust(words, cases, [], 0.01, solve, untracked)
    assert triage("dragon", words).category == Category.DRONE
    judged = {one.case.id: one.finding for one in judged_apart(cases, words, done.held)}
    assert judged["odd"].category == Category.DRONE
    assert done.book.rules[3].says[Category.CYBER] > done.held[fold_of(odd)].rules[3].says.get(Category.CYBER, 0)


def test_cases_count_more_until_they_pass(folder: Path) -> None:
    words = load_lexicon(folder)
    cases = [Case(str(at), f"fire zone{at}", "en", LOST, Severity.LOW) for at in range(30)]
    must = [Case("must", "fire", "en", FIRE, Severity.LOW)]
    assert adjust(words, cases, must, 2.0, solve, untracked).failing == []
    silent = [Case("silent", "zone1", "en", FIRE, Severity.CRITICAL)]
    assert [one.case.id for one in adjust(words, cases, silent, 2.0, solve, untracked).failing] == ["silent"]


def test_spoilt_weights_are_put_right(folder: Path, training: Path, unseen: Path) -> None:
    result = run(training, "--folder", folder, "--without", unseen)
    assert result.exit_code == 0, result.output
    assert figures(result.output, "category right") == [0.5, 1.0]
    assert figures(result.output, "severity exact") == [0.25, 1.0]
    assert "160 messages, as they are judged now" in result.output
    assert "40 messages held out" in result.output
    assert "weights change; " in result.output
    assert (folder / "rules.yaml").read_text(encoding="utf-8") == RULES.format(**PARTS)


def test_the_same_files_give_the_same_weights_and_words(folder: Path, training: Path) -> None:
    before = (folder / "rules.yaml").read_bytes()
    first = run(training, "--folder", folder, "--write")
    after = (folder / "rules.yaml").read_bytes()
    assert after != before
    (folder / "rules.yaml").write_bytes(before)
    assert run(training, "--folder", folder, "--write").output == first.output
    assert (folder / "rules.yaml").read_bytes() == after


def test_held_out_messages_set_no_weight(tmp_path: Path, folder: Path, training: Path, unseen: Path) -> None:
    both = tmp_path / "both.jsonl"
    both.write_bytes(training.read_bytes() + unseen.read_bytes())
    assert run(both, "--without", unseen, "--folder", folder).output == (
        run(training, "--without", unseen, "--folder", folder).output
    )
    assert apart_from(messages(0, 9), messages(5, 9)) == messages(0, 5)
    result = run(unseen, "--without", unseen, "--folder", folder)
    assert result.exit_code == 1
    assert "No message is left" in result.stderr


def test_writing_changes_numbers_only(folder: Path, training: Path, unseen: Path) -> None:
    result = run(training, "--folder", folder, "--write")
    assert result.exit_code == 0, result.output
    lines = (folder / "rules.yaml").read_text(encoding="utf-8").splitlines()
    old = RULES.format(**PARTS).splitlines()
    assert [line.partition("#")[2] for line in lines if "#" in line] == [
        line.partition("#")[2] for line in old if "#" in line
    ]
    heads = [line.strip().split(":")[0] for line in lines]
    assert heads == [
        head for line in old if (head := line.strip().split(":")[0]) not in ("fire_hazmat 2,", "critical 1")
    ]
    assert "  DRAGON: spam 0.05, drone 1.234" in lines
    assert "    says: question_feedback 1.5" in lines
    assert sorted(path.name for path in folder.iterdir()) == ["en.yaml", "rules.yaml"]
    words = load_lexicon(folder)
    assert {text: (found.category, found.severity) for text in RIGHT if (found := triage(text, words))} == RIGHT
    again = run(unseen, "--folder", folder)
    assert figures(again.output, "category right") == [1.0, 1.0, 1.0]


def test_windows_line_ends_and_permissions_stay(folder: Path) -> None:
    path = folder / "rules.yaml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    path.chmod(0o640)
    book = load_rules(path)
    rewrite(path, book, book)
    assert path.read_bytes() == RULES.format(**PARTS).replace("\n", "\r\n").encode()
    assert path.stat().st_mode & 0o777 == 0o640


def test_an_interrupted_write_leaves_the_old_file_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    path, before = folder / "rules.yaml", (folder / "rules.yaml").read_bytes()
    book = load_rules(path)
    new = book_with(book, weights_of(book)._replace(start=[1.0] * len(CATEGORIES)))
    for name in ("fsync", "replace"):
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(os, name, interrupt)
            rewrite(path, book, new)
        assert path.read_bytes() == before
        assert sorted(one.name for one in folder.iterdir()) == ["en.yaml", "rules.yaml"]
    rewrite(path, book, new)
    assert load_rules(path) == new


def test_a_file_that_changed_or_cannot_take_the_weights_stays(folder: Path) -> None:
    path = folder / "rules.yaml"
    text = (
        RULES.format(**PARTS)
        .replace("FIRE: lost_property 2, low 1", "FIRE: &same drone 1")
        .replace("KNIFE: 'weapon_attack 2, high 1'", "KNIFE: *same")
    )
    book = load_rules(path)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RewriteError, match=r"rules\.yaml was changed meanwhile"):
        rewrite(path, book, book)
    book = load_rules(path)
    weights = weights_of(book)
    rows = [[float(at == place) * 2 for at in range(len(CATEGORIES))] for place, _ in enumerate(book.rules)]
    with pytest.raises(RewriteError, match="the new file"):
        rewrite(path, book, book_with(book, weights._replace(categories=rows)))
    assert path.read_text(encoding="utf-8") == text
    path.write_text("precedence: [", encoding="utf-8")
    with pytest.raises(LexiconError, match=r"rules\.yaml, line 2"):
        rewrite(path, book, book)


def test_a_rule_that_says_next_to_nothing_stays_a_rule(folder: Path) -> None:
    book = load_rules(folder / "rules.yaml")
    weights = weights_of(book)
    small = weights._replace(
        categories=[[0.04] + [0.0] * 22, *weights.categories[1:]],
        severities=[[0.0] * len(SEVERITIES), *weights.severities[1:]],
    )
    new = book_with(book, small)
    assert new.rules[0].says == {CATEGORIES[0]: 0.04}
    assert new.rules[1:] == book.rules[1:]
    assert {(one.word, one.before, one.after) for one in changes(book, new)} == {
        (LOST, 2.0, 0.0),
        (Severity.LOW, 1.0, 0.0),
        (CATEGORIES[0], 0.0, 0.04),
    }


@pytest.mark.parametrize("option", ["FILES", "--without", "--cases"])
@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"{", "line 2: Expecting"),
        (b'{"id": "a"}', "line 2: text is missing"),
        (b'{"id": "a", "text": "x", "lang": "en", "category": "fire", "severity": "low"}', "'fire' is not a valid"),
        (b'{"id": "\xff"}', "line 2: 'utf-8' codec can't decode"),
    ],
)
def test_a_broken_file_is_named_with_its_line(
    tmp_path: Path, folder: Path, training: Path, option: str, line: bytes, problem: str
) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_bytes(b"\n" + line)
    result = run(training, "--folder", folder, *([bad] if option == "FILES" else [option, bad]))
    assert result.exit_code == 1
    assert "bad.jsonl, line 2" in result.stderr
    assert problem in result.stderr


def test_a_broken_rules_file_is_named_with_its_line(folder: Path, training: Path) -> None:
    (folder / "rules.yaml").write_text("precedence: []\n", encoding="utf-8")
    result = run(training, "--folder", folder)
    assert result.exit_code == 1
    assert "rules.yaml, line 1: start is missing" in result.stderr


@pytest.mark.parametrize("ridge", ["0", "-1", "nan", "inf"])
def test_a_ridge_must_be_a_number_above_nothing(folder: Path, training: Path, ridge: str) -> None:
    result = run(training, "--folder", folder, "--ridge", ridge)
    assert result.exit_code == 2
    assert "must be a number above 0" in result.stderr


def test_nothing_is_written_while_a_case_fails(tmp_path: Path, folder: Path, training: Path) -> None:
    cases = written(tmp_path / "cases.jsonl", [Case("[never]", "zone1", "en", FIRE, Severity.CRITICAL)])
    result = run(training, "--folder", folder, "--cases", cases, "--write")
    assert result.exit_code == 1
    assert "still wrong: [never]  question_feedback/low for fire_hazmat/critical" in result.output
    assert "Not written" in result.stderr
    assert (folder / "rules.yaml").read_text(encoding="utf-8") == RULES.format(**PARTS)


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("missing", ["numpy", "scipy"])
def test_without_numpy_or_scipy_a_sentence_says_what_to_type(missing: str, folder: Path, training: Path) -> None:
    arguments = ["lexicon", "adjust", str(training), "--folder", str(folder)]
    done = python(f"import sys; sys.modules[{missing!r}] = None; from engage.cli import main; main({arguments})")
    assert done.returncode == 1
    assert "needs numpy and scipy" in done.stderr
    assert "Traceback" not in done.stderr


def test_triage_runs_without_numpy() -> None:
    done = python(
        "import sys\n"
        "sys.modules['numpy'] = sys.modules['scipy'] = None\n"  # as where neither is installed: importing them fails
        "import engage.cli.lexicon, engage.cli.triage, engage.triage.adjusting, engage.triage.rewriting\n"
        "from engage.triage import shipped_lexicon, triage\n"
        "sys.exit(triage('a man with a knife', shipped_lexicon()).category != 'weapon_attack')"
    )
    assert done.returncode == 0, done.stderr
