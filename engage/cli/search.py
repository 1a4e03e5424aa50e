"""`engage search`: write the words by which cases are found anew."""

from __future__ import annotations

import click
import sqlalchemy as sa
from rich.console import Console
from rich.progress import track
from sqlmodel import col

from engage import search
from engage.cli.opening import opened_and_current
from engage.models import Case

#: Cases in one transaction: reports that come in meanwhile wait for no more than these.
AT_ONCE = 200


@click.group("search")
def search_words() -> None:
    """The words by which the desk finds cases: rebuild."""


@search_words.command("rebuild")
def rebuild() -> None:
    """Write the words of every case anew, as after an update from a version without search.

    Engage may run meanwhile.
    """
    console = Console()
    with opened_and_current() as installation:
        database = installation.database
        with database.reading() as session:
            last = session.connection().execute(sa.select(sa.func.max(col(Case.id)))).scalar() or 0
        begins = range(1, last + 1, AT_ONCE)
        written = 0
        for begin in track(begins, "Writing words", console=console, disable=not console.is_terminal):
            with database.transaction() as session:
                own = sa.select(col(Case.id)).where(col(Case.id) >= begin, col(Case.id) < begin + AT_ONCE)
                ids = list(session.connection().execute(own).scalars())
                search.refresh(session, [case_id for case_id in ids if case_id])
                written += len(ids)
    click.echo(f"{written} cases can be found by their words.")
