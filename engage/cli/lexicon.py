"""`engage lexicon`: look the words over, measure triage on labelled messages, and show what a change would change."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from engage import corrections
from engage.cli.lexicon_adjust import adjust_weights
from engage.cli.lexicon_lean import lean
from engage.cli.lexicon_tables import (
    FILE,
    FOLDER,
    calibration_table,
    cases_in,
    confusion_table,
    figures,
    loaded,
    with_progress,
)
from engage.cli.opening import opened_and_current
from engage.cli.triage import COLOURS
from engage.triage import LexiconError, shipped_folder
from engage.triage.checking import Problem, problems_of
from engage.triage.scoring import Judged, is_right, judge_all, worst

_WIDEST = 90  # characters of a message that are shown


@click.group("lexicon")
def lexicon() -> None:
    """Check, measure, compare and weigh the words that triage knows."""


lexicon.add_command(adjust_weights)
lexicon.add_command(lean)


@lexicon.command("check")
@click.option("--folder", type=FOLDER, help="Another folder of language files and rules.yaml than the shipped one.")
@click.option("--site-words", type=FILE, help="A site's own words, checked with the rest.")
@click.pass_context
def check(context: click.Context, folder: Path | None, site_words: Path | None) -> None:
    """Find entries that stand twice, contradict each other or never match, and concepts that lack words."""
    console = Console()
    try:
        problems = problems_of(folder or shipped_folder(), site_words)
    except LexiconError as error:
        raise click.ClickException(str(error)) from error
    for problem in problems:
        console.print(_line(problem), soft_wrap=True)
    counts = Counter(problem.kind for problem in problems)
    console.print(", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())) or "Nothing to mend.")
    context.exit(1 if problems else 0)


def _line(problem: Problem) -> Text:
    where = f"{problem.file}, line {problem.line}" if problem.line else problem.file
    return Text.assemble(where, ": ", (problem.kind, "bold"), ": ", problem.sentence)


@lexicon.command("eval")
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--folder", type=FOLDER, help="Another folder of language files and rules.yaml than the shipped one.")
@click.option("--worst", "shown", default=15, show_default=True, help="How many mistakes to show.")
def evaluate(files: tuple[Path, ...], folder: Path | None, shown: int) -> None:
    """Judge the labelled messages of FILES (JSON lines) and print how well it went."""
    console = Console()
    judged = list(judge_all(with_progress(cases_in(files)), loaded(folder)))
    console.print(figures(judged))
    console.print(confusion_table(judged))
    console.print(calibration_table(judged))
    for one in worst(judged)[:shown]:
        console.print(_mistake(one), soft_wrap=True)


@lexicon.command("diff")
@click.argument("old", type=FOLDER)
@click.argument("new", type=FOLDER)
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.pass_context
def diff(context: click.Context, old: Path, new: Path, files: tuple[Path, ...]) -> None:
    """Show which findings on FILES change between the lexicon folders OLD and NEW, and which way."""
    console = Console()
    cases = cases_in(files)
    before = list(judge_all(with_progress(cases, "judging old"), loaded(old)))
    after = list(judge_all(with_progress(cases, "judging new"), loaded(new)))
    counts: Counter[str] = Counter()
    for was, now in zip(before, after, strict=True):
        verdict = _verdict(was, now)
        counts[verdict] += 1
        if verdict != "same":
            console.print(_change(was, now, verdict), soft_wrap=True)
    console.print(", ".join(f"{counts[kind]} {kind}" for kind in ("better", "worse", "other", "same")))
    context.exit(1 if counts["worse"] else 0)


@lexicon.command("corrections")
@click.option("--with-texts", is_flag=True, help="Write down what reporters wrote; without it nothing is written.")
@click.option("--to", "file", type=click.Path(dir_okay=False, path_type=Path), help="The file; else standard output.")
def export_corrections(with_texts: bool, file: Path | None) -> None:
    """Write what staff corrected as labelled messages (JSON lines), for `engage lexicon eval` and the tests of triage.

    A line has the text of a report, the right category and severity, and the language; nobody's name. What is in a
    sealed queue is left out.
    """
    if not with_texts:
        raise click.UsageError(
            "A labelled message is the text that a reporter wrote. Say --with-texts if it may be written down."
        )
    with opened_and_current() as installation, installation.database.reading() as session:
        lines = [json.dumps(line, ensure_ascii=False) for line in corrections.lines(session)]
        _, sealed = corrections.how_many(session)
    if file:
        file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    else:
        click.echo("\n".join(lines))
    left = {0: "", 1: "; 1 of a sealed queue is left out"}.get(sealed, f"; {sealed} of sealed queues are left out")
    click.echo(f"{len(lines)} written{left}.", err=True)


def _mistake(one: Judged) -> Text:
    case, finding = one
    return Text.assemble(
        f"{case.id}  ",
        (f"{case.category.value}/{case.severity.value}", "green"),
        " taken for ",
        (f"{finding.category.value}/{finding.severity.value}", COLOURS[finding.severity.value]),
        f" ({finding.confidence:.2f})  {_short(case.text)}",
    )


def _verdict(was: Judged, now: Judged) -> str:
    """Whether a change is for the better: the category counts first, then how far off the severity is."""
    if (was.finding.category, was.finding.severity) == (now.finding.category, now.finding.severity):
        return "same"
    before, after = _mark(was), _mark(now)
    return "better" if after > before else "worse" if after < before else "other"


def _mark(one: Judged) -> tuple[bool, int]:
    return is_right(one), -abs(one.finding.severity.rank - one.case.severity.rank)


def _change(was: Judged, now: Judged, verdict: str) -> Text:
    colour = {"better": "green", "worse": "bold red"}.get(verdict, "yellow")
    said = [f"{one.finding.category.value}/{one.finding.severity.value}" for one in (was, now)]
    return Text.assemble((verdict, colour), f"  {was.case.id}  {said[0]} → {said[1]}  {_short(was.case.text)}")


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _WIDEST else flat[: _WIDEST - 1] + "…"
