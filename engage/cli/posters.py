"""`engage posters`: print the posters of a site as PDF, or draw their QR codes alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.progress import Progress, track

from engage.cli.opening import Refusal, opened_and_current, refusing_plainly
from engage.installation import Installation
from engage.posters import packs
from engage.posters.codes import normalise
from engage.posters.design import DESIGNS, Unprintable
from engage.posters.drawing import Sheet
from engage.posters.fonts import FontMissing
from engage.posters.packs import SIZES, Wanted
from engage.posters.printing import (
    Printable,
    authority_of,
    note_printed,
    posters_in_use,
    sheets,
    write_symbol,
    written_number,
)
from engage.posters.register import all_sites
from engage.posters.symbols import poster_address


@click.command()
@click.option("--site", required=True, metavar="SLUG", help="The site whose posters to print.")
@click.option(
    "--to", type=click.Path(path_type=Path), help="Print posters as PDF: a file, or a folder for one file each."
)
@click.option("--design", type=click.Choice(DESIGNS), default="general", show_default=True)
@click.option("--size", type=click.Choice(list(SIZES)), default="A4", show_default=True)
@click.option(
    "--languages", default="en", show_default=True, metavar="CODES", help="One to four, as en,ar; the first is largest."
)
@click.option(
    "--place", "places", multiple=True, metavar="SLUG", help="Only the posters of this place; may be given again."
)
@click.option(
    "--authority", default="", metavar="NAME", help="Whose posters they are, if not the site's own authority's."
)
@click.option("--colour", default="", metavar="#RRGGBB", help="The authority's colour instead of the design's.")
@click.option(
    "--logo", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A PNG, JPEG or WebP picture."
)
@click.option(
    "--format", "form", type=click.Choice(["svg", "png"]), default="svg", show_default=True, help="QR codes alone."
)
@click.option("--code", "codes", multiple=True, metavar="CODE", help="Only this poster; may be given again.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("qr_codes"), show_default=True)
def posters(
    site: str,
    to: Path | None,
    form: str,
    codes: tuple[str, ...],
    places: tuple[str, ...],
    out: Path,
    logo: Path | None,
    **look: Any,
) -> None:
    """Print the posters of a site with --to FILE.pdf, or draw their QR codes into a folder named after it."""
    with opened_and_current() as installation:
        wanted = _wanted(installation, site, codes)
        found = _sheets(installation, site, [poster.code for poster in wanted], places) if to else []
        with installation.database.reading() as session:
            authority = look.pop("authority") or authority_of(session, site)
            name = next(where.site.name for where in all_sites(session) if where.site_slug == site)
    if to is not None:
        with refusing_plainly():
            asked = Wanted(
                authority=authority,
                text_number=written_number(installation.settings.sms_number),
                logo=logo.read_bytes() if logo else None,
                **look,
            )
        _print(to, asked, found, name)
        with installation.database.transaction() as session:
            printed = [sheet.code for sheet in found]
            note_printed(session, printed, asked.design, asked.size, asked.languages, datetime.now(UTC))
        return
    folder = out / site
    with refusing_plainly():
        folder.mkdir(parents=True, exist_ok=True)
        for poster in track(wanted, description="Drawing"):
            address = poster_address(installation.settings.public_url, installation.vault, poster.code, poster.version)
            write_symbol(folder, poster, address, form)
    click.echo(f"{len(wanted)} QR codes in {folder}/")


def _print(to: Path, asked: Wanted, found: list[Sheet], name: str) -> None:
    """Write one file, or one for each poster where `to` is a folder."""
    is_file = to.suffix.lower() == ".pdf"
    with refusing_plainly(), Progress() as progress:
        bar = progress.add_task("Printing", total=len(found))
        try:
            if is_file:
                pages = packs.save(asked, found, name, to, lambda: progress.advance(bar))
            else:
                pages = packs.save_each(asked, found, name, to, lambda: progress.advance(bar))
        except (Unprintable, FontMissing) as problem:
            progress.stop()
            raise Refusal(str(problem)) from None
    click.echo(f"{len(found)} posters on {pages} pages in {to}{'' if is_file else '/'}")


def _wanted(installation: Installation, site: str, codes: tuple[str, ...]) -> list[Printable]:
    with installation.database.reading() as session:
        known = [where.site_slug for where in all_sites(session)]
        found = posters_in_use(session, site)
    if site not in known:
        raise Refusal(f"There is no site {site}. The sites: {', '.join(known) or 'none yet'}.")
    if not codes:
        return found
    by_code = {poster.code: poster for poster in found}
    missing = [code for code in codes if normalise(code) not in by_code]
    if missing:
        raise Refusal(f"No poster in use at {site} has the code {', '.join(missing)}.")
    return [by_code[normalise(code)] for code in codes]


def _sheets(installation: Installation, site: str, codes: list[str], places: tuple[str, ...]) -> list[Sheet]:
    with installation.database.reading() as session:
        found = sheets(session, installation.vault, installation.settings.public_url, site, places)
        every = sheets(session, installation.vault, installation.settings.public_url, site) if places else found
    missing = set(places) - {sheet.where for sheet in every}
    if missing:
        raise Refusal(f"No poster in use hangs at {', '.join(sorted(missing))} of {site}.")
    return [sheet for sheet in found if sheet.code in codes]
