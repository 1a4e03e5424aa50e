"""Workers in processes of their own, killed at random and replaced by one that stands ready."""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
from collections import deque
from types import TracebackType

from engage.config import Settings
from engage.delivery import Waits
from tests.durability.server import ROOT, environment_of

#: A production worker has a row for a minute, because a provider may take half of that to answer. The fake one answers
#: within two seconds or not at all.
IMPATIENT = ("10", "8", "0.2")
STOP_SECONDS = 20


class Workers:
    """Some workers that are at work, and as many that stand ready. Started by `with`, stopped at its end."""

    def __init__(self, settings: Settings, number: int, *, impatient: bool = True) -> None:
        waits = Waits()
        patient = (waits.lease, waits.least_left, waits.first)
        given = IMPATIENT if impatient else tuple(str(wait.total_seconds()) for wait in patient)
        self.killed = 0
        self._command = [sys.executable, "-m", "tests.durability.worker", *given]
        self._environment = {**os.environ, **environment_of(settings)}
        self._working = [self._started() for _ in range(number)]
        self._ready = deque(self._started() for _ in range(2))

    def kill_one(self, chance: random.Random) -> None:
        """SIGKILL to one of those at work; another begins at once."""
        at = chance.randrange(len(self._working))
        self._working[at].kill()
        _end(self._working[at])
        self.killed += 1
        self._working[at] = self._ready.popleft()
        _begin(self._working[at])
        self._ready.append(self._started())

    def __enter__(self) -> Workers:
        for process in self._working:
            _begin(process)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in (*self._working, *self._ready):
            process.terminate()
        for process in (*self._working, *self._ready):
            _end(process)

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, cwd=ROOT, env=self._environment, stdin=subprocess.PIPE)


def _begin(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(b"begin\n")
        process.stdin.flush()


def _end(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.close()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
