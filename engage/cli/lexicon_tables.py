"""What the `engage lexicon` commands share: reading messages and words, showing how far it is, and the tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from engage.triage import Lexicon, LexiconError, load_lexicon, shipped_lexicon
from engage.triage.scoring import BARS, Bar, Case, CaseError, Judged, calibration, confusions, read_cases

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def cases_in(files: Iterable[Path]) -> list[Case]:
    """The labelled messages of the files; a mistake in one ends the command with its name and line."""
    try:
        return [case for file in files for case in read_cases(file)]
    except (CaseError, OSError) as error:
        raise click.ClickException(str(error)) from error


def loaded(folder: Path | None) -> Lexicon:
    """The lexicon of a folder, or the shipped one."""
    try:
        return load_lexicon(folder) if folder else shipped_lexicon()
    except LexiconError as error:
        raise click.ClickException(f"The lexicon cannot be used: {error}") from error


def with_progress(things: Sequence[Any], what: str = "judging") -> Iterable[Any]:
    """The things one by one, with a bar on a terminal that says how far it is."""
    console = Console(stderr=True)
    return track(things, what, console=console, transient=True) if console.is_terminal else things


def figures(
    judged: Sequence[Judged], title: str = "messages", then: Mapping[str, Sequence[Judged]] | None = None
) -> Table:
    """How well it went in every language; with `then`, how the same messages fared later, a row for each name in it."""
    languages = sorted({one.case.language for one in judged}, key=lambda name: (name != "en", name))
    table = Table("", *languages, title=f"{len(judged)} {title}")
    table.add_row("messages", *(str(sum(one.case.language == name for one in judged)) for name in languages))
    for bar in BARS:
        for name, some in {bar.name: judged, **(then or {})}.items():
            table.add_row(name, *(_cell(bar, some, language) for language in languages))
    return table


def _cell(bar: Bar, judged: Sequence[Judged], language: str) -> Text:
    share = bar.share([one for one in judged if one.case.language == language])
    asked = bar.english if language == "en" else bar.others
    met = share <= asked if bar.at_most else share >= asked
    return Text("–") if share != share else Text(f"{share:.3f}", "green" if met else "red")


def confusion_table(judged: Sequence[Judged]) -> Table:
    """Which categories are taken for which."""
    table = Table("should be", "taken for", "times", title="Confusions, the most frequent")
    for meant, said, count in confusions(judged)[:15]:
        table.add_row(meant.value, said.value, str(count))
    return table


def calibration_table(judged: Sequence[Judged]) -> Table:
    """How often findings of each confidence are right."""
    table = Table("confidence", "on average", "right", "findings", title="What a confidence means")
    for one in calibration(judged):
        table.add_row(f"{one.low:.1f} to {one.low + 0.1:.1f}", f"{one.sure:.2f}", f"{one.right:.2f}", str(one.count))
    return table
