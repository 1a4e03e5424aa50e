"""How often each poster is opened, by the hour, with nothing about the person who did."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from engage.models import PosterScan


def count(session: Session, poster_id: int, *, by_code: bool, now: datetime) -> None:
    """Count one opening of a poster's page: by its QR code, or by an address that someone typed."""
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    connection = session.connection()
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    table = sa.inspect(PosterScan).local_table
    scans, typed = int(by_code), int(not by_code)
    row = dialect.insert(table).values(poster_id=poster_id, hour=hour, scans=scans, typed=typed)
    added = {"scans": table.c.scans + scans, "typed": table.c.typed + typed}
    connection.execute(row.on_conflict_do_update(index_elements=["poster_id", "hour"], set_=added))
