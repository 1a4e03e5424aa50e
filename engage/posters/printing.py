"""Printing: which posters of a site are in use, and the file with the QR code of each."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from sqlmodel import Session, col, select

from engage.models import Place, Poster, Site, Zone
from engage.posters import symbols

#: With 300 dots to the inch a version 3 symbol is 75 mm wide.
DOTS_PER_INCH = 300
DOTS_PER_MODULE = 24


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
    drawn = png(address) if form == "png" else symbols.svg(address, poster.title).encode()
    file.write_bytes(drawn)
    return file


def png(text: str) -> bytes:
    """The symbol as a PNG of one bit a dot, for printing at 300 dots to the inch."""
    rows = symbols.modules(text)
    side = len(rows)
    small = Image.frombytes("L", (side, side), bytes(0 if dark else 255 for row in rows for dark in row))
    large = small.resize((side * DOTS_PER_MODULE, side * DOTS_PER_MODULE), Image.Resampling.NEAREST)
    file = io.BytesIO()
    large.convert("1").save(file, "PNG", optimize=True, dpi=(DOTS_PER_INCH, DOTS_PER_INCH))
    return file.getvalue()
