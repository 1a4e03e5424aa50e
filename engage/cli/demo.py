"""`engage demo`: a fictional installation, from nothing to an address and three sign-ins, and its server."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import click

from engage.cli.demo_loading import load_once
from engage.cli.demo_sign_ins import SignIn, sign_ins
from engage.cli.opening import Refusal, opened, refusing_plainly
from engage.cli.serve import refuse_taken_port, serve_until_stopped
from engage.cli.worker import STOP_SIGNALS, work_beside
from engage.config import Settings, read_settings
from engage.installation import Installation
from engage.posters.register import find_poster
from engage.posters.symbols import Undrawable, poster_address, terminal_lines

POSTER = "B7K4X"
KEY_FILE = "secret.key"
KEY_BYTES = 48
EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - only where the person asks for it
#: An address that nobody has (RFC 5737): asked for the way there, the system tells which of ours it would use.
NOWHERE = ("192.0.2.1", 9)
STOP_SECONDS = 2.0
INTERRUPTED = 130


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Use 0.0.0.0 to let phones on your network in.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--no-serve", is_flag=True, help="Load and print everything, then end.")
def demo(host: str, port: int, no_serve: bool) -> None:
    """Start the demo: three fictional sites, their staff, and what people reported. Never for real reports."""
    try:
        with refusing_plainly():
            refuse_taken_port(host, port)
            settings = _demo_settings(host, port)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with opened(settings) as installation:
            load_once(installation)
            refuse_taken_port(host, port)
            _tell(installation)
        if not no_serve:
            with _worker_beside(settings):
                serve_until_stopped(host, port)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _demo_settings(host: str, port: int) -> Settings:
    """The settings of the environment, with an address and a kept secret key where it names none.

    They are put into the environment too: the server's workers read them there.
    """
    if not os.environ.get("ENGAGE_PUBLIC_URL"):
        os.environ["ENGAGE_PUBLIC_URL"] = f"http://{_reachable(host)}:{port}"
    if not os.environ.get("ENGAGE_SECRET_KEY"):
        os.environ["ENGAGE_SECRET_KEY"] = secrets.token_urlsafe(KEY_BYTES)  # so that the other settings can be read
        folder = read_settings().data_dir
        os.environ["ENGAGE_SECRET_KEY"] = _kept_key(folder)
    settings = read_settings()
    if not settings.demo:
        raise Refusal("The demo prints passwords, so it starts only with ENGAGE_DEMO=1, as ./run sets it.")
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return settings


def _kept_key(folder: Path) -> str:
    """The secret key in the data folder, made when there is none. It appears whole or not at all."""
    file = folder / KEY_FILE
    if not file.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = folder / f"{KEY_FILE}.{os.getpid()}"
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened_draft:
            opened_draft.write(secrets.token_urlsafe(KEY_BYTES))
            opened_draft.flush()
            os.fsync(opened_draft.fileno())
        os.replace(draft, file)
    return file.read_text().strip()


def _reachable(host: str) -> str:
    """The address to print: this machine's own in its network, where it listens on every address."""
    if host not in EVERY_ADDRESS:
        return f"[{host}]" if ":" in host else host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:  # sends nothing
        try:
            probe.connect(NOWHERE)
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def _tell(installation: Installation) -> None:
    """Print where Engage is and who may sign in, in lines that are easy to read and to take apart."""
    url = installation.settings.public_url
    click.echo(f"\nEngage is at {url}\n")
    click.echo(f"Poster:   {url}/p/{POSTER}")
    if not installation.settings.has_twilio:
        click.echo(f"Phone:    {url}/practice/phone")
    click.echo(f"Sign in:  {url}/desk/sign-in")
    for found in sign_ins(installation):
        click.echo(_line(found))
    if sys.stdout.isatty():
        click.echo("\n" + "\n".join(_drawn(installation)))
    click.echo("\nStop with Ctrl-C.")


def _line(found: SignIn) -> str:
    return f"  {found.what:<17} {found.login:<15} {found.password}"


def _drawn(installation: Installation) -> list[str]:
    """The poster's QR code for the terminal, or why there is none."""
    with installation.database.reading() as session:
        where = find_poster(session, POSTER)
    if where is None:
        return []
    try:
        return terminal_lines(
            poster_address(installation.settings.public_url, installation.vault, POSTER, where.version)
        )
    except Undrawable as problem:
        return [str(problem)]


@contextmanager
def _worker_beside(settings: Settings) -> Iterator[None]:
    """The outbox's worker in a process of its own, as long as the block lasts."""
    worker = get_context("spawn").Process(target=work_beside, args=(settings,), daemon=True)
    # It starts with the signals held back, and takes them when it can stop cleanly: Ctrl-C reaches it as well as us.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    worker.start()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
    try:
        yield
    finally:
        worker.terminate()
        worker.join(STOP_SECONDS)
        if worker.is_alive():
            worker.kill()
