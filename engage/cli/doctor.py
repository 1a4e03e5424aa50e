"""`engage doctor`: look at everything Engage needs, and say what to do."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from engage.cli.opening import refusing_plainly
from engage.config import read_settings
from engage.health import examine
from engage.readiness import Check, State

STYLES = {State.OK: "green", State.WARN: "yellow", State.FAIL: "bold red"}


@click.command()
@click.pass_context
def doctor(context: click.Context) -> None:
    """Look at everything Engage needs, and say what to do. Exit code 1 when something fails."""
    with refusing_plainly():
        checks = examine(read_settings(), datetime.now(UTC))
    Console().print(table_of(checks))
    context.exit(1 if any(check.state is State.FAIL for check in checks) else 0)


def table_of(checks: list[Check]) -> Table:
    """The checks as a table; the state is a word, not only a colour."""
    heads = ("what", "state", "found", "what to do")
    table = Table(*(Column(head, overflow="fold") for head in heads), box=None, pad_edge=False)
    for check in checks:
        state = Text(check.state.value, style=STYLES[check.state])
        table.add_row(check.name, state, Text(check.found), Text(check.remedy))
    return table
