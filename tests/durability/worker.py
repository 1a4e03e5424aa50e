"""`engage worker` with shorter waits: the real one in every other way. It begins when a line comes in, so that another
can stand ready; `python -m tests.durability.worker LEASE LEAST_LEFT FIRST_WAIT` in seconds.
"""

from __future__ import annotations

import sys
from datetime import timedelta

from engage.cli.opening import opened_and_current
from engage.cli.worker import work_until_signalled
from engage.delivery import Waits


def main() -> None:
    """Open everything, wait for a line, and work; end at once when there is none."""
    with opened_and_current() as installation:
        if sys.stdin.readline():
            work_until_signalled(installation, Waits(*(timedelta(seconds=float(given)) for given in sys.argv[1:])))


if __name__ == "__main__":
    main()
