"""The places of a site as a table, by command: what a file would change, loading it, and writing it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from engage.administration import place_loading
from engage.administration.place_loading import Looked
from engage.administration.refusals import Missing, Refused
from engage.cli.opening import opened_and_current
from engage.sites.place_sheet import MOST_FAULTS
from engage.sites.sheets import LARGEST
from engage.sites.workbooks import SheetError


def load_places(file: Path, site: str, dry_run: bool) -> None:
    """Show what a table would change at a site; load it unless that was all, or a row is wrong."""
    if not file.is_file():
        raise click.ClickException(f"{file} is a folder; a table of places is one file, CSV or XLSX")
    with file.open("rb") as opened:
        data = opened.read(LARGEST + 1)
    with opened_and_current() as installation, Console(stderr=True).status("Reading the places"):
        try:
            with installation.database.reading() as session:
                looked = place_loading.look(session, data, site)
            _show(looked)
            if looked.faults:
                raise click.ClickException(f"{len(looked.faults):,} cells are wrong; nothing was changed")
            if dry_run:
                return
            with installation.database.transaction() as session:
                place_loading.load(session, None, datetime.now(UTC), data, site, seen=looked.mark)
        except Missing:
            raise click.ClickException(f"there is no site {site}; see engage site list") from None
        except place_loading.ChangedMeanwhile:
            raise click.ClickException("somebody changed places at this moment; load it again") from None
        except (SheetError, Refused) as wrong:
            raise click.ClickException(str(wrong)) from None
    click.echo("Loaded." if looked.changes_something else "It changes nothing: all it says is so already.")


def export_places(file: Path, site: str) -> None:
    """Write the places of a site as CSV, which loads again to the same."""
    with opened_and_current() as installation, installation.database.reading() as session:
        try:
            text = place_loading.export(session, site)
        except Missing:
            raise click.ClickException(f"there is no site {site}; see engage site list") from None
    file.write_text(text, encoding="utf-8", newline="")
    click.echo(f"Written: {file}")


def _show(looked: Looked) -> None:
    for fault in looked.faults[:MOST_FAULTS]:
        click.echo(str(fault), err=True)
    if looked.passed_over:
        click.echo(f"Columns passed over, because nobody knows them: {', '.join(looked.passed_over)}")
    counts = f"{len(looked.new):,} new, {len(looked.changed):,} changed, {looked.untouched:,} untouched"
    click.echo(f"{counts}, {len(looked.kept):,} not in the file and kept")
    for one in looked.kept[:MOST_FAULTS]:
        click.echo(f"  kept: {one.slug}")
