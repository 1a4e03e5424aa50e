"""`engage worker` with shorter waits, and otherwise the real one: a process of its own for every line that comes in.

`python -m tests.durability.worker LEASE LEAST_LEFT FIRST_WAIT` (seconds) loads the code once, and answers each line
with the id of a new process that works. So a killed one is replaced at once, and not after a second of loading.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from datetime import timedelta

from engage.cli.opening import opened_and_current
from engage.cli.worker import work_until_signalled
from engage.delivery import Waits


def main() -> None:
    """Begin workers until the input ends; then they end too."""
    waits = Waits(*(timedelta(seconds=float(given)) for given in sys.argv[1:]))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that were killed
    begun = []
    while sys.stdin.readline():
        process = os.fork()
        if not process:
            _work(waits)
        begun.append(process)
        print(process, flush=True)
    for process in begun:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGTERM)


def _work(waits: Waits) -> None:
    """Work, and end this process without a look at what it shares with the one that began it."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    code = 1
    try:
        with opened_and_current() as installation:
            work_until_signalled(installation, waits)
        code = 0
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
