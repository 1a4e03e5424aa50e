"""A real server and a real Chromium, and the people who use them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from engage.installation import Installation, open_installation
from tests import make
from tests.browser.people import Officer, Traveller
from tests.servers import free_port

ROOT = Path(__file__).parents[2]
START_SECONDS = 20
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Playwright]:
    """Playwright, once for the run."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def chromium(playwright_driver: Playwright) -> Iterator[Browser]:
    """The Chromium that the system has."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert program, "Chromium is not installed: install the package `chromium`"
    browser = playwright_driver.chromium.launch(executable_path=program, args=CHROMIUM_FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def served(sqlite_template: Path, tmp_path: Path) -> Iterator[Installation]:
    """An installation with the small port of `make`, served as `./run` serves it, at its public address."""
    with serving(sqlite_template, tmp_path) as opened:
        yield opened


@pytest.fixture
def practising(sqlite_template: Path, tmp_path: Path) -> Iterator[Installation]:
    """The same as a demo, which has a practice phone and a number for texts."""
    with serving(sqlite_template, tmp_path, demo=True) as opened:
        yield opened


@pytest.fixture
def guarded(sqlite_template: Path, tmp_path: Path) -> Iterator[Installation]:
    """The same as a real site, where nobody gets in with a password alone, at an address that has a name."""
    with serving(sqlite_template, tmp_path, public_url="http://localhost", second_step="required") as opened:
        yield opened


@contextmanager
def serving(sqlite_template: Path, tmp_path: Path, demo: bool = False, **others: str) -> Iterator[Installation]:
    """An installation in a folder, and its server as long as the block lasts."""
    shutil.copy(sqlite_template, tmp_path / "engage.sqlite3")
    number = free_port()
    others = {"public_url": "http://127.0.0.1", **others}
    others["public_url"] += f":{number}"
    others["neutral_url"] = others["public_url"] + "/healthz"
    settings = make.settings(data_dir=tmp_path, log_level="WARNING", demo=demo, **others)
    opened = open_installation(settings)
    with opened.database.transaction() as session:
        make.port(session)
    environment = {
        **os.environ,
        "ENGAGE_DATA_DIR": str(tmp_path),
        "ENGAGE_SECRET_KEY": settings.secret_key,
        "ENGAGE_PUBLIC_URL": settings.public_url,
        "ENGAGE_NEUTRAL_URL": settings.neutral_url,
        "ENGAGE_LOG_LEVEL": "WARNING",
        "ENGAGE_DEMO": "1" if demo else "0",
        "ENGAGE_SECOND_STEP": settings.second_step,
    }
    command = [sys.executable, "-m", "engage.cli", "serve", "--port", str(number)]
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_for(settings.public_url + "/healthz", server)
        yield opened
    finally:
        server.terminate()
        server.wait(START_SECONDS)
        opened.database.dispose()


@pytest.fixture
def traveller(chromium: Browser, served: Installation) -> Iterator[Traveller]:
    """Someone with a small phone."""
    context = chromium.new_context(viewport={"width": 360, "height": 740}, accept_downloads=True)
    yield Traveller(context.new_page(), served.settings.public_url)
    context.close()


@pytest.fixture
def officer(chromium: Browser, served: Installation) -> Iterator[Officer]:
    """Someone at a desk."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    yield Officer(context.new_page(), served.settings.public_url)
    context.close()


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        assert server.poll() is None, "the server ended by itself"
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise TimeoutError(address)
