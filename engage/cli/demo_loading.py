"""Loading the demo: its sites, staff and stories, with progress shown, once; what was loaded is remembered."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import click
from argon2 import PasswordHasher
from rich.console import Console
from rich.progress import Progress
from sqlmodel import col, select

from engage.cli.opening import Refusal
from engage.demo import read_reports, replay
from engage.demo_plans import hang_plans, read_plans
from engage.demo_shift import begin_shift, read_shift
from engage.demo_walls import begin_walls, read_walls
from engage.installation import Installation
from engage.migrations import current_revision, newest_revision
from engage.migrations.steps import migrate
from engage.models import Report
from engage.sites import load_description, read_description

FOLDER = Path(__file__).parents[2] / "demo" / "meridian"
MARKER = "demo-loaded.json"
#: The costs of a hash protect passwords that people choose. The demo's have 80 random bits, and there are many of them.
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def load_once(installation: Installation) -> None:
    """Migrate, and load what the demo's files say unless just that is in the database already.

    The marker is written last, so a loading that was killed is completed by the next; loading again doubles nothing.
    """
    if current_revision(installation.database) != newest_revision():
        migrate(installation.database)
    before = _marked(installation)
    found = _fingerprint(installation)
    if found and before.get("database") == found and before.get("key") != _key(installation):
        raise Refusal(
            f"The demo in {installation.settings.data_dir} was loaded with another secret key, which it cannot be read "
            "without. Set ENGAGE_SECRET_KEY to that key, or remove the folder to start afresh."
        )
    content = _content()
    if found and before == {"database": found, "key": _key(installation), "content": content}:
        return
    _load(installation)
    _mark(installation, {"database": _fingerprint(installation), "key": _key(installation), "content": content})


def _load(installation: Installation) -> None:
    """Read the files, and write what they say."""
    click.echo("Loading the fictional Meridian ports (once) …")
    description, stories, shift = read_description(FOLDER), read_reports(FOLDER), read_shift(FOLDER)
    walls, plans = read_walls(FOLDER), read_plans(FOLDER)

    def quick_hash(login: str) -> str:
        return QUICK.hash(installation.vault.demo_password(login))

    console = Console()
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        with installation.database.transaction() as session:
            load_description(session, description, password_hash_of=quick_hash)
        task = progress.add_task("Reports and answers", total=len(stories))
        now = datetime.now(UTC)
        replay(installation, stories, now, lambda told, of: progress.update(task, completed=told, total=of))
        begin_shift(installation, shift, now)
        begin_walls(installation, walls, now)
        hang_plans(installation, FOLDER, plans, now)


def _content() -> str:
    digest = hashlib.sha256()
    for file in sorted([*FOLDER.glob("*.yaml"), *FOLDER.glob("plans/*.svg")]):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _key(installation: Installation) -> str:
    return installation.vault.look_up_hash("demo-loaded", "key")


def _fingerprint(installation: Installation) -> str:
    """What tells this database from one made anew: the hash of its first report's random access code, if any."""
    with installation.database.reading() as session:
        return session.exec(select(Report.access_hash).order_by(col(Report.id)).limit(1)).first() or ""


def _marked(installation: Installation) -> dict[str, str]:
    try:
        found = json.loads((installation.settings.data_dir / MARKER).read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _mark(installation: Installation, values: dict[str, str]) -> None:
    file = installation.settings.data_dir / MARKER
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps(values))
    os.replace(draft, file)
