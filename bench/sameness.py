"""How long a proposal for a new report takes, among many open reports of one hour: `python -m bench.sameness`."""

from __future__ import annotations

import json
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sqlmodel import Session

from engage import proposals
from engage.db import add_row
from engage.installation import Installation, open_installation
from engage.models import Case, Report, ReportTrace, TraceTerm
from engage.posters import register
from engage.posters.register import Whereabouts
from engage.sameness import Trace, looked_up_by, trace_of
from engage.taxonomy import CaseStatus, Channel, FoundBy
from engage.triage import triage
from tests import make
from tests.servers import Servers

ROOT = Path(__file__).parents[1]
ALLOWED_MS = 5.0
BATCH = 1000
MOST_TEXTS = 400
SPAN = timedelta(minutes=59)  # all reports are of the last hour, and at one site
SURGE = "Fire alarm is ringing at the gate and there is smoke"
SURGE_SHARE = 0.2


@dataclass(frozen=True)
class Told:
    """A text with its trace."""

    text: str
    trace: Trace


@click.command()
@click.option("--reports", default=10_000, show_default=True, help="Open reports of the last hour.")
@click.option("--tries", default=300, show_default=True, help="New reports that are compared, in turns.")
@click.pass_context
def main(context: click.Context, reports: int, tries: int) -> None:
    """Fill both databases with REPORTS open reports of one hour at one site, a fifth of them of one surge; then time
    proposals for new ones, each rolled back so that the next one meets the same.
    """
    console = Console()
    table = Table(
        "database",
        "reports",
        "fastest tenth",
        "median",
        "p99",
        "slowest",
        "a surge's",
        "proposed",
        title="one proposal, in ms",
    )
    slow = False
    for name, installation in _databases():
        told = _texts(installation)
        where = _fill(installation, told, reports, name, console)
        taken = _time(installation, told, where, tries)
        surge = _time(installation, [Told(SURGE, trace_of(SURGE, triage(SURGE, installation.lexicon)))], where, tries)
        median, p99 = statistics.median(taken[0]), statistics.quantiles(taken[0], n=100)[98]
        figures = (statistics.quantiles(taken[0], n=10)[0], median, p99, max(taken[0]), statistics.median(surge[0]))
        table.add_row(name, f"{reports:,}", *(f"{figure:.2f}" for figure in figures), f"{taken[1] / tries:.2f}")
        slow |= max(median, statistics.median(surge[0])) > ALLOWED_MS
        installation.database.dispose()
    console.print(table)
    context.exit(1 if slow else 0)


def _databases() -> Iterator[tuple[str, Installation]]:
    with tempfile.TemporaryDirectory() as folder, _servers() as servers:
        servers.prepare_template(lambda address: make.migrated(make.settings(database_url=address)))
        sqlite = make.settings(data_dir=Path(folder))
        make.migrated(sqlite)
        yield "SQLite", open_installation(sqlite)
        yield "PostgreSQL", open_installation(make.settings(data_dir=Path(folder), database_url=servers.new_database()))


@contextmanager
def _servers() -> Iterator[Servers]:
    servers = Servers()
    try:
        yield servers
    finally:
        servers.stop()


def _texts(installation: Installation) -> list[Told]:
    """The labelled messages of the tests, as they may come in one hour."""
    lines = (ROOT / "tests" / "data" / "triage_cases.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    chance = random.Random(4)
    return [
        Told(text, trace_of(text, triage(text, installation.lexicon)))
        for text in chance.sample(texts, min(MOST_TEXTS, len(texts)))
    ]


def _fill(installation: Installation, told: list[Told], count: int, name: str, console: Console) -> Whereabouts:
    surge = Told(SURGE, trace_of(SURGE, triage(SURGE, installation.lexicon)))
    chance = random.Random(5)
    with installation.database.transaction() as session:
        port = make.port(session)
        where = register.find_poster(session, port.codes["gate"])
    assert where is not None
    for start in track(range(0, count, BATCH), f"filling {name}", console=console, transient=True):
        with installation.database.transaction() as session:
            for at in range(start, min(start + BATCH, count)):
                one = surge if chance.random() < SURGE_SHARE else chance.choice(told)
                _open(session, port, where, one, at, count)
    return where


def _open(session: Session, port: make.Port, where: Whereabouts, told: Told, at: int, count: int) -> None:
    moment = make.NOON - SPAN * (1 - at / count)
    case_id = add_row(
        session,
        Case,
        **{column.name: None for column in Case.__table__.columns if column.name != "id"}  # type: ignore[attr-defined]
        | {"reference": f"B{at}", "authority_id": 1, "queue_id": port.queues["gates"], "site_id": where.site_id}
        | {"place_id": where.place_id, "status": CaseStatus.TRIAGED, "category": told.trace.category}
        | {"severity": "medium", "urgency": 1, "reporter_waits": True, "route_reason": "", "version": 1}
        | {"opened_at": moment, "changed_at": moment, "paused_seconds": 0, "escalation": 0},
    )
    report_id = add_row(
        session,
        Report,
        reference=f"B{at}",
        case_id=case_id,
        site_id=where.site_id,
        place_id=where.place_id,
        poster_id=where.poster_id,
        typed_code=None,
        found_by=FoundBy.SCANNED,
        channel=Channel.WEB,
        reporter=None,
        language="en",
        text=told.text,
        access_salt=b"",
        access_hash=f"B{at}",
        received_at=moment,
    )
    here = {"site_id": where.site_id, "zone_id": where.zone_id, "place_id": where.place_id}
    trace = {"language": told.trace.language, "category": told.trace.category, "terms": dict(told.trace.terms)}
    add_row(session, ReportTrace, report_id=report_id, told_at=moment, **here, **trace)
    for term in looked_up_by(told.trace):
        add_row(session, TraceTerm, site_id=where.site_id, term=term, report_id=report_id, told_at=moment)


class _Undone(Exception):
    """Ends a transaction without a trace."""


def _time(installation: Installation, told: list[Told], where: Whereabouts, tries: int) -> tuple[list[float], int]:
    """The milliseconds of each proposal, and how many cases were proposed in all."""
    taken: list[float] = []
    proposed = 0
    for number in range(tries + 20):
        one = told[number % len(told)]
        try:
            with installation.database.transaction() as session:
                template = session.get_one(Report, 1)
                values = {column.name: getattr(template, column.name) for column in Report.__table__.columns}  # type: ignore[attr-defined]
                values |= {"reference": "NEW", "access_hash": "NEW", "text": one.text, "received_at": make.NOON}
                report_id = add_row(session, Report, **{name: value for name, value in values.items() if name != "id"})
                start = time.perf_counter()
                # Before this hour's first report: the case itself is none of the candidates.
                found = proposals.propose(session, report_id, 1, one.trace, where, make.NOON)
                taken.append((time.perf_counter() - start) * 1000)
                proposed += found
                raise _Undone
        except _Undone:
            continue
    return taken[20:], proposed


if __name__ == "__main__":
    main()
