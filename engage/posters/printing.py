"""Printing: which posters of a site are in use, what stands on each, and the file with the QR code of each."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import phonenumbers
import sqlalchemy as sa
from PIL import Image
from sqlmodel import Session, col, select

from engage.models import Authority, Place, Poster, Queue, Site, Zone
from engage.posters import symbols
from engage.posters.drawing import Sheet
from engage.vault import Vault

#: With 300 dots to the inch a version 3 symbol is 75 mm wide.
DOTS_PER_INCH = 300
DOTS_PER_MODULE = 24
_AT_ONCE = 500


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


def sheets(
    session: Session, vault: Vault, public_url: str, site_slug: str, places: tuple[str, ...] = ()
) -> list[Sheet]:
    """What stands on each poster in use at a site, or at some places only, as one walks: zone by zone, by the places'
    walking order, and places without one last.
    """
    query = (
        select(Poster, Zone, Place, Site)
        .join(Place, col(Place.id) == Poster.place_id)
        .join(Zone, col(Zone.id) == Place.zone_id)
        .join(Site, col(Site.id) == Place.site_id)
        .where(Site.slug == site_slug, col(Poster.retired_at).is_(None), col(Place.retired_at).is_(None))
        .order_by(col(Zone.id), col(Place.walking_order).nulls_last(), col(Place.id), col(Poster.code))
    )
    if places:
        query = query.where(col(Place.slug).in_(places))
    host = public_url.partition("://")[2]
    return [
        Sheet(
            code=poster.code,
            version=poster.version,
            address=symbols.poster_address(public_url, vault, poster.code, poster.version),
            typed=f"{host}/p/{poster.code}",
            place=place.name,
            zone=zone.name,
            emergency=place.emergency_number or site.emergency_number,
            detail=place.detail or "",
            where=place.slug,
        )
        for poster, zone, place, site in session.exec(query)
    ]


def authority_of(session: Session, site_slug: str) -> str:
    """The name of the authority that takes what no rule sends elsewhere: whose posters a site's are."""
    query = (
        select(Authority.name)
        .join(Queue, col(Queue.authority_id) == Authority.id)
        .join(Site, col(Site.fallback_queue_id) == Queue.id)
        .where(Site.slug == site_slug)
    )
    return session.exec(query).first() or ""


def written_number(number: str | None) -> str:
    """A number as it is written for people of any country, `+44 1632 960100`; empty where there is none."""
    if not number:
        return ""
    return phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.INTERNATIONAL)


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


def note_printed(session: Session, codes: Sequence[str], design: str, size: str, languages: str, now: datetime) -> None:
    """Write into the register how and when posters were printed."""
    made = {"design": design, "size": size, "languages": languages, "printed_at": now}
    for first in range(0, len(codes), _AT_ONCE):
        some = col(Poster.code).in_(codes[first : first + _AT_ONCE])
        session.connection().execute(sa.update(Poster).where(some).values(**made))


def unprinted(session: Session, site_slug: str) -> set[str]:
    """The codes of a site's posters in use that were never printed."""
    query = (
        select(Poster.code)
        .join(Place, col(Place.id) == Poster.place_id)
        .join(Site, col(Site.id) == Place.site_id)
        .where(Site.slug == site_slug, col(Poster.printed_at).is_(None), col(Poster.retired_at).is_(None))
    )
    return set(session.exec(query))
