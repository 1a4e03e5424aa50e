"""`engage migrate`: bring the database to the tables of this version."""

from __future__ import annotations

import click

from engage.cli.opening import opened
from engage.migrations import current_revision, steps


@click.command()
def migrate() -> None:
    """Bring the database to the tables of this version. Doing it again changes nothing."""
    with opened() as installation:
        before = current_revision(installation.database)
        after = steps.migrate(installation.database)
    click.echo(f"The database is at revision {after}" + (", as it was." if before == after else "."))
