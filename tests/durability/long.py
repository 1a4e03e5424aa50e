"""The long runs: `python -m tests.durability.long reports|texts|day --database sqlite|postgresql`, and how many."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from engage.config import Settings
from tests import make
from tests.durability import day, sending, story
from tests.fakes.twilio import FakeTwilio
from tests.servers import Servers, free_port

#: Of an outcome, what must be empty or nought.
BAD = ("lost", "doubled", "contradicted", "unreadable", "refused", "amiss", "queueless", "unfetched")
DATABASE = click.option("--database", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True)
Tell = Callable[[int], None]


@click.group()
def long() -> None:
    """Ten times what ./test does, or as much as you like."""


@long.command()
@click.option("--kills", default=1000, show_default=True, type=click.IntRange(1))
@DATABASE
def reports(kills: int, database: str) -> None:
    """Kill a real server again and again under load, then compare the books."""
    with fresh(database) as settings:
        tell_of(f"Server killed, {database}", kills, lambda tell: story.happen(settings, kills, tell))


@long.command()
@click.option("--texts", default=4000, show_default=True, type=click.IntRange(1))
@click.option("--kills", default=800, show_default=True, type=click.IntRange(1))
@click.option("--workers", default=3, show_default=True, type=click.IntRange(1))
@click.option("--patient", is_flag=True, help="Wait as long as production does.")
@DATABASE
def texts(texts: int, kills: int, workers: int, patient: bool, database: str) -> None:
    """Send texts through a failing provider while workers are killed, then compare its list."""
    with fresh(database) as settings, FakeTwilio() as twilio:
        provided = with_texts(settings, twilio)
        make.with_port(provided)
        how: dict[str, Any] = {"texts": texts, "kills": kills, "workers": workers, "impatient": not patient}
        tell_of(f"Workers killed, {database}", kills, lambda tell: sending.happen(provided, twilio, **how, tell=tell))


@long.command(name="day")
@click.option("--conversations", default=2000, show_default=True, type=click.IntRange(1))
@DATABASE
def whole_day(conversations: int, database: str) -> None:
    """A day of conversations in eight languages, through real processes."""
    with fresh(database) as settings, FakeTwilio() as twilio:
        provided = with_texts(settings, twilio)
        tell_of(f"A day, {database}", conversations, lambda tell: day.happen(provided, twilio, conversations, tell))


def with_texts(settings: Settings, twilio: FakeTwilio) -> Settings:
    """The same settings with a provider, and a public address of this machine that is free."""
    public_url = f"http://127.0.0.1:{free_port()}"
    return make.with_provider(settings, twilio, public_url=public_url, twilio_daily_segments=1_000_000)


def tell_of(title: str, total: int, happen: Callable[[Tell], Any]) -> None:
    """Let it happen with its progress shown, print what came of it, and end the process: 1 where anything is amiss."""
    console = Console()
    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(title, total=total)
        outcome = happen(lambda number: progress.update(task, completed=number))
    drawn = Table(title=title, show_header=False)
    for one in fields(outcome):
        drawn.add_row(one.name.replace("_", " "), shown(getattr(outcome, one.name)))
    console.print(drawn)
    if any(getattr(outcome, name, None) for name in BAD):
        sys.exit(1)


def shown(value: Any) -> str:
    """One value of an outcome: of a list, how many, and the first few to look for."""
    if isinstance(value, list):
        return f"{len(value)} {value[:3] or ''}".strip()
    return f"{value:.0f}" if isinstance(value, float) else str(value)


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


if __name__ == "__main__":
    long()
