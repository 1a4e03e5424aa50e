"""Loading the demo: its sites, staff and stories, with progress shown, once; what was loaded is remembered."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress
from sqlmodel import col, select

from engage.accounts import hash_password
from engage.cli.opening import Refusal
from engage.demo import read_reports, replay
from engage.installation import Installation
from engage.migrations import current_revision, migrate, newest_revision
from engage.models import Report, Staff
from engage.sites import load_description, read_description

FOLDER = Path(__file__).parents[2] / "demo" / "meridian"
MARKER = "demo-loaded.json"
#: argon2 takes 64 MB a hash, so a few at a time.
HASHED_AT_ONCE = 4


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
    description, stories = read_description(FOLDER), read_reports(FOLDER)
    console = Console()
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        hashes = _hashes(installation, [member.login for member in description.staff], progress)
        with installation.database.transaction() as session:
            load_description(session, description, password_hash_of=hashes.__getitem__)
        task = progress.add_task("Reports and answers", total=len(stories))
        replay(
            installation,
            stories,
            datetime.now(UTC),
            lambda told, of: progress.update(task, completed=told, total=of),
        )


def _hashes(installation: Installation, logins: Sequence[str], progress: Progress) -> dict[str, str]:
    """The password hash of every login that is new. Made before the transaction, because each takes its time."""
    with installation.database.reading() as session:
        known = set(session.exec(select(Staff.login)))
    new = [login for login in logins if login not in known]
    task = progress.add_task("Passwords", total=len(new))

    def hash_of(login: str) -> tuple[str, str]:
        hashed = hash_password(installation.vault.demo_password(login))
        progress.advance(task)
        return login, hashed

    with ThreadPoolExecutor(HASHED_AT_ONCE) as pool:
        return dict(pool.map(hash_of, new))


def _content() -> str:
    digest = hashlib.sha256()
    for file in sorted(FOLDER.glob("*.yaml")):
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
