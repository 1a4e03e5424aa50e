"""How fast a report is taken, the whole way, against a bare Flask app that stores one row: `python -m bench.intake`."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from engage.cli.serve import BACKLOG, THREADS, WORKERS
from engage.installation import Installation, open_installation
from engage.models import Case, CaseEvent, Outgoing, Report
from engage.taxonomy import Severity
from tests import make
from tests.durability.server import environment_of
from tests.servers import Servers, free_port

ROOT = Path(__file__).parents[1]
TEXT = "A man with a gun is shooting at people near the gate"
WARM_UP_SECONDS = 2.0
START_SECONDS = 60


@dataclass(slots=True)
class Side:
    """One of the two that are compared, and what was measured of it."""

    name: str
    port: int
    rates: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    client_shares: list[float] = field(default_factory=list)
    answered: int = 0

    @property
    def rate(self) -> float:
        """Requests a second: the median of the rounds."""
        return statistics.median(self.rates)

    def latency(self, percent: int) -> float:
        """The milliseconds within which so many percent of the requests were answered."""
        return statistics.quantiles(self.latencies, n=100)[percent - 1]


@click.command()
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1), help="Rounds of each side, in turn.")
@click.option("--seconds", default=5.0, show_default=True, type=float, help="Length of a round.")
@click.option("--database", type=click.Choice(["sqlite", "postgresql", "both"]), default="both", show_default=True)
def intake(rounds: int, seconds: float, database: str) -> None:
    """Measure both sides in turn, under the server and with the options of `engage serve`."""
    console = Console()
    results = Table(title=f"Taking a report: {rounds} rounds of {seconds:g} s each in turn, 16 connections")
    for heading in ("database", "side", "requests/s", "ratio", "p50 ms", "p95 ms", "p99 ms", "client"):
        results.add_column(heading, justify="left" if heading in ("database", "side") else "right")
    for kind in ("sqlite", "postgresql") if database == "both" else (database,):
        with console.status(f"Measuring on {kind} …"), tempfile.TemporaryDirectory(prefix="engage-bench-") as folder:
            bare, engage, durability = compare(kind, Path(folder), rounds, seconds)
        for side in (bare, engage):
            results.add_row(
                kind,
                side.name,
                f"{side.rate:,.0f}",
                f"{side.rate / bare.rate:.2f}",
                *(f"{side.latency(percent):.1f}" for percent in (50, 95, 99)),
                f"{statistics.median(side.client_shares):.0%}",
            )
        console.print(durability)
    console.print(results)
    console.print(
        "bare: a Flask app whose request is one INSERT, committed to the disk. Engage: triage, routing, case,"
    )
    console.print("history, outgoing message and page, in one commit.")
    console.print("client: how much of one processor the measuring client used itself")


def compare(kind: str, folder: Path, rounds: int, seconds: float) -> tuple[Side, Side, str]:
    """Both sides, measured in turn on fresh databases of one kind, and how that kind keeps what it acknowledged."""
    servers = Servers()
    try:
        address = servers.empty_database() if kind == "postgresql" else ""
        settings = make.settings(data_dir=folder, database_url=address, public_url="http://127.0.0.1:8000")
        make.migrated(settings)
        opened = open_installation(settings)
        with opened.database.transaction() as session:
            make.port(session)
        bare, engage = Side("bare", free_port()), Side("Engage", free_port())
        twin = servers.empty_database() if kind == "postgresql" else str(folder / "bare.sqlite3")
        with (
            served(bare_command(bare.port), {"BARE_DATABASE": twin}, bare.port),
            served(
                [sys.executable, "-m", "engage.cli", "serve", "--port", str(engage.port)],
                environment_of(settings),
                engage.port,
            ),
        ):
            measure(bare, engage, rounds, seconds)
        check(opened, engage.answered)
        durability = opened.database.durability()
        opened.database.dispose()
        return bare, engage, durability
    finally:
        servers.stop()


def bare_command(port: int) -> list[str]:
    """The twin, served as `engage serve` serves."""
    options = f"--interface wsgi --workers {WORKERS} --blocking-threads {THREADS} --backlog {BACKLOG} --http 1 --no-ws"
    where = f"--host 127.0.0.1 --port {port} --log-level error"
    return [sys.executable, "-m", "granian", *options.split(), *where.split(), "bench.bare:app"]


def measure(bare: Side, engage: Side, rounds: int, seconds: float) -> None:
    """Warm both up, then let them take turns."""
    command = [sys.executable, "-m", "bench.load"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdin is not None
        assert client.stdout is not None
        for number in range(-1, rounds):
            for side in (bare, engage):
                length = WARM_UP_SECONDS if number < 0 else seconds
                client.stdin.write(f"{side.port} {length} r{number}-{time.time_ns()}- {TEXT}\n")
                client.stdin.flush()
                measured = json.loads(client.stdout.readline())
                side.answered += measured["answered"]
                if number >= 0:
                    side.rates.append(measured["answered"] / measured["seconds"])
                    side.latencies += measured["latencies"]
                    side.client_shares.append(measured["used"] / measured["seconds"])


def check(opened: Installation, answered: int) -> None:
    """Refuse a measurement of anything less than the whole way, for every request."""
    for table, each in ((Report, 1), (Case, 1), (CaseEvent, 3), (Outgoing, 1)):
        stored = len(make.rows(opened, table))
        if stored != answered * each:
            raise RuntimeError(f"{answered} requests were answered, but {table.__name__} has {stored} rows")
    if {case.severity for case in make.rows(opened, Case)} != {Severity.CRITICAL}:
        raise RuntimeError("not every report was found critical")


@contextmanager
def served(command: list[str], environment: dict[str, str], port: int) -> Iterator[None]:
    """A server in a process group of its own, up, and gone afterwards."""
    server = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        _wait_for(port, server)
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < end:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).close()
        except urllib.error.HTTPError:
            return  # the twin has no such page, but it answers
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("a server did not start")


if __name__ == "__main__":
    intake()
