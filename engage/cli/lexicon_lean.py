"""`engage lexicon lean`: set leanings and rule weights together from labelled messages, and show what that is worth."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from engage.cli.lexicon_adjust import AFTER, AFTER_UNSEEN, needing_numpy
from engage.cli.lexicon_tables import FILE, FOLDER, calibration_table, cases_in, figures, loaded, with_progress
from engage.triage import Lexicon, LexiconError, shipped_folder
from engage.triage.adjusting import apart_from
from engage.triage.leaning_files import write_leanings
from engage.triage.leaning_setting import Lean, judged_apart, set_leanings
from engage.triage.rewriting import RewriteError, rewrite
from engage.triage.scoring import Case, judge_all

_FITTING = "engage.triage.leaning_fitting"  # needs numpy and scipy
_MEANING = (
    "“After, unseen” is by what was set without anything that the message's writer wrote. The words of the lexicon may"
    " know the message nevertheless: only files kept out with --without tell how well new messages are understood."
)


@click.command("lean")
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--without", multiple=True, type=FILE, help="Messages kept out of the setting, and measured after it.")
@click.option("--cases", type=FILE, help="Messages that must come out right; they count more until they do.")
@click.option("--folder", type=FOLDER, help="Another folder of language files and rules.yaml than the shipped one.")
@click.option(
    "--write", is_flag=True, help="Write leanings and rules.yaml instead of only showing what they are worth."
)
@click.pass_context
def lean(
    context: click.Context,
    files: tuple[Path, ...],
    without: tuple[Path, ...],
    cases: Path | None,
    folder: Path | None,
    write: bool,
) -> None:
    """Set leanings, and all weights of rules.yaml beside them, from nothing, on the labelled messages of FILES.

    Takes some minutes for twenty thousand messages. Needs numpy and scipy.
    """
    console, lexicon = Console(), loaded(folder)
    apart, must = cases_in(without), cases_in([cases] if cases else [])
    messages = apart_from(cases_in(files), apart)
    if not messages:
        raise click.ClickException("No message is left to set weights from.")
    solver = _solver()
    done = set_leanings(lexicon, messages, must, solver.all, solver.whole, with_progress)
    _show(console, lexicon, done, messages, apart)
    for one in done.failing:
        said = f"{one.finding.category}/{one.finding.severity}"
        line = f"still wrong: {one.case.id}  {said} for {one.case.category}/{one.case.severity}"
        console.print(line, soft_wrap=True, markup=False)
    if write and not done.failing:
        _write(folder or shipped_folder(), lexicon, done)
        console.print("Written: leanings and rules.yaml.")
    elif write:
        raise click.ClickException("Not written: these cases must come out right first.")
    context.exit(1 if done.failing else 0)


def _solver() -> Any:
    """The arithmetic, imported only now: numpy is no part of what a site needs."""
    with needing_numpy():
        return import_module(_FITTING).Solver()


def _show(console: Console, lexicon: Lexicon, done: Lean, messages: Sequence[Case], apart: Sequence[Case]) -> None:
    before = list(judge_all(with_progress(messages, "judging before"), lexicon))
    after = list(judge_all(with_progress(messages, "judging after"), done.lexicon))
    unseen = list(judged_apart(with_progress(messages, "judging unseen"), done.held))
    console.print(figures(before, "messages, as they are judged now", {AFTER: after, AFTER_UNSEEN: unseen}))
    console.print(_MEANING, soft_wrap=True)
    if apart:
        before = list(judge_all(with_progress(apart, "judging before"), lexicon))
        after = list(judge_all(with_progress(apart, "judging after"), done.lexicon))
        console.print(figures(before, "messages held out, as they are judged now", {AFTER: after}))
        console.print(calibration_table(after))
    for name, written in done.files.items():
        weights = sum(len(line.weights) for line in written.lines)
        console.print(f"{name}: {len(written.lines)} leanings with {weights} weights")


def _write(folder: Path, lexicon: Lexicon, done: Lean) -> None:
    try:
        write_leanings(folder, done.files, lambda: rewrite(folder / "rules.yaml", lexicon.book, done.lexicon.book))
    except (LexiconError, RewriteError, OSError) as error:
        raise click.ClickException(f"Not written, the old files are whole: {error}") from error
