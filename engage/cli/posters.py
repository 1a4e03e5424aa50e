"""`engage posters`: draw the QR codes of a site's posters."""

from __future__ import annotations

from pathlib import Path

import click
from rich.progress import track

from engage.cli.opening import Refusal, opened_and_current, refusing_plainly
from engage.installation import Installation
from engage.posters.codes import normalise
from engage.posters.printing import Printable, posters_in_use, write_symbol
from engage.posters.register import all_sites
from engage.posters.symbols import poster_address


@click.command()
@click.option("--site", required=True, metavar="SLUG", help="The site whose posters to draw.")
@click.option("--format", "form", type=click.Choice(["svg", "png"]), default="svg", show_default=True)
@click.option("--code", "codes", multiple=True, metavar="CODE", help="Only this poster; may be given again.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("qr_codes"), show_default=True)
def posters(site: str, form: str, codes: tuple[str, ...], out: Path) -> None:
    """Draw the QR codes of a site's posters, one file each, in a folder named after the site."""
    with opened_and_current() as installation:
        wanted = _wanted(installation, site, codes)
    folder = out / site
    with refusing_plainly():
        folder.mkdir(parents=True, exist_ok=True)
        for poster in track(wanted, description="Drawing"):
            address = poster_address(installation.settings.public_url, installation.vault, poster.code, poster.version)
            write_symbol(folder, poster, address, form)
    click.echo(f"{len(wanted)} QR codes in {folder}/")


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
