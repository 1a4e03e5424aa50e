"""Workers in processes of their own, killed at random and replaced at once."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from types import TracebackType

from engage.config import Settings
from engage.delivery import Waits
from tests.durability.server import ROOT, environment_of

#: A production worker has a row for a minute, because a provider may take half of that to answer. The fake one answers
#: within two seconds or not at all.
IMPATIENT = ("10", "8", "0.2")
STOP_SECONDS = 20


class Workers:
    """Some workers. Begun by `with`, stopped at its end."""

    def __init__(self, settings: Settings, number: int, *, impatient: bool = True) -> None:
        waits = Waits()
        patient = (waits.lease, waits.least_left, waits.first)
        given = IMPATIENT if impatient else tuple(str(wait.total_seconds()) for wait in patient)
        self.killed = 0
        self._number = number
        self._working: list[int] = []
        self._beginner = subprocess.Popen(
            [sys.executable, "-m", "tests.durability.worker", *given],
            cwd=ROOT,
            env={**os.environ, **environment_of(settings)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def kill_one(self, chance: random.Random) -> None:
        """SIGKILL to one of those at work; another begins at once."""
        at = chance.randrange(len(self._working))
        _end(self._working[at], signal.SIGKILL)
        self.killed += 1
        self._working[at] = self._begun()

    def __enter__(self) -> Workers:
        self._working = [self._begun() for _ in range(self._number)]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._working:
            _end(process, signal.SIGTERM)
        assert self._beginner.stdin is not None
        assert self._beginner.stdout is not None
        self._beginner.stdin.close()
        self._beginner.wait(STOP_SECONDS)
        self._beginner.stdout.close()

    def _begun(self) -> int:
        """The id of a process that has just begun to work."""
        assert self._beginner.stdin is not None
        assert self._beginner.stdout is not None
        self._beginner.stdin.write("another\n")
        self._beginner.stdin.flush()
        return int(self._beginner.stdout.readline())


def _end(process: int, how: signal.Signals) -> None:
    """Send a process its signal, and return when it is gone; one that does not go is killed."""
    ends = time.monotonic() + STOP_SECONDS
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, how)
        while True:
            time.sleep(0.002)
            os.kill(process, signal.SIGKILL if time.monotonic() > ends else 0)
