"""`engage audit`: prove that the trail is whole, and publish where it stands."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from engage import audit as trail
from engage import heads, proving, publishing
from engage.cli.opening import Refusal, opened_and_current, opened_without_words
from engage.db import Database
from engage.heads import HeadRefused, SignedHead
from engage.proving import Proof
from engage.vault import Vault


@click.group()
def audit() -> None:
    """The trail of who did and saw what: verify it, publish its head."""


@audit.command()
@click.option(
    "--heads",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Heads that were published, one a line. Without them a cut end cannot be found.",
)
@click.pass_context
def verify(context: click.Context, file: Path | None) -> None:
    """Read the whole trail and say whether it is whole. Exit code 1 when it is not, with the first wrong entry."""
    with opened_without_words() as (database, vault):
        kept = _heads_of(file, vault) if file else []
        found = _proved(database, kept)
    if found.fault:
        click.echo(f"Entry {found.fault.number:,} is wrong. {found.fault.said}", err=True)
        click.echo(f"{found.entries:,} entries before it are whole.", err=True)
        context.exit(1)
    compared = f", and the one of {len(kept):,} published heads" if kept else ""
    click.echo(f"{found.entries:,} entries: the trail is whole{compared}.")
    if not kept:
        click.echo("That its end is not cut off is shown by heads that others keep: engage audit verify --heads FILE")


@audit.command()
@click.option("--to", "files", multiple=True, type=click.Path(path_type=Path), help="Add it to a file.")
@click.option("--mail", "mails", multiple=True, metavar="ADDRESS", help="Mail it; the worker sends it.")
@click.option("--url", "addresses", multiple=True, metavar="ADDRESS", help="Post it to a web address.")
@click.pass_context
def head(context: click.Context, files: tuple[Path, ...], mails: tuple[str, ...], addresses: tuple[str, ...]) -> None:
    """Print the head of the trail as one signed line, and publish it. Each option may be given again."""
    places = [*(str(file.absolute()) for file in files), *(f"{publishing.MAILTO}{one}" for one in mails), *addresses]
    _refuse_what_is_no_address(mails, addresses)
    with opened_and_current() as installation:
        published = publishing.publish(installation, places, datetime.now(UTC))
    click.echo(published.line)
    for trouble in published.troubles.values():
        click.echo(f"Not published: {trouble}", err=True)
    context.exit(1 if published.troubles else 0)


def _refuse_what_is_no_address(mails: tuple[str, ...], addresses: tuple[str, ...]) -> None:
    for address in mails:
        if "@" not in address or len(address.split()) != 1:
            raise Refusal(f"{address!r} is no mail address.")
    for address in addresses:
        if not address.startswith(("https://", "http://")):
            raise Refusal(f"{address!r} is no web address: it begins with https://.")


def _heads_of(file: Path, vault: Vault) -> list[SignedHead]:
    try:
        found = heads.read_all(file.read_text(errors="replace"), publishing.signing_key(vault))
    except HeadRefused as problem:
        raise Refusal(f"{file}: {problem}") from None
    if not found:
        raise Refusal(f"{file} has no head in it. A head is a line that begins with {heads.WORD}.")
    return found


def _proved(database: Database, kept: list[SignedHead]) -> Proof:
    console = Console(stderr=True)
    with database.reading() as session, Progress(console=console, transient=True) as progress:
        bar = progress.add_task("Reading the trail", total=trail.head(session).number)
        return proving.prove(session, kept, lambda more: progress.advance(bar, more))
