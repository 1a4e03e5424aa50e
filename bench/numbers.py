"""How long the numbers of supervisors take as cases grow, on both databases: `python -m bench.numbers`."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from rich.console import Console
from rich.table import Table
from sqlmodel import SQLModel

from engage import numbers
from engage.db import add_rows
from engage.installation import Installation, open_installation
from engage.models import Case, CaseEvent, Report
from engage.taxonomy import CaseStatus, Category, Channel, Disposition, FoundBy, Happening, Severity
from tests import make
from tests.servers import Servers

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
DRAWN = 10_000
ROUNDS = 5
LONGEST = timedelta(days=max(numbers.WINDOWS))
LANGUAGES = ("en", "es", "fr", "ar", "zh", "ru", "pt", "fil")


@click.command()
@click.option("--cases", "sizes", default="10000,100000,1000000", show_default=True, help="How many, from few to many.")
@click.option("--database", type=click.Choice(["sqlite", "postgresql", "both"]), default="both", show_default=True)
def measure(sizes: str, database: str) -> None:
    """Fill a database step by step, all cases in the last 90 days, and read the page's numbers at each step."""
    console = Console()
    results = Table(title=f"Numbers of a window: median of {ROUNDS} readings, ms (ratio to the first row)")
    for heading in ("database", "cases", *(f"{days} days" for days in numbers.WINDOWS)):
        results.add_column(heading, justify="right")
    servers = Servers()
    try:
        for kind in ("sqlite", "postgresql") if database == "both" else (database,):
            for row in _rows(kind, [int(size) for size in sizes.split(",")], servers):
                console.log(*row)
                results.add_row(*row)
    finally:
        servers.stop()
    console.print(results)


def _rows(kind: str, sizes: list[int], servers: Servers) -> Iterator[tuple[str, ...]]:
    with tempfile.TemporaryDirectory(prefix="engage-bench-") as folder:
        address = servers.empty_database() if kind == "postgresql" else ""
        settings = make.settings(data_dir=Path(folder), database_url=address, log_level="ERROR")
        make.migrated(settings)
        opened = open_installation(settings)
        with opened.database.transaction() as session:
            port = make.port(session)
        first: list[float] = []
        done = 0
        for size in sizes:
            _fill(opened, port, done, size)
            done = size
            took = [_milliseconds(opened, port, days) for days in numbers.WINDOWS]
            first = first or took
            yield kind, f"{size:,}", *(f"{one:.0f} ({one / at:.2f})" for one, at in zip(took, first, strict=True))
        opened.database.dispose()


def _milliseconds(opened: Installation, port: make.Port, days: int) -> float:
    taken = []
    for _ in range(ROUNDS):
        with opened.database.reading() as session:
            officer = port.officer(session, "sue")
            began = time.perf_counter()
            numbers.read(session, officer, days, NOW)
            taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def _fill(opened: Installation, port: make.Port, begin: int, end: int) -> None:
    """Bring the cases to so many: the first 10,000 are drawn by chance, the others are copies of what is there."""
    if not begin:
        begin = min(end, DRAWN)
        _draw(opened, port, begin)
    while begin < end:
        with opened.database.transaction() as session:
            for model in (Case, Report, CaseEvent):
                session.connection().execute(_copy(model, begin, min(begin, end - begin)))
        begin += min(begin, end - begin)
    with opened.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("ANALYZE"))


def _draw(opened: Installation, port: make.Port, count: int) -> None:
    chance = random.Random(count)
    with opened.database.transaction() as session:
        cases = [_case(number, port, chance) for number in range(1, count + 1)]
        add_rows(session, Case, cases)
        add_rows(session, Report, [_report(case, port, chance) for case in cases])
        add_rows(session, CaseEvent, [line for case in cases for line in _history(case, chance)])


def _copy(model: type[SQLModel], shift: int, count: int) -> sa.Insert:
    """Copies of the rows of the first cases, under numbers of their own."""
    table = model.__table__  # type: ignore[attr-defined]
    number = table.c.id if model is Case else table.c.case_id
    moved = {number.name: number + shift}
    for name, width in (("reference", 16), ("access_hash", 64)):
        if name in table.c:
            moved[name] = sa.literal("EN-") + sa.cast(number + shift, sa.String(width))
    names = [column.name for column in table.c if column.name != "id" or model is Case]
    rows = sa.select(*(moved.get(name, table.c[name]) for name in names)).where(number <= count)
    return sa.insert(table).from_select(names, rows)


def _blank(model: type[SQLModel]) -> dict[str, Any]:
    return dict.fromkeys(column.name for column in model.__table__.columns if column.name != "id")  # type: ignore[attr-defined]


def _case(number: int, port: make.Port, chance: random.Random) -> dict[str, Any]:
    opened_at = NOW - LONGEST * chance.random()
    severity, ended = chance.choice(list(Severity)), chance.random() < 0.97
    moments = [opened_at + timedelta(minutes=chance.expovariate(1 / mean)) for mean in (5, 30, 600)]
    return {
        **_blank(Case),
        "id": number,
        "reference": f"EN-{number}",
        "authority_id": 1,
        "queue_id": port.queues[chance.choice(("marine", "gates", "control"))],
        "site_id": port.site,
        "place_id": port.places["gate"],
        "status": CaseStatus.CLOSED if ended else CaseStatus.IN_PROGRESS,
        "category": chance.choice(list(Category)),
        "severity": severity,
        "urgency": severity.urgency,
        "reporter_waits": False,
        "route_reason": "",
        "opened_at": opened_at,
        "changed_at": opened_at,
        "closed_at": moments[2] if ended else None,
        "disposition": Disposition.ADVISED if ended else None,
        "version": 1,
        "escalation": 0,
        "paused_seconds": 0,
        "acknowledged_at": moments[0],
        "responded_at": moments[1],
        "acknowledge_by": opened_at + timedelta(minutes=10),
        "respond_by": opened_at + timedelta(minutes=60),
        "resolve_by": opened_at + timedelta(days=1),
    }


def _report(case: dict[str, Any], port: make.Port, chance: random.Random) -> dict[str, Any]:
    return {
        **_blank(Report),
        "reference": case["reference"],
        "case_id": case["id"],
        "site_id": port.site,
        "place_id": chance.choice(list(port.places.values())),
        "found_by": FoundBy.SCANNED,
        "channel": chance.choice(list(Channel)),
        "language": chance.choice(LANGUAGES),
        "text": make.GUN * 3,
        "access_salt": b"0" * 16,
        "access_hash": f"{case['id']:064}",
        "received_at": case["opened_at"],
    }


def _history(case: dict[str, Any], chance: random.Random) -> list[dict[str, Any]]:
    said = [Happening.RECEIVED, Happening.TRIAGED, Happening.ROUTED, Happening.ANSWERED, Happening.CLOSED]
    said += [Happening.REOPENED] if chance.random() < 0.05 else []
    return [
        {"case_id": case["id"], "at": case["opened_at"], "staff_id": None, "what": what, "details": {}} for what in said
    ]


if __name__ == "__main__":
    measure()
