"""Whether reports can be taken now: the fast checks, each with what was found and what to do about it."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import col

from engage.config import Settings
from engage.db import Database
from engage.installation import Installation
from engage.migrations import current_revision, newest_revision
from engage.models import Site


class State(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: how it stands, what was found, and what to do (empty when nothing)."""

    name: str
    state: State
    found: str
    remedy: str = ""


def ready(installation: Installation) -> list[Check]:
    """The fast checks: whether reports can be taken now."""
    database = installation.database
    return [
        database_answers(database),
        migrations_current(database),
        data_folder_writable(installation.settings),
        site_loaded(database),
    ]


def database_answers(database: Database) -> Check:
    """Whether the database answers, and how it keeps what it acknowledged."""
    try:
        found = database.durability()
    except sa.exc.DBAPIError as problem:
        return Check("database", State.FAIL, first_line(problem), "Check ENGAGE_DATABASE_URL and the database server.")
    if "WEAK" in found or "synchronous_commit=off" in found:
        return Check("database", State.FAIL, found, "A power cut may lose reports: set synchronous_commit to on.")
    if "TRUNCATE" in found:
        return Check("database", State.WARN, found, "Safe but slower: install pysqlite3 to get a newer SQLite.")
    return Check("database", State.OK, found)


def migrations_current(database: Database) -> Check:
    """Whether the tables are those of this version."""
    newest = newest_revision()
    try:
        found = current_revision(database)
    except sa.exc.DBAPIError as problem:
        return Check("tables", State.FAIL, first_line(problem), "Make the database answer first.")
    if found != newest:
        said = f"revision {found}" if found else "none"
        return Check("tables", State.FAIL, f"{said}, needed {newest}", "Run: engage migrate")
    return Check("tables", State.OK, f"revision {found}")


def site_loaded(database: Database) -> Check:
    """Whether there is a site to report at."""
    try:
        with database.reading() as session:
            slugs = session.connection().scalars(sa.select(col(Site.slug)).order_by(col(Site.slug))).all()
    except sa.exc.DBAPIError as problem:
        return Check("sites", State.FAIL, first_line(problem), "Make the database answer first; run: engage migrate")
    if not slugs:
        return Check("sites", State.FAIL, "none", "Load one: engage site load FOLDER")
    return Check("sites", State.OK, ", ".join(slugs))


def data_folder_writable(settings: Settings) -> Check:
    """Whether the data folder takes a file and keeps it."""
    folder = settings.data_dir
    remedy = "Create it, or set ENGAGE_DATA_DIR to a folder that this user may write to."
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"engage")
            os.fsync(file.fileno())
    except OSError as problem:
        return Check("data folder", State.FAIL, f"{folder}: {problem.strerror}", remedy)
    return Check("data folder", State.OK, str(folder))


def first_line(problem: Exception) -> str:
    """What a driver says, without the statement and the links that follow."""
    original = getattr(problem, "orig", None) or problem
    return (str(original).strip().splitlines() or [type(original).__name__])[0]
