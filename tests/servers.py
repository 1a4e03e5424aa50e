"""Private database servers for one test process: started when first asked for, stopped by their own process id."""

from __future__ import annotations

import functools
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import redis

OWNER = "engage"
TEMPLATE = "engage_template"
#: Everything that tables are made of, in one value.
SHAPE = """
    SELECT md5(string_agg(what, ',' ORDER BY what)) FROM (
        SELECT attrelid::regclass || '.' || attname || format_type(atttypid, atttypmod) || attnotnull AS what
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE relnamespace = 'public'::regnamespace AND attnum > 0
        UNION ALL SELECT conrelid::regclass || pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
    ) AS parts
"""
#: Cloning and dropping a database takes ten times as long as emptying it.
EMPTY = """
DO $$
DECLARE name regclass;
BEGIN
    SET LOCAL lock_timeout = '2s';
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S') LOOP
        IF name::text LIKE '%\\_seq' THEN PERFORM setval(name, 1, false);
        ELSIF name::text = 'audit_entries' THEN DELETE FROM audit_entries WHERE id > 1;
        ELSIF name::text <> 'alembic_version' THEN EXECUTE 'DELETE FROM ' || name;
        END IF;
    END LOOP;
END $$
"""
START_SECONDS = 30
STOP_SECONDS = 20


class Servers:
    """A folder, and the PostgreSQL and Redis servers that live in it. Nobody else can reach either from outside."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="engage-servers-"))
        self._running: list[subprocess.Popen[bytes]] = []
        self._made = 0
        self._spare: list[str] = []
        self._shape: tuple[object, ...] | None = None

    def new_database(self) -> str:
        """The address of a migrated PostgreSQL database without a row: one that was given back, or a new clone."""
        if self._spare:
            return self._spare.pop()
        self._made += 1
        name = f"engage_{self._made}"
        self._run_sql(f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}"')
        return self._address(name)

    def give_back(self, address: str) -> None:
        """Take back what `new_database` gave: emptied for the next test, or dropped where its tables are not whole."""
        try:
            with psycopg.connect(address) as connection:
                connection.execute(EMPTY)
                whole = connection.execute(SHAPE).fetchone() == self._shape
        except psycopg.Error:
            whole = False
        if whole:
            self._spare.append(address)
        else:
            self.drop_database(address)

    def drop_database(self, address: str) -> None:
        """Drop a database that `new_database` or `empty_database` made."""
        self._run_sql(f'DROP DATABASE "{urlsplit(address).path[1:]}" WITH (FORCE)')

    def empty_database(self) -> str:
        """The address of a PostgreSQL database without a table."""
        self._made += 1
        self._run_sql(f'CREATE DATABASE "engage_{self._made}"')
        return self._address(f"engage_{self._made}")

    def prepare_template(self, migrate: Callable[[str], None]) -> None:
        """Migrate the template once; from then on every database is a copy of it."""
        self._run_sql(f'CREATE DATABASE "{TEMPLATE}"')
        migrate(self._address(TEMPLATE))
        with psycopg.connect(self._address(TEMPLATE)) as connection:
            self._shape = connection.execute(SHAPE).fetchone()

    @property
    def redis_url(self) -> str:
        """The address of the Redis server, emptied of what an earlier test left."""
        with redis.Redis.from_url(self._redis) as client:
            client.flushall()
        return self._redis

    @functools.cached_property
    def _redis(self) -> str:
        """The address of a running Redis server."""
        port = free_port()
        command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self._folder)]
        self._start(command, user=None)
        url = f"redis://127.0.0.1:{port}/0"
        with redis.Redis.from_url(url) as client:
            _wait_until(lambda: bool(client.ping()), redis.ConnectionError)
        return url

    def stop(self) -> None:
        """Stop every server that was started here, and remove the folder."""
        for process in reversed(self._running):
            process.send_signal(2)
        for process in self._running:
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()
        shutil.rmtree(self._folder, ignore_errors=True)

    @functools.cached_property
    def _postgresql(self) -> Path:
        """The folder with the socket of a running PostgreSQL server. It refuses to run as root."""
        programs, user = _postgresql_programs(), "postgres" if os.geteuid() == 0 else None
        home = self._folder / "postgresql"
        home.mkdir()
        self._folder.chmod(0o711)
        if user:
            shutil.chown(home, user)
        initdb = [programs / "initdb", "-D", home / "data", "-A", "trust", "-U", OWNER, "-E", "UTF8", "--no-locale"]
        subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, cwd=home, user=user, group=user)
        options = ["listen_addresses=", "max_connections=200", "fsync=on", "synchronous_commit=on"]
        command = [programs / "postgres", "-D", home / "data", "-k", home]
        self._start([*command, *(word for option in options for word in ("-c", option))], user)
        _wait_until(lambda: psycopg.connect(_dsn(home)).close() is None, psycopg.OperationalError)
        return home

    def _start(self, command: list[str | Path], user: str | None) -> None:
        log = (self._folder / f"{Path(command[0]).name}.log").open("ab")
        with log:
            self._running.append(
                subprocess.Popen(
                    command, stdout=log, stderr=log, cwd=self._folder, user=user, group=user, process_group=0
                )
            )

    def _run_sql(self, statement: str) -> None:
        with psycopg.connect(_dsn(self._postgresql), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _address(self, name: str) -> str:
        return f"postgresql://{OWNER}@/{name}?host={self._postgresql}"


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _dsn(home: Path) -> str:
    return f"host={home} user={OWNER} dbname=postgres"


def _postgresql_programs() -> Path:
    found = shutil.which("postgres")
    if found:
        return Path(found).parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not versions:
        raise RuntimeError("PostgreSQL is not installed: install the package `postgresql`")
    return versions[-1]


def _wait_until(is_up: Callable[[], bool], not_yet: type[Exception]) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            if is_up():
                return
        except not_yet:
            if time.monotonic() > end:
                raise
        time.sleep(0.05)
