"""How a command opens the installation, and how it says plainly that it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from engage.config import Settings, SettingsError, read_settings
from engage.db import Database
from engage.installation import Installation, open_installation
from engage.migrations import current_revision, newest_revision
from engage.posters.symbols import Undrawable
from engage.sites import DescriptionError
from engage.triage import LexiconError
from engage.vault import Vault


class Refusal(click.ClickException):
    """What was asked for cannot be done: one sentence on standard error, exit code 2, no traceback."""

    exit_code = 2


@contextmanager
def refusing_plainly() -> Iterator[None]:
    """Turn the failures that a command must expect into a `Refusal`."""
    try:
        yield
    except (SettingsError, DescriptionError, Undrawable) as problem:
        raise Refusal(str(problem)) from None
    except ValidationError as problem:
        raise Refusal("\n".join(error["msg"].removeprefix("Value error, ") for error in problem.errors())) from None
    except LexiconError as problem:
        raise Refusal(f"The lexicon cannot be used: {problem}") from None
    except DBAPIError as problem:
        raise Refusal(f"The database cannot be used: {first_line(problem.orig)}") from None
    except OSError as problem:
        raise Refusal(f"{problem.filename or 'The system'}: {problem.strerror or problem}") from None


@contextmanager
def opened(settings: Settings | None = None) -> Iterator[Installation]:
    """The installation of these settings, or of the environment's, closed when the block ends."""
    with refusing_plainly():
        installation = open_installation(settings or read_settings())
        try:
            yield installation
        finally:
            installation.database.dispose()


@contextmanager
def opened_and_current() -> Iterator[Installation]:
    """The installation of the environment, its database migrated to this version; a `Refusal` where it is not."""
    with opened() as installation:
        refuse_if_outdated(installation.database)
        yield installation


@contextmanager
def opened_without_words() -> Iterator[tuple[Database, Vault]]:
    """The database and the keys of the environment alone: who judges no report needs no room for the lexicon."""
    with refusing_plainly():
        settings = read_settings()
        database = Database(settings)
        try:
            refuse_if_outdated(database)
            yield database, Vault(settings.secret_key)
        finally:
            database.dispose()


def refuse_if_outdated(database: Database) -> None:
    """Refuse a database whose tables are not those of this version."""
    found = current_revision(database)
    if found != newest_revision():
        what = f"is at revision {found}" if found else "has no tables yet"
        raise Refusal(f"The database {what}; this version needs {newest_revision()}. Run: engage migrate")


def first_line(problem: object) -> str:
    """The first line of what a library says."""
    return (str(problem).strip().splitlines() or [type(problem).__name__])[0]
