"""Which revision a database is at, and which one this version of the code needs. The steps between are in `steps`."""

from __future__ import annotations

import sqlalchemy as sa

from engage.db import Database

#: The newest revision in `versions/`, written here as well so that a server starts without reading them; a test
#: compares the two.
NEWEST = "0018"
_VERSION = sa.table("alembic_version", sa.column("version_num", sa.String))


def newest_revision() -> str:
    """The revision that this version of the code needs."""
    return NEWEST


def current_revision(database: Database) -> str | None:
    """The revision of a database, or None before its first migration."""
    with database.engine.connect() as connection:
        if not sa.inspect(connection).has_table(_VERSION.name):
            return None
        found = connection.execute(sa.select(_VERSION.c.version_num)).scalar_one_or_none()
        return str(found) if found else None
