"""How a database is brought to the tables of this version, one step after the other (Alembic)."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from engage.db import Database
from engage.models import metadata

#: Taken while a database migrates, so that several servers may start at once (PostgreSQL advisory lock).
MIGRATION_LOCK = 0x456E67616765
#: The beginning of the names of the tables of `engage.search`.
SEARCHED = "search_documents"


def _config(connection: sa.Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


def migrate(database: Database) -> str:
    """Bring a database to the newest revision, and give that revision. Doing it again changes nothing."""
    with database.transaction() as session:
        connection = session.connection()
        if not database.is_sqlite:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
        command.upgrade(_config(connection), "head")
    return newest_written()


def newest_written() -> str:
    """The newest revision in `versions/`."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def differences(database: Database) -> list[object]:
    """What the tables of a database lack or have too much, against the models: nothing, when all is well."""
    options = {"compare_type": True, "include_name": _is_modelled}
    with database.engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def _is_modelled(name: str | None, kind: str, _parents: object) -> bool:
    """The words that are searched are kept as each database does it best, in tables that no model can tell of."""
    return kind != "table" or not (name or "").startswith(SEARCHED)
