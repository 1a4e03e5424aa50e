"""Whether an installation can work: small checks, each with what was found and what to do about it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import redis
import sqlalchemy as sa

from engage.config import MIN_SECRET_CHARACTERS, Settings
from engage.db import Database
from engage.posters import fonts
from engage.readiness import (
    Check,
    State,
    data_folder_writable,
    database_answers,
    first_line,
    migrations_current,
    site_loaded,
)
from engage.seal_health import examine_seals
from engage.text_health import examine_texts
from engage.triage import LexiconError, load_lexicon, shipped_lexicon
from engage.vault import Vault
from engage.watch_health import examine_watch

MEGABYTE = 1_000_000
WARN_BELOW = 1000 * MEGABYTE
FAIL_BELOW = 100 * MEGABYTE
SANE_YEARS = range(2025, 2100)
MOST_DRIFT_SECONDS = 2.0
REDIS_SECONDS = 2.0
GOOD_SECRET_CHARACTERS = 16


def examine(settings: Settings, now: datetime) -> list[Check]:
    """Every check, of an installation that may be too broken to open."""
    checks = [secret_strength(settings), keys_work(settings), data_folder_writable(settings), disk_free(settings)]
    with _perhaps_open(settings) as database:
        if database is None:
            checks.append(Check("database", State.FAIL, "cannot be opened", "See the data folder above."))
        else:
            checks += [check(database) for check in (database_answers, migrations_current, site_loaded)]
            checks += examine_texts(settings, database, now)
            checks += examine_watch(database, now)
            checks += examine_seals(database, now)
        checks.append(clock_right(database, now))
    return [*checks, lexicon_loads(settings), redis_answers(settings), scripts_printable()]


def scripts_printable() -> Check:
    """Whether posters can be printed in the letters of all our languages."""
    missing = fonts.missing_scripts()
    there = ", ".join(script.value for script in fonts.Script if script not in missing)
    if missing:
        remedy = "; ".join(f"for {script.value}: {fonts.REMEDIES[script]}" for script in missing)
        return Check("posters", State.WARN, f"letters: {there or 'none'}", remedy)
    return Check("posters", State.OK, f"letters: {there}")


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


def lexicon_loads(settings: Settings) -> Check:
    """Whether the shipped words and rules, and the site's own words, can be used."""
    try:
        lexicon = load_lexicon(site_words=settings.words_file) if settings.words_file else shipped_lexicon()
    except (LexiconError, OSError) as problem:
        return Check("lexicon", State.FAIL, first_line(problem), "Reinstall Engage, or undo the last change of words.")
    return Check("lexicon", State.OK, f"{len(lexicon.entries):,} entries in {len(lexicon.languages)} languages")


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
        return Check("redis", State.FAIL, first_line(problem), "Check ENGAGE_REDIS_URL and the Redis server.")
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
