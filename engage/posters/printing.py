"""Printing: which posters of a site are in use, and the file with the QR code of each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session, col, select

from engage.models import Place, Poster, Site, Zone
from engage.posters import symbols


@dataclass(frozen=True, slots=True)
class Printable:
    """A poster in use, and where it hangs."""

    code: str
    version: int
    zone: str
    place: str

    @property
    def title(self) -> str:
        """What the drawing is called, for who cannot see it."""
        return f"Poster {self.code}: {self.place}, {self.zone}"


def posters_in_use(session: Session, site_slug: str) -> list[Printable]:
    """The posters of a site that are not retired, by code."""
    query = (
        select(Poster, Zone, Place)
        .join(Place, col(Place.id) == Poster.place_id)
        .join(Zone, col(Zone.id) == Place.zone_id)
        .join(Site, col(Site.id) == Place.site_id)
        .where(Site.slug == site_slug, col(Poster.retired_at).is_(None))
        .order_by(col(Poster.code))
    )
    return [
        Printable(code=poster.code, version=poster.version, zone=zone.name, place=place.name)
        for poster, zone, place in session.exec(query)
    ]


def write_symbol(folder: Path, poster: Printable, address: str, form: str) -> Path:
    """Write a poster's QR code, as `svg` or `png`, into a folder that exists, and give the file."""
    file = folder / f"{poster.code}.{form}"
    drawn = symbols.png(address) if form == "png" else symbols.svg(address, poster.title).encode()
    file.write_bytes(drawn)
    return file
