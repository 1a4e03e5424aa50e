"""How the pages of the desk keep their speed as reports come in: `python -m bench.desk --reports 10000,100000,1000000`.

Every size has a database of its own; all are measured in turns within one run, through the whole application in this
process. A fifth of the cases are open, which is more than any site would bear.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from flask.testing import FlaskClient
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlmodel import Session, col, select

from engage import create_app, search
from engage.db import add_rows
from engage.installation import Installation
from engage.listing import PAGE, Spot
from engage.models import Case, CaseEvent, Report
from engage.posters.codes import new_reference
from engage.taxonomy import CaseStatus, Category, Channel, Disposition, FoundBy, Happening, Severity
from engage.web.queue_asking import written
from tests import make
from tests.functional.staff_browser import signed_in
from tests.servers import Servers

MOST_PAGE, MOST_SEARCH, MOST_DATABASE = 1.3, 3.0, 1 / 3
DATABASE = "database"
OPEN_SHARE = 0.2
CHUNK = 5_000
LANGUAGES = ("en", "es", "fr", "ru", "ar", "zh", "pt", "fil")
#: A word of each in so many texts: what is searched for is found at every size.
COMMON, RARER = 0.2, 0.005
_SAID = {
    "en": "smoke fence guard suspicious bag lift queue broken door camera water light noise window bench",
    "es": "humo valla guardia sospechoso bolsa ascensor puerta agua luz ruido ventana banco fila roto",
    "fr": "fumée clôture gardien suspect sac ascenseur porte eau lumière bruit fenêtre banc cassé",
    "ru": "дым забор охрана подозрительный сумка лифт дверь вода свет шум окно скамья",
    "ar": "دخان سياج حارس مشبوه حقيبة مصعد باب ماء ضوء ضجيج نافذة مقعد",
    "zh": "冒烟 围栏 保安 可疑 行李 电梯 坏门 漏水 灯光 噪音 窗户 座位",
    "pt": "fumaça cerca guarda suspeito saco elevador porta água luz ruído janela banco",
    "fil": "usok bakod bantay kahinahinala bag elebeytor pinto tubig ilaw ingay bintana upuan",
}
WORDS = {language: said.split() for language, said in _SAID.items()}


@dataclass(slots=True)
class Site:
    """A database of one size, its browser, the pages that are asked for, and the milliseconds that each took."""

    reports: int
    installation: Installation
    client: FlaskClient
    pages: dict[str, list[str]]
    took: dict[str, list[float]] = field(default_factory=dict)

    def median(self, page: str) -> float:
        """The median time of a page, in milliseconds."""
        return statistics.median(self.took[page])

    @property
    def database_share(self) -> float:
        """The database's part of a queue page."""
        return self.median(DATABASE) / self.median("queue page")


@click.command()
@click.option("--reports", default="10000,100000", show_default=True, help="Sizes, divided by commas.")
@click.option("--rounds", default=30, show_default=True, type=click.IntRange(3), help="Times each page is asked for.")
@click.option("--database", type=click.Choice(["sqlite", "postgresql", "both"]), default="both", show_default=True)
def desk(reports: str, rounds: int, database: str) -> None:
    """Build the databases, then ask every one for every page, in turns."""
    console, sizes = Console(), sorted(int(one) for one in reports.split(","))
    for kind in ("sqlite", "postgresql") if database == "both" else (database,):
        with tempfile.TemporaryDirectory(prefix="engage-bench-") as folder, sites(kind, Path(folder), sizes) as built:
            with console.status(f"Measuring on {kind} …"):
                measure(built, rounds)
            console.print(table(kind, built))
            for sentence in verdicts(built):
                console.print(sentence)


@contextmanager
def sites(kind: str, folder: Path, sizes: list[int]) -> Iterator[list[Site]]:
    """A site for each size, on fresh databases of one kind."""
    servers, built = Servers(), []
    try:
        for size in sizes:
            own = folder / str(size)
            own.mkdir()
            address = servers.empty_database() if kind == "postgresql" else ""
            settings = make.settings(data_dir=own, database_url=address, log_level="ERROR")
            make.migrated(settings)
            app = create_app(settings)
            opened: Installation = app.extensions["engage"]
            with opened.database.transaction() as session:
                port = make.port(session)
            fill(opened, port, size, f"{kind}, {size:,} reports")
            built.append(Site(size, opened, signed_in(app, "ana").client, pages_of(opened, port)))
        yield built
        for site in built:
            site.installation.database.dispose()
    finally:
        servers.stop()


def fill(opened: Installation, port: make.Port, size: int, what: str) -> None:
    """Put so many reports into a database, each in a case of its own, with its words to search for."""
    chance = random.Random(7)
    references = _references(size)
    with Progress() as progress:
        task = progress.add_task(what, total=size)
        for begin in range(0, size, CHUNK):
            rows = [_row(chance, port, at, references[at]) for at in range(begin, min(size, begin + CHUNK))]
            with opened.database.transaction() as session:
                add_rows(session, Case, [row["case"] for row in rows])
                add_rows(session, Report, [row["report"] for row in rows])
                add_rows(session, CaseEvent, [row["event"] for row in rows])
                for at, row in enumerate(rows, begin + 1):
                    search.start(session, at, [row["report"]["text"], row["case"]["reference"], "Harbour Gate B12"])
            progress.advance(task, len(rows))
    for statement in ("ANALYZE",) if opened.database.is_sqlite else ("VACUUM ANALYZE",):
        with opened.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(statement)


def _references(size: int) -> list[str]:
    found: set[str] = set()
    while len(found) < size:
        found.add(new_reference(7))
    return sorted(found)


def _row(chance: random.Random, port: make.Port, at: int, reference: str) -> dict[str, dict[str, Any]]:
    opened_at = make.NOON - timedelta(seconds=7 * at)
    severity = chance.choice(list(Severity))
    is_open = chance.random() < OPEN_SHARE
    queue = port.queues[chance.choice(("marine", "marine", "gates", "control"))]
    language = chance.choice(LANGUAGES)
    case = {
        **dict.fromkeys(name for name in Case.model_fields if name != "id"),
        "reference": reference,
        "authority_id": 1,
        "queue_id": queue,
        "site_id": port.site,
        "place_id": chance.choice(list(port.places.values())),
        "status": CaseStatus.TRIAGED if is_open else CaseStatus.CLOSED,
        "category": chance.choice(list(Category)),
        "severity": severity,
        "urgency": severity.urgency,
        "reporter_waits": chance.random() < 0.5,
        "route_reason": "Bench",
        "opened_at": opened_at,
        "changed_at": opened_at,
        "closed_at": None if is_open else opened_at,
        "disposition": None if is_open else Disposition.ADVISED,
        "version": 1,
        "resolve_by": opened_at + timedelta(hours=chance.randrange(1, 200)),
        "paused_seconds": 0,
        "escalation": 0,
    }
    case["due_at"] = case["resolve_by"] if is_open else None
    case["paused_at"] = opened_at if is_open and chance.random() < 0.1 else None
    report = {
        **dict.fromkeys(name for name in Report.model_fields if name != "id"),
        "reference": reference,
        "case_id": at + 1,
        "site_id": port.site,
        "place_id": case["place_id"],
        "found_by": FoundBy.SCANNED,
        "channel": chance.choice((Channel.WEB, Channel.CHAT, Channel.SMS)),
        "language": language,
        "text": _text(chance, language),
        "access_salt": b"0" * 16,
        "access_hash": f"{at:064x}",
        "received_at": opened_at,
    }
    received = {"what": Happening.RECEIVED, "details": {"channel": report["channel"]}}
    return {"case": case, "report": report, "event": {"case_id": at + 1, "at": opened_at, "staff_id": None, **received}}


def _text(chance: random.Random, language: str) -> str:
    words = chance.choices(WORDS[language], k=chance.randrange(5, 25))
    if chance.random() < COMMON:
        words.append("terminal")
    if chance.random() < RARER:
        words.append("zeppelin")
    return " ".join([*words, f"n{chance.randrange(5000)}"])


def pages_of(opened: Installation, port: make.Port) -> dict[str, list[str]]:
    """The addresses of the pages that are measured."""
    queue = "/desk/queues/marine"
    with opened.database.reading() as session:
        own = (Case.queue_id == port.queues["marine"], col(Case.closed_at).is_(None), col(Case.paused_at).is_(None))
        middle = _middle(session, select(Case).where(*own).order_by(col(Case.due_at), col(Case.id)))
        ended = (Case.queue_id == port.queues["marine"], Case.urgency == 2, col(Case.closed_at).is_not(None))
        old = _middle(session, select(Case).where(*ended).order_by(col(Case.id)))
        session.expunge_all()
        references = list(session.exec(select(Case.reference).where(Case.id % 997 == 5).limit(20)))  # type: ignore[operator]
    assert middle.due_at is not None
    micros = (middle.due_at - make.NOON.replace(year=1970, month=1, day=1, hour=0)) // timedelta(microseconds=1)
    spot = written(Spot(0, micros, middle.id or 0))
    return {
        "queue page": [queue],
        "all my queues": ["/desk/queues/all"],
        "by severity": [f"{queue}?sort=severity"],
        "filtered page": [f"{queue}?severity=high&waits=1"],
        "deep page": [f"{queue}?after={spot}"],
        "deep page, backwards": [f"{queue}?before={spot}"],
        "deep page, ended": [f"{queue}?status=closed&after={written(Spot(0, 2, old.id or 0))}"],
        "search, common word": ["/desk/search?q=terminal"],
        "search, rarer word": ["/desk/search?q=zeppelin"],
        "search, two words": ["/desk/search?q=smoke+termin"],
        "search, reference": [f"/desk/search?q={reference}" for reference in references],
        "case page": [f"/desk/cases/{reference}" for reference in references],
    }


def _middle(session: Session, query: Any) -> Case:
    count = session.exec(select(sa.func.count()).select_from(query.subquery())).one()
    return session.exec(query.offset(count // 2).limit(1)).one()  # type: ignore[no-any-return]


def measure(built: list[Site], rounds: int) -> None:
    """Ask every site for every page, in turns, after a few times to warm up."""
    for number in range(-3, rounds):
        for site in built:
            if number >= 0:
                site.took.setdefault(DATABASE, []).append(database_time(site, site.pages["queue page"][0]))
        for page in built[0].pages:
            for site in built:
                addresses = site.pages[page]
                took = timed(lambda site=site, address=addresses[number % len(addresses)]: get(site, address))  # type: ignore[misc]
                if number >= 0:
                    site.took.setdefault(page, []).append(took)


def timed(act: Callable[[], object]) -> float:
    """How long it took, in milliseconds."""
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def get(site: Site, address: str) -> None:
    """Read one page to its end."""
    answer = site.client.get(address)
    if answer.status_code != 200 or (
        address.startswith("/desk/queues") and answer.text.count("data-reference") != PAGE
    ):
        raise RuntimeError(f"{address}: {answer.status_code}, {answer.text.count('data-reference')} rows")


def database_time(site: Site, address: str) -> float:
    """What the statements of a page cost on the driver alone, in milliseconds, when they are asked again."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, given: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, given))

    engine = site.installation.database.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    get(site, address)
    sa.event.remove(engine, "before_cursor_execute", note)
    with engine.connect() as connection:
        cursor = connection.connection.cursor()

        def again() -> None:
            for statement, given in asked:
                cursor.execute(statement, given)
                if cursor.description:
                    cursor.fetchall()

        return timed(again)


def table(kind: str, built: list[Site]) -> Table:
    """The median times, and how they grow from the smallest size on."""
    found = Table(title=f"{kind}: {built[0].installation.database.durability()}, median milliseconds (ratio)")
    found.add_column("page")
    for site in built:
        found.add_column(f"{site.reports:,}", justify="right")
    for page in built[0].pages:
        first = built[0].median(page)
        found.add_row(page, *(f"{site.median(page):.1f} ({site.median(page) / first:.2f})" for site in built))
    found.add_row("database's part of a queue page", *(f"{site.database_share:.0%}" for site in built))
    return found


def verdicts(built: list[Site]) -> Iterator[str]:
    """What does not keep to its bounds, or that all does."""
    first, last = built[0], built[-1]
    bad = [
        f"{page}: {last.median(page) / first.median(page):.2f} times"
        for page in last.pages
        if last.median(page) > (MOST_SEARCH if "search" in page else MOST_PAGE) * first.median(page)
    ]
    bad += [
        f"database's part at {site.reports:,}: {site.database_share:.0%}"
        for site in built
        if site.database_share > MOST_DATABASE
    ]
    yield from (f"[red]{one}[/red]" for one in bad)
    if not bad:
        yield f"Within bounds: pages {MOST_PAGE} times, search {MOST_SEARCH} times, database a third of a queue page."


if __name__ == "__main__":
    desk()
