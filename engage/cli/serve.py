"""`engage serve`: answer requests until stopped."""

from __future__ import annotations

import errno
import gc
import os
import runpy
import signal
import socket
import threading
from multiprocessing import connection, parent_process
from pathlib import Path
from typing import Any

import click
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from engage.cli.opening import Refusal, opened_and_current

WSGI_FILE = Path(__file__).parents[2] / "wsgi.py"
#: One process: on SQLite writers take turns anyway, and threads hand the turn over faster than processes do. A thread
#: costs little while it waits for the disk or for a slow phone, and is ended when it is not needed.
WORKERS = 1
THREADS = 64
#: Connections that the kernel holds for us while we are busy.
BACKLOG = 1024
#: A phone that takes longer to say what it wants is gone, or means harm.
HEADER_SECONDS = 10
#: Requests in hand get this long to end.
STOP_SECONDS = 2


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 is every one.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=WORKERS, show_default=True, type=click.IntRange(1), help="Processes; 1 for SQLite.")
@click.option("--threads", default=THREADS, show_default=True, type=click.IntRange(1), help="Threads of each process.")
def serve(host: str, port: int, workers: int, threads: int) -> None:
    """Answer requests until stopped. Writes no log of addresses: nobody may learn who reported."""
    with opened_and_current():
        pass  # closed again before the workers begin: an open database cannot be shared with a forked process
    refuse_taken_port(host, port)
    click.echo(f"Engage listens on {host}, port {port}.")
    serve_until_stopped(host, port, workers, threads)


def refuse_taken_port(host: str, port: int) -> None:
    """Refuse an address and port that cannot be listened on.

    Asked before the server starts, because it shares its port among its processes and would share it with another
    Engage without a word.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            probe.listen(1)
    except OSError as problem:
        if problem.errno == errno.EADDRINUSE:
            raise Refusal(f"Port {port} is in use by another program; choose one with --port.") from None
        raise Refusal(f"Cannot listen on {host}, port {port}: {problem.strerror}.") from None


def serve_until_stopped(host: str, port: int, workers: int = WORKERS, threads: int = THREADS) -> None:
    """Serve the settings of the environment until SIGTERM or Ctrl-C; exit code 1 when a worker died by itself."""
    server = Granian(
        f"{WSGI_FILE}:app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        backlog=BACKLOG,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000),
        websockets=False,
        log_access=False,
        log_level=LogLevels.error,
        workers_kill_timeout=STOP_SECONDS,
    )
    gc.freeze()  # what is loaded by now is shared with the forked workers, and need not be taken apart at the end
    try:
        server.serve(target_loader=_application, wrap_loader=False)
    except SystemExit:
        # A worker that ended before it was told to, while all were being told, is no failure.
        if not server.interrupt_signal:
            raise


def _application() -> Any:
    """The application, in a worker process, from whatever folder the command was called in."""
    # Ctrl-C reaches every process of the terminal, and then the server tells its workers to end: the two signals close
    # together can make a worker wait for itself. It listens to its server alone, and so do the threads it starts.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with_parent, daemon=True).start()
    return runpy.run_path(str(WSGI_FILE))["app"]


def _end_with_parent() -> None:
    """A worker whose server was killed would hold the port for ever."""
    parent: Any = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)
