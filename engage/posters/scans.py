"""How often each poster is opened, by the hour, with nothing about the person who did."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from engage.installation import Installation
from engage.models import PosterScan
from engage.posters import register

_log = logging.getLogger(__name__)


def count_opening(opened: Installation, code: str, tag: str | None, now: datetime) -> None:
    """Count one opening of the page behind a code, where a poster has that code.

    Nobody waits for it, as the page has gone out already: an error of the database loses this one count and is logged.
    """
    try:
        with opened.database.reading() as session:
            where = register.find_poster(session, code)
        if where is None or where.poster_id is None:
            return
        by_code = register.is_genuine_tag(opened.vault, where, tag)
        with opened.database.transaction() as session:
            count(session, where.poster_id, by_code=by_code, now=now)
    except sa.exc.SQLAlchemyError as error:
        _log.warning("the opening of a poster's page was not counted: %s", type(error).__name__)


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
