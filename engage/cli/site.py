"""`engage site`: load the description of a site, and list the sites there are."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path

import click
import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import audit
from engage.accounts import hash_password
from engage.administration import changes, one_file
from engage.cli.opening import opened_and_current, refusing_plainly
from engage.cli.places import export_places, load_places
from engage.installation import Installation
from engage.models import Place, Poster, Queue, Site, Staff, Zone
from engage.sites import Description, DescriptionError, Loaded, read_description, read_text
from engage.taxonomy import Act

PASSWORD_BYTES = 12


@click.group()
def site() -> None:
    """What is where, who is responsible, who gets what: load, list."""


@site.command("export")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--without-staff", is_flag=True, help="Leave people out, as the browser's file does.")
@click.option("--site", "slug", metavar="SLUG", help="Only the places of this site, as CSV.")
def export_settings(file: Path, without_staff: bool, slug: str | None) -> None:
    """Write all settings into one FILE, which `engage site load` reads; no passwords, keys or cases are in it."""
    if slug:
        export_places(file, slug)
        return
    with opened_and_current() as installation, installation.database.transaction() as session:
        text = one_file.export(session, staff=not without_staff)
        audit.record(session, now=datetime.now(UTC), act=Act.SETTINGS_EXPORTED, about="settings:file")
    file.write_text(text, encoding="utf-8")
    click.echo(f"Written: {file}, {len(text.splitlines()):,} lines.")


@site.command("load")
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--site", "slug", metavar="SLUG", help="SOURCE is a table (CSV, XLSX) of the places of this site.")
def load_site(source: Path, dry_run: bool, slug: str | None) -> None:
    """Load the description in SOURCE, a folder or one file, or load it again after a change.

    Nothing is doubled and nothing is deleted. The passwords of new staff are shown once, here, and kept nowhere.
    With `--site` SOURCE is a table of its places, CSV or XLSX.
    """
    if slug:
        load_places(source, slug, dry_run)
        return
    with refusing_plainly():
        description = read_description(source) if source.is_dir() else read_text(read_plainly(source), source.name)
    with opened_and_current() as installation:
        if dry_run:
            _look(installation, description)
            return
        passwords = _new_passwords(installation, description)
        # Hashing is slow on purpose, so it is done before the transaction that keeps other writers waiting.
        hashes = {login: hash_password(password) for login, password in passwords.items()}
        with installation.database.transaction() as session:
            loaded = one_file.load_by_command(session, datetime.now(UTC), description, hashes.__getitem__)
    _show(loaded, passwords)


@site.command("list")
def list_sites() -> None:
    """List the sites, with how many zones, places and posters in use they have."""
    with opened_and_current() as installation, installation.database.reading() as session:
        rows = [_line(session, row) for row in session.exec(select(Site).order_by(col(Site.id)))]
    if not rows:
        click.echo("There is no site yet. Load one: engage site load FOLDER")
        return
    lines = [("site", "name", "kind", "time zone", "zones", "places", "posters", "fallback queue"), *rows]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    for line in lines:  # never folded, so that other programs can read it
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def read_plainly(file: Path) -> str:
    """The text of a file. Raises `DescriptionError` where it is none."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise DescriptionError(f"{file.name}: cannot be read: {problem}") from None


def _look(installation: Installation, description: Description) -> None:
    """Show what loading would change, one line for each thing, and the fields of those that are here already."""
    with installation.database.reading() as session:
        found = one_file.differences(session, description)
        order = one_file.new_order(session, description)
    for one in found:
        click.echo(f"{one.kind:<12} {one.name}{'' if one.before else '  (new)'}")
        for field, was, then in changes.differing(one.before, one.after) if one.before else ():
            click.echo(f"{'':<12}   {field}: {was or '-'} -> {then or '-'}")
    if order:
        click.echo("The rules would stand in another order.")
    if not found and not order:
        click.echo("It changes nothing: all it says is so already.")


def _new_passwords(installation: Installation, description: Description) -> dict[str, str]:
    """A password for each member of staff that is not here yet; in the demo always the same one."""
    with installation.database.reading() as session:
        known = set(session.exec(select(Staff.login)))
    logins = [member.login for member in description.staff if member.login not in known]
    if installation.settings.demo:
        return {login: installation.vault.demo_password(login) for login in logins}
    return {login: secrets.token_urlsafe(PASSWORD_BYTES) for login in logins}


def _show(loaded: Loaded, passwords: dict[str, str]) -> None:
    for word, count in loaded.counts.items():
        click.echo(f"{word.replace('_', ' '):<12} {count:>5}, {loaded.new.get(word, 0)} new")
    if passwords:
        click.echo("\nPasswords of new staff, shown this once:")
    for login, password in passwords.items():
        click.echo(f"  {login:<24} {password}")


def _line(session: Session, row: Site) -> tuple[str, ...]:
    at_site = select(Place.id).where(Place.site_id == row.id)
    in_use = sa.and_(col(Poster.place_id).in_(at_site), col(Poster.retired_at).is_(None))
    counts = [
        session.exec(select(sa.func.count()).select_from(model).where(which)).one()
        for model, which in (
            (Zone, col(Zone.site_id) == row.id),
            (Place, col(Place.site_id) == row.id),
            (Poster, in_use),
        )
    ]
    queue = session.get_one(Queue, row.fallback_queue_id)
    return row.slug, row.name, row.kind, row.timezone, *(str(count) for count in counts), queue.slug
