"""The long run: `python -m tests.durability.long --kills 1000 --database sqlite|postgresql`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from engage.config import Settings
from tests import make
from tests.durability.story import Outcome, happen
from tests.servers import Servers


@click.command()
@click.option("--kills", default=1000, show_default=True, type=click.IntRange(1))
@click.option("--database", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True)
def long(kills: int, database: str) -> None:
    """Kill a real server again and again under load, then compare the books."""
    console = Console()
    columns = (TextColumn("kills"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with fresh(database) as settings, Progress(*columns, console=console) as progress:
        task = progress.add_task("kills", total=kills)
        outcome = happen(settings, kills, lambda number: progress.update(task, completed=number))
    console.print(table(database, outcome))
    sys.exit(1 if outcome.lost or outcome.doubled or outcome.contradicted or outcome.unreadable else 0)


@contextmanager
def fresh(database: str) -> Iterator[Settings]:
    """Settings of a fresh, migrated database that is gone afterwards."""
    servers = Servers()
    try:
        with tempfile.TemporaryDirectory(prefix="engage-long-") as folder:
            address = servers.empty_database() if database == "postgresql" else ""
            settings = make.settings(data_dir=Path(folder), database_url=address)
            make.migrated(settings)
            yield settings
    finally:
        servers.stop()


def table(database: str, outcome: Outcome) -> Table:
    """The outcome, one line each."""
    drawn = Table(title=f"Killed at random moments, {database}", show_header=False)
    failures = ", ".join(f"{name} {count}" for name, count in outcome.failures.most_common()) or "none"
    for name, value in (
        ("kills", outcome.kills),
        ("reports sent", outcome.sent),
        ("tries", outcome.tries),
        ("acknowledged", outcome.acknowledged),
        ("never acknowledged", outcome.unanswered),
        ("stored", outcome.stored),
        ("failures seen by reporters", failures),
        ("lost", len(outcome.lost)),
        ("doubled", len(outcome.doubled)),
        ("contradicted", len(outcome.contradicted)),
        ("unreadable by access code", len(outcome.unreadable)),
        ("seconds", f"{outcome.seconds:.0f}"),
    ):
        drawn.add_row(name, str(value))
    return drawn


if __name__ == "__main__":
    long()
