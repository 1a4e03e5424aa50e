"""`engage lexicon adjust`: set the weights of the rules again from labelled messages, and show what that is worth."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from engage.cli.lexicon_tables import FILE, FOLDER, calibration_table, cases_in, figures, loaded, with_progress
from engage.triage import Lexicon, LexiconError, shipped_folder
from engage.triage.adjusting import Adjusted, adjust, apart_from, judged_apart, with_book
from engage.triage.rewriting import RewriteError, rewrite
from engage.triage.scoring import Case, Judged, judge_all
from engage.triage.weights import Solve, changes, how_many

_SHOWN = 15  # of the largest changes
AFTER = "  after"
AFTER_UNSEEN = "  after, unseen"
_MEANING = (
    "“After, unseen” is by weights set without the message. The weights of now, and what is set near them, know the"
    " messages they were set on before: only messages held out that never set a weight are strangers to both."
)
_FITTING = "engage.triage.fitting"  # the one file that needs numpy and scipy


@click.command("adjust")
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--without", multiple=True, type=FILE, help="Messages kept out of the setting, and measured after it.")
@click.option("--ridge", default=2.0, show_default=True, help="How hard weights are held to what they are now.")
@click.option("--cases", type=FILE, help="Messages that must come out right; they count more until they do.")
@click.option("--folder", type=FOLDER, help="Another folder of language files and rules.yaml than the shipped one.")
@click.option("--write", is_flag=True, help="Write the weights into rules.yaml instead of only showing them.")
@click.pass_context
def adjust_weights(
    context: click.Context,
    files: tuple[Path, ...],
    without: tuple[Path, ...],
    ridge: float,
    cases: Path | None,
    folder: Path | None,
    write: bool,
) -> None:
    """Set the weights of rules.yaml again from the labelled messages of FILES (JSON lines), near what they are now.

    What the weights do for messages they were set on is measured by setting them without each fifth in turn. The
    weights they start from may have met these messages before; only files that never set a weight, given with
    --without, tell how well new messages are understood. Needs numpy and scipy.
    """
    if not (0 < ridge < math.inf):
        raise click.BadParameter("must be a number above 0", param_hint="--ridge")
    console, solve = Console(), _solver()
    apart, must = cases_in(without), cases_in([cases] if cases else [])
    messages = apart_from(cases_in(files), apart)
    if not messages:
        raise click.ClickException("No message is left to set weights from.")
    lexicon = loaded(folder)
    done = adjust(lexicon, messages, must, ridge, solve, with_progress)
    _show_figures(console, lexicon, done, messages, apart)
    _show_changes(console, lexicon, done)
    for one in done.failing:
        said = f"{one.finding.category}/{one.finding.severity}"
        line = f"still wrong: {one.case.id}  {said} for {one.case.category}/{one.case.severity}"
        console.print(line, soft_wrap=True, markup=False)
    if write and not done.failing:
        _write((folder or shipped_folder()) / "rules.yaml", lexicon, done)
        console.print("Written into rules.yaml.")
    elif write:
        raise click.ClickException("Not written: these cases must come out right first.")
    context.exit(1 if done.failing else 0)


def _solver() -> Solve:
    """The arithmetic, imported only now: numpy is no part of what a site needs."""
    with needing_numpy():
        solve: Solve = import_module(_FITTING).solve
    return solve


@contextmanager
def needing_numpy() -> Iterator[None]:
    """End the command with what to do when numpy or scipy are missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("numpy", "scipy"):
            raise
        needed = "Setting weights needs numpy and scipy. Type: .venv/bin/python -m pip install -e '.[adjust]'"
        raise click.ClickException(needed) from error


def _show_figures(
    console: Console, lexicon: Lexicon, done: Adjusted, messages: Sequence[Case], apart: Sequence[Case]
) -> None:
    new = with_book(lexicon, done.book)
    before, after = _judged(messages, lexicon, "before"), _judged(messages, new, "after")
    unseen = list(judged_apart(with_progress(messages, "judging unseen"), lexicon, done.held))
    console.print(figures(before, "messages, as they are judged now", {AFTER: after, AFTER_UNSEEN: unseen}))
    console.print(_MEANING, soft_wrap=True)
    console.print(calibration_table(unseen))
    if apart:
        before, after = _judged(apart, lexicon, "before"), _judged(apart, new, "after")
        console.print(figures(before, "messages held out, as they are judged now", {AFTER: after}))
        console.print(calibration_table(after))


def _judged(cases: Sequence[Case], lexicon: Lexicon, when: str) -> list[Judged]:
    return list(judge_all(with_progress(cases, f"judging {when}"), lexicon))


def _show_changes(console: Console, lexicon: Lexicon, done: Adjusted) -> None:
    found = changes(lexicon.book, done.book)
    table = Table("rule", "of", "before", "after", title="The largest changes")
    for one in found[:_SHOWN]:
        table.add_row(Text(one.where), one.word.value, f"{one.before:.2f}", f"{one.after:.2f}")
    if found:
        console.print(table)
    console.print(
        f"{len(found)} weights change; {how_many(lexicon.book)} stand in rules.yaml, {how_many(done.book)} after."
    )


def _write(path: Path, lexicon: Lexicon, done: Adjusted) -> None:
    try:
        rewrite(path, lexicon.book, done.book)
    except (LexiconError, RewriteError, OSError) as error:
        raise click.ClickException(f"Not written, the old file is whole: {error}") from error
