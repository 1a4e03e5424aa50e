"""Whether an installation can work: small checks, each with what was found and what to do about it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import redis
import sqlalchemy as sa
from sqlmodel import col

from engage.config import MIN_SECRET_CHARACTERS, Settings
from engage.db import Database
from engage.installation import Installation
from engage.migrations import current_revision, newest_revision
from engage.models import Site
from engage.triage import LexiconError, shipped_lexicon
from engage.vault import Vault

MEGABYTE = 1_000_000
WARN_BELOW = 1000 * MEGABYTE
FAIL_BELOW = 100 * MEGABYTE
SANE_YEARS = range(2025, 2100)
MOST_DRIFT_SECONDS = 2.0
REDIS_SECONDS = 2.0
GOOD_SECRET_CHARACTERS = 16


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


def examine(settings: Settings, now: datetime) -> list[Check]:
    """Every check, of an installation that may be too broken to open."""
    checks = [secret_strength(settings), keys_work(settings), data_folder_writable(settings), disk_free(settings)]
    with _perhaps_open(settings) as database:
        if database is None:
            checks.append(Check("database", State.FAIL, "cannot be opened", "See the data folder above."))
        else:
            checks += [check(database) for check in (database_answers, migrations_current, site_loaded)]
        checks.append(clock_right(database, now))
    return [*checks, lexicon_loads(), redis_answers(settings)]


def database_answers(database: Database) -> Check:
    """Whether the database answers, and how it keeps what it acknowledged."""
    try:
        found = database.durability()
    except sa.exc.DBAPIError as problem:
        return Check("database", State.FAIL, _first_line(problem), "Check ENGAGE_DATABASE_URL and the database server.")
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
        return Check("tables", State.FAIL, _first_line(problem), "Make the database answer first.")
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
        return Check("sites", State.FAIL, _first_line(problem), "Make the database answer first; run: engage migrate")
    if not slugs:
        return Check("sites", State.FAIL, "none", "Load one: engage site load FOLDER")
    return Check("sites", State.OK, ", ".join(slugs))


def secret_strength(settings: Settings) -> Check:
    """Whether the secret key looks random. Says nothing of the key itself."""
    kinds = len(set(settings.secret_key))
    found = f"{len(settings.secret_key)} characters, {kinds} different"
    if len(settings.secret_key) < MIN_SECRET_CHARACTERS or kinds < GOOD_SECRET_CHARACTERS:
        remedy = "Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'; existing codes then stop."
        return Check("secret key", State.WARN, found, remedy)
    return Check("secret key", State.OK, found)


def keys_work(settings: Settings) -> Check:
    """Whether two vaults of the key agree and two purposes differ, so that what was kept can be found again."""
    first, again = Vault(settings.secret_key), Vault(settings.secret_key)
    same = first.look_up_hash("doctor", "probe") == again.look_up_hash("doctor", "probe")
    if not same or first.key_for("doctor") == first.key_for("probe"):
        return Check("keys", State.FAIL, "hashes do not agree", "Reinstall the package cryptography.")
    return Check("keys", State.OK, "hashes agree")


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


def disk_free(settings: Settings, usage: Callable[[str], shutil._ntuple_diskusage] = shutil.disk_usage) -> Check:
    """Whether there is room for what will come in."""
    try:
        free = usage(str(settings.data_dir)).free
    except OSError as problem:
        return Check("disk", State.FAIL, str(problem.strerror), "Make the data folder first.")
    found = f"{free // MEGABYTE:,} MB free"
    if free < FAIL_BELOW:
        return Check("disk", State.FAIL, found, "Make room now: below this, reports can be refused.")
    if free < WARN_BELOW:
        return Check("disk", State.WARN, found, "Make room soon.")
    return Check("disk", State.OK, found)


def clock_right(database: Database | None, now: datetime) -> Check:
    """Whether the clock can be true: a sane year, a known offset, and in step with the database server's."""
    local = now.astimezone()
    found = local.strftime("%Y-%m-%d %H:%M:%S %z")
    if now.year not in SANE_YEARS:
        return Check("clock", State.FAIL, found, "Set the clock and keep it right with NTP.")
    if local.utcoffset() is None:
        return Check("clock", State.WARN, found, "Set the machine's time zone.")
    drift = _drift_seconds(database)
    if drift is not None:
        found += f", {drift:.1f} s off the database's"
        if drift > MOST_DRIFT_SECONDS:
            return Check("clock", State.WARN, found, "Keep both machines right with NTP.")
    return Check("clock", State.OK, found)


def lexicon_loads() -> Check:
    """Whether the shipped words and rules can be used."""
    try:
        shipped_lexicon()
    except (LexiconError, OSError) as problem:
        return Check("lexicon", State.FAIL, _first_line(problem), "Reinstall Engage, or undo the last change of words.")
    return Check("lexicon", State.OK, "loads")


def redis_answers(settings: Settings) -> Check:
    """Whether Redis answers, where one is set."""
    if not settings.redis_url:
        return Check("redis", State.OK, "not used: limits are counted in each process")
    client = redis.Redis.from_url(
        settings.redis_url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
    )
    try:
        client.ping()
    except redis.RedisError as problem:
        return Check("redis", State.FAIL, _first_line(problem), "Check ENGAGE_REDIS_URL and the Redis server.")
    finally:
        client.close()
    return Check("redis", State.OK, "answers")


@contextmanager
def _perhaps_open(settings: Settings) -> Iterator[Database | None]:
    try:
        database = Database(settings)
    except (OSError, sa.exc.SQLAlchemyError):
        yield None
        return
    try:
        yield database
    finally:
        database.dispose()


def _drift_seconds(database: Database | None) -> float | None:
    """How far our clock is from the database server's; None where there is no other clock, or no answer."""
    if database is None or database.is_sqlite:
        return None
    try:
        with database.engine.connect() as connection:
            connection.execute(sa.select(1))
            before = datetime.now(UTC)
            theirs = connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
            middle = before + (datetime.now(UTC) - before) / 2
    except sa.exc.DBAPIError:
        return None
    return float(abs((theirs - middle).total_seconds()))


def _first_line(problem: Exception) -> str:
    original = getattr(problem, "orig", None) or problem
    return (str(original).strip().splitlines() or [type(original).__name__])[0]
