"""`engage worker`: send what waits, fetch what came with texts, and do what the clock asks for."""

from __future__ import annotations

import gc
import logging
import os
import select
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import parent_process

import click
from sqlalchemy.exc import DBAPIError

from engage import duties, incoming, publishing, referrals, ringing
from engage.cli.opening import opened, opened_and_current
from engage.config import Settings
from engage.delivery import Waits, deliver_next, work_until_stopped
from engage.fetching import fetch_next
from engage.gateways.twilio import TwilioGateway
from engage.installation import Installation
from engage.postroom import postroom_of, text_provider

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
#: A file that is being fetched gets this long when the worker ends; after its lease it is fetched again.
STOP_SECONDS = 1.0

log = logging.getLogger(__name__)


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now, look for texts at the provider once, then end.")
def worker(once: bool) -> None:
    """Send what waits in the outbox and fetch files, until stopped. Several may run at once."""
    with opened_and_current() as installation:
        if once:
            click.echo(_work_once(installation))
        else:
            work_until_signalled(installation)


def work_beside(settings: Settings) -> None:
    """Work in a process of its own, as long as the process lives that started it."""
    with opened(settings) as installation:
        work_until_signalled(installation)


def work_until_signalled(installation: Installation, waits: Waits | None = None) -> None:
    """Work until SIGTERM or Ctrl-C; the message in hand is finished first, and its result written."""
    postroom, provider = postroom_of(installation, waits), text_provider(installation)
    pause = _until_told_to_stop()
    gc.freeze()  # so that the process ends at once, instead of taking apart first what it has loaded
    with duties.running(installation, provider), _fetching(installation, provider):
        work_until_stopped(lambda: deliver_next(postroom, _clock), pause)


def _work_once(installation: Installation) -> str:
    """Do what is due now, and say what that was."""
    postroom, provider = postroom_of(installation), text_provider(installation)
    heard = incoming.sweep(installation, provider, _clock) if provider else 0
    referrals.lapse_due(installation.database, _clock())
    ringing.ring_what_is_due(installation.database, _clock())
    publishing.publish_if_due(installation, _clock())
    sent = _times(lambda: deliver_next(postroom, _clock))
    fetched = _times(lambda: _fetch_next(installation, provider)) if provider else 0
    return f"{sent} taken up." + (f" {fetched} files. {heard} texts found at the provider." if provider else "")


def _times(do_next: Callable[[], bool]) -> int:
    done = 0
    while do_next():
        done += 1
    return done


def _fetch_next(installation: Installation, provider: TwilioGateway) -> bool:
    return fetch_next(installation.database, installation.vault, provider.fetch_media, _clock)


def _fetch_or_note(installation: Installation, provider: TwilioGateway) -> bool:
    """Fetch the next file. A fault that nobody thought of would end the thread, and nobody would see it gone."""
    try:
        return _fetch_next(installation, provider)
    except DBAPIError:
        raise
    except Exception:
        log.exception("The next file could not be taken up")
        return False


@contextmanager
def _fetching(installation: Installation, provider: TwilioGateway | None) -> Iterator[None]:
    """Fetch files in a thread of its own, so that no message waits for a picture."""
    if provider is None:
        yield
        return
    stopping = threading.Event()
    work = (lambda: _fetch_or_note(installation, provider), stopping.wait)
    thread = threading.Thread(target=work_until_stopped, args=work, name="fetching", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(STOP_SECONDS)


def _clock() -> datetime:
    return datetime.now(UTC)


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
