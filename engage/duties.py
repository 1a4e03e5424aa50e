"""Periodic duties: what must be done by the clock, though nobody asks. The only file that knows huey.

huey forgets a duty that was begun when its process died. So no duty may be needed but once: each finds out by itself
what is left to do, and is safe to run twice and at several machines. Its clock has minutes only, so that alarms, which
are looked after every few seconds, have a thread of their own.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from huey import Huey, RedisHuey, SqliteHuey, crontab
from huey.consumer import Consumer
from huey.serializer import SignedSerializer

from engage import incoming, proposals, publishing, referrals, ringing, uploads
from engage.gateways.twilio import TwilioGateway
from engage.installation import Installation
from engage.posters import telling

QUEUE_FILE: Final = "duties.sqlite3"
#: The minute of the hour at which we look for texts that the provider could not tell us of.
SWEEP_MINUTE: Final = "7"
#: A duty in hand gets this long to end when the worker does. What it has not done, the next one does.
STOP_SECONDS: Final = 1.0
#: How long an idle consumer waits before it looks into its queue again, at most.
LOOK_EVERY_SECONDS: Final = 5.0
SCHEDULER_SECONDS: Final = 60
#: How often we look for promises that came to stand worse, and for alarms that are to ring.
ALARM_SECONDS: Final = 20.0
#: How often we look whether a day has passed since the head of the trail was published.
HEAD_SECONDS: Final = 300.0
#: How often posters are judged by what was counted of them, and how long after the start.
POSTER_SECONDS: Final = 1800.0
#: How often unfinished uploads are looked through.
UPLOAD_SECONDS: Final = 3600.0
FIRST_POSTER_SECONDS: Final = 60.0

log = logging.getLogger(__name__)


@contextmanager
def running(installation: Installation, provider: TwilioGateway | None) -> Iterator[None]:
    """Do the duties in threads of this process as long as the block lasts; those about texts with a provider only."""
    stopping = threading.Event()
    rounds = [_Round("alarms", _look_after_alarms, ALARM_SECONDS, ALARM_SECONDS)]
    rounds.append(_Round("posters", _watch_posters, FIRST_POSTER_SECONDS, POSTER_SECONDS))
    rounds.append(_Round("uploads", _sweep_uploads, UPLOAD_SECONDS, UPLOAD_SECONDS))
    if installation.settings.audit_head_to:
        rounds.append(_Round("heads", _publish_head, 0.0, HEAD_SECONDS))
    threads = [
        threading.Thread(target=_go_round, args=(one, installation, stopping), name=one.name, daemon=True)
        for one in rounds
    ]
    for thread in threads:
        thread.start()
    try:
        with _texts(installation, provider):
            yield
    finally:
        stopping.set()
        for thread in threads:
            thread.join(STOP_SECONDS)


@dataclass(frozen=True, slots=True)
class _Round:
    """A duty of its own thread: done first after some seconds, then again and again."""

    name: str
    work: Callable[[Installation], None]
    first_after: float
    every: float


def _go_round(one: _Round, installation: Installation, stopping: threading.Event) -> None:
    wait = one.first_after
    while not stopping.wait(wait):
        wait = one.every
        try:
            one.work(installation)
        except Exception:  # the next round may succeed, and nothing else would do it
            log.exception("This duty failed: %s", one.name)


def _look_after_alarms(installation: Installation) -> None:
    try:
        referrals.lapse_due(installation.database, datetime.now(UTC))
    except Exception:  # an offer that nobody answered is shown as lapsed all the same
        log.exception("Offers could not be looked after")
    try:
        ringing.ring_what_is_due(installation.database, datetime.now(UTC))
    except Exception:  # the next look may succeed, and nothing else would ring
        log.exception("Alarms could not be looked after")
    proposals.forget_old_terms(installation.database, datetime.now(UTC))


def _sweep_uploads(installation: Installation) -> None:
    with installation.database.transaction() as session:
        uploads.sweep(session, datetime.now(UTC))


def _publish_head(installation: Installation) -> None:
    published = publishing.publish_if_due(installation, datetime.now(UTC))
    for trouble in published.troubles.values() if published else ():
        log.error("The head of the trail was not published: %s", trouble)


def _watch_posters(installation: Installation) -> None:
    telling.look_and_tell(installation.database, datetime.now(UTC))


@contextmanager
def _texts(installation: Installation, provider: TwilioGateway | None) -> Iterator[None]:
    """Look for texts that nobody told us of, until the block ends."""
    if provider is None:
        yield
        return
    consumer = _Consumer(
        _huey(installation, provider),
        max_delay=LOOK_EVERY_SECONDS,
        scheduler_interval=SCHEDULER_SECONDS,
        shutdown_timeout=STOP_SECONDS,
    )
    consumer.start()
    try:
        yield
    finally:
        consumer.stop(graceful=True)


def _huey(installation: Installation, provider: TwilioGateway) -> Huey:
    """The duties and their queue: in Redis where one is set, else in a file of this machine."""
    settings = installation.settings
    # It unpickles what it finds in the queue, so that must be of our own making.
    signed = SignedSerializer(installation.vault.key_for("duties").hex(), "engage duties")
    shared: dict[str, Any] = {"results": False, "serializer": signed}
    huey = (
        RedisHuey("engage", url=settings.redis_url, **shared)
        if settings.redis_url
        else SqliteHuey("engage", filename=str(settings.data_dir / QUEUE_FILE), **shared)
    )

    def sweep() -> None:
        incoming.sweep(installation, provider, lambda: datetime.now(UTC))

    # Once at the start as well: texts came while nothing of ours was up. It runs in the consumer's own thread.
    huey.on_startup("sweep")(sweep)
    huey.periodic_task(crontab(minute=SWEEP_MINUTE), name="sweep")(sweep)
    return huey


class _Consumer(Consumer):  # type: ignore[misc]
    """Leaves the signals of the process to the worker that it runs beside."""

    def _set_signal_handlers(self) -> None:
        """None are set."""
