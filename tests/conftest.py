"""Fixtures that every test may ask for: settings and an installation on each database, a small port, a browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engage import create_app
from engage.config import Settings
from engage.db import Database
from engage.installation import Installation, open_installation
from tests import make
from tests.form_client import FormClient
from tests.servers import Servers


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """The servers of this test process."""
    running = Servers()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def postgresql(servers: Servers) -> Servers:
    """The servers, with a migrated template in PostgreSQL."""
    servers.prepare_template(lambda address: make.migrated(make.settings(database_url=address)))
    return servers


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy from."""
    folder = tmp_path_factory.mktemp("template")
    make.migrated(make.settings(data_dir=folder))
    return folder / "engage.sqlite3"


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings whose database is fresh and migrated; the test runs once on each kind."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "engage.sqlite3")
        yield make.settings(data_dir=tmp_path)
        return
    running: Servers = request.getfixturevalue("postgresql")
    address = running.new_database()
    yield make.settings(data_dir=tmp_path, database_url=address)
    running.give_back(address)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without a table, of each kind."""
    address = ""
    if request.param == "postgresql":
        running: Servers = request.getfixturevalue("servers")
        address = running.empty_database()
    database = Database(make.settings(data_dir=tmp_path, database_url=address))
    yield database
    database.dispose()
    if address:
        running.drop_database(address)


@pytest.fixture
def installation(settings: Settings) -> Iterator[Installation]:
    """An open installation with no site yet."""
    opened = open_installation(settings)
    yield opened
    opened.database.dispose()


@pytest.fixture
def port(installation: Installation) -> make.Port:
    """The small port of `make`, in the installation."""
    with installation.database.transaction() as session:
        return make.port(session)


@pytest.fixture
def app(installation: Installation, port: make.Port) -> Iterator[Flask]:
    """The web application over the same database as `installation`, where the port is."""
    made = create_app(installation.settings)
    made.test_client_class = FormClient
    yield made
    made.extensions["engage"].database.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without scripts."""
    return app.test_client()


@pytest.fixture
def now() -> datetime:
    """Noon of a day in spring."""
    return datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
