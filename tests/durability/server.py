"""A real server in processes of its own, that can be killed all at once and started again on the same port."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from engage.config import Settings
from tests import make

ROOT = Path(__file__).parents[2]
START_SECONDS = 60


class Server:
    """`engage serve` as anyone would start it. Its processes form a group of their own, known by its id."""

    def __init__(self, settings: Settings, port: int, log: Path | None = None) -> None:
        """Quiet, but where `log` is a file: then all that it says goes there, as much as the settings ask for."""
        self.port = port
        self._log = log
        said = {"ENGAGE_LOG_LEVEL": settings.log_level} if log else {}
        self._environment = {**os.environ, **environment_of(settings), **said}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; returns at once."""
        self._wait_for_port()
        command = [sys.executable, "-m", "engage.cli", "serve", "--port", str(self.port)]
        with open(self._log or os.devnull, "ab") as out:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self._environment,
                stdout=out,
                stderr=out if self._log else None,
                start_new_session=True,
            )

    def wait_until_ready(self) -> None:
        """Return when a report can be taken."""
        end = time.monotonic() + START_SECONDS
        while not self._is_ready():
            assert self._process is not None
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the server did not start: exit code {self._process.returncode}")
            time.sleep(0.02)

    def members(self) -> dict[int, str]:
        """The processes of its group by their ids, with their command lines."""
        found: dict[int, str] = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                group = int(stat.read_text().rpartition(")")[2].split()[2])
                if self._process is not None and group == self._process.pid:
                    found[int(stat.parent.name)] = (stat.parent / "cmdline").read_text().replace("\0", " ")
        return found

    def kill(self) -> None:
        """Kill every process of the group at once; nothing gets a chance to tidy up."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to stop, and kill what has not after a while."""
        self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)
        try:
            self._process.wait(START_SECONDS)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process = None

    def _is_ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _wait_for_port(self) -> None:
        """The kernel takes a moment to free the port of a killed process."""
        end = time.monotonic() + START_SECONDS
        while True:
            with socket.socket() as listener:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    listener.bind(("127.0.0.1", self.port))
                    listener.listen(1)
                    return
                except OSError:
                    if time.monotonic() > end:
                        raise
            time.sleep(0.02)


def environment_of(settings: Settings) -> dict[str, str]:
    """The settings as another process reads them, quiet."""
    return {**make.environment(settings), "ENGAGE_LOG_LEVEL": "ERROR"}
