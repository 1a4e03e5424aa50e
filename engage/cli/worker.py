"""`engage worker`: deliver what waits in the outbox."""

from __future__ import annotations

import gc
import os
import select
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing import parent_process

import click

from engage.cli.opening import opened, opened_and_current
from engage.config import Settings
from engage.delivery import deliver_next, deliver_until_stopped
from engage.installation import Installation
from engage.postroom import postroom_of

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@click.command()
@click.option("--once", is_flag=True, help="Deliver what is due now, then end.")
def worker(once: bool) -> None:
    """Deliver what waits in the outbox, until stopped. Several may run at once."""
    with opened_and_current() as installation:
        if once:
            delivered = _deliver_all(installation)
            click.echo(f"{delivered} taken up.")
        else:
            _deliver_until_signalled(installation)


def work_beside(settings: Settings) -> None:
    """Deliver in a process of its own, as long as the process lives that started it."""
    with opened(settings) as installation:
        _deliver_until_signalled(installation)


def _deliver_all(installation: Installation) -> int:
    postroom = postroom_of(installation)
    delivered = 0
    while deliver_next(postroom, lambda: datetime.now(UTC)):
        delivered += 1
    return delivered


def _deliver_until_signalled(installation: Installation) -> None:
    """Deliver until SIGTERM or Ctrl-C; the parcel in hand is finished first, and its result written."""
    postroom = postroom_of(installation)
    gc.freeze()  # so that the process ends at once, instead of taking apart first what it has loaded
    deliver_until_stopped(postroom, lambda: datetime.now(UTC), _until_told_to_stop())


def _until_told_to_stop() -> Callable[[float], bool]:
    """A pause that ends early, and says so, once the process has a signal to stop or has lost its parent."""
    bell, rings = os.pipe()
    os.set_blocking(rings, False)
    for number in STOP_SIGNALS:
        signal.signal(number, lambda *_: None)
    # The signal's number is written here at once; an Event set by a handler could wait for itself.
    signal.set_wakeup_fd(rings)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
    parent = parent_process()
    watched = [bell, parent.sentinel] if parent else [bell]
    return lambda seconds: bool(select.select(watched, [], [], seconds)[0])
