"""What counting costs the poster's page: GET, which is counted, beside HEAD, which is not: `python -m bench.openings`.

Both under the server and with the options of `engage serve`, in turn, from eight connections of this process. Then it
waits until the counts are written: every page that was answered is among them.
"""

from __future__ import annotations

import http.client
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from bench.intake import served
from engage.installation import open_installation
from engage.models import PosterScan
from engage.posters.scans import WRITTEN_AFTER_SECONDS
from tests import make
from tests.durability.server import environment_of
from tests.servers import Servers, free_port

CONNECTIONS = 8
ROUNDS = 5
SECONDS = 3.0


def rate(port: int, method: str, path: str, seconds: float) -> tuple[int, float]:
    """How many pages were answered, and how many a second."""
    answered = [0] * CONNECTIONS
    began = time.perf_counter()

    def visit(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while time.perf_counter() - began < seconds:
            connection.request(method, path)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{method} {path} was answered {answer.status}")
            answered[number] += 1
        connection.close()

    visitors = [threading.Thread(target=visit, args=(number,)) for number in range(CONNECTIONS)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    return sum(answered), sum(answered) / (time.perf_counter() - began)


def compare(kind: str, folder: Path) -> None:
    """Measure on fresh tables of one kind of database, and print."""
    servers = Servers()
    address = servers.empty_database() if kind == "postgresql" else ""
    settings = make.settings(data_dir=folder, database_url=address)
    make.migrated(settings)
    opened = open_installation(settings)
    with opened.database.transaction() as session:
        code = make.port(session).codes["gate"]
    path = f"/P/{code}/{opened.vault.poster_tag(code, 1)}"
    port, pages = free_port(), 0
    rates: dict[str, list[float]] = {"HEAD": [], "GET": []}
    command = [sys.executable, "-m", "engage.cli", "serve", "--port", str(port)]
    with served(command, environment_of(settings), port):
        rate(port, "HEAD", path, SECONDS)
        for _ in range(ROUNDS):
            for method, found in rates.items():
                answered, a_second = rate(port, method, path, SECONDS)
                found.append(a_second)
                pages += answered if method == "GET" else 0
        time.sleep(WRITTEN_AFTER_SECONDS + 1)
    counted = sum(row.scans for row in make.rows(opened, PosterScan))
    head, get = (statistics.median(found) for found in rates.values())
    print(f"{kind:10}  HEAD {head:5.0f}/s  GET {get:5.0f}/s  GET/HEAD {get / head:.2f}  {counted} of {pages} counted")
    opened.database.dispose()
    servers.stop()


def main() -> None:
    """Print the figures."""
    for kind in ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory(prefix="engage-bench-") as folder:
            compare(kind, Path(folder))


if __name__ == "__main__":
    main()
