"""The demo's shift: who has the watch of which queue when it begins, and what they leave to whoever comes next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlmodel import select

from engage import accounts, handovers, watches
from engage.demo import Duration
from engage.installation import Installation
from engage.models import Queue, Watch
from engage.sites.reading import DescriptionError, read_entries
from engage.sites.values import Entry


class WatchHad(Entry):
    """A watch that is on, `since` so long before the moment of telling; `handover` are its last words, if it ends."""

    queue: str
    staff: str
    since: Duration
    handover: str = ""


def read_shift(folder: Path) -> tuple[WatchHad, ...]:
    """The watches of shift.yaml in a folder. Raises `DescriptionError`."""
    return read_entries(folder / "shift.yaml", tuple[WatchHad, ...])


def begin_shift(installation: Installation, had: Sequence[WatchHad], now: datetime) -> int:
    """Let them have their watches, and give how many were new; a queue that ever had one is left as it is.

    Raises `DescriptionError` for a queue or a member of staff that there is not.
    """
    with installation.database.transaction() as session:
        known = set(session.exec(select(Queue.slug).join(Watch)))
        new = [one for one in had if one.queue not in known]
        for one in new:
            officer = accounts.officer_by_login(session, one.staff)
            if officer is None:
                raise DescriptionError(f"shift.yaml: there is no {one.staff}")
            watches.take(session, officer, one.queue, now - one.since)
            if one.handover:
                handovers.write(session, officer, one.queue, now, words=one.handover)
    return len(new)
