"""What reporters are told of when somebody reads their words: remembered for a minute, said in their language.

The page behind a poster is loaded often and must stay cheap, so that it asks the database once a minute for each zone
and queue; a minute makes the sentence no less true.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from typing import Final

from flask import current_app
from sqlmodel import Session

from engage import outlook
from engage.languages import say_clock, say_length, say_time
from engage.posters.register import Whereabouts
from engage.watches import Public
from engage.web.frame import installation, language, now, say

REMEMBERED: Final = timedelta(minutes=1)
#: Zones and queues; then the memory starts anew.
_MOST: Final = 5_000
_SOON: Final = timedelta(hours=18)

_Memory = dict[Hashable, tuple[datetime, Public]]


def at_place(where: Whereabouts) -> str:
    """What may be told at a place, before anything is written."""
    key = (where.site_id, where.zone_id)
    return _said(_known(key, lambda session, at: outlook.of_place(session, where, at)), where)


def of_queue(queue_id: int, where: Whereabouts) -> str:
    """What may be told to somebody whose report waits in a queue."""
    return _said(_known(queue_id, lambda session, at: outlook.of_queue(session, queue_id, at)), where)


def _known(key: Hashable, ask: Callable[[Session, datetime], Public]) -> Public:
    memory: _Memory = current_app.extensions.setdefault("engage_outlooks", {})
    at = now()
    asked_at, found = memory.get(key, (None, None))
    if found is not None and asked_at is not None and timedelta() <= at - asked_at < REMEMBERED:
        return found
    with installation().database.reading() as session:
        found = ask(session, at)
    if len(memory) >= _MOST:
        memory.clear()
    memory[key] = (at, found)
    return found


def _said(told: Public, where: Whereabouts) -> str:
    lately = (
        say("Time to a first answer, lately: about %(time)s.", time=say_length(language(), told.first_answer))
        if told.first_answer
        else ""
    )
    if told.staffed:
        return " ".join(filter(None, [say("Staffed now: somebody reads what comes in."), lately]))
    return " ".join(filter(None, [_unstaffed(told, where, bool(lately)), lately, _danger(where)]))


def _unstaffed(told: Public, where: Whereabouts, answers: bool) -> str:
    if told.reads_by is None:
        return "" if answers else say("We cannot say when somebody reads this.")
    if told.reads_by <= now():
        return say("Nobody has taken the watch yet; somebody should come at any moment.")
    moment = say_clock if told.reads_by - now() < _SOON else say_time
    return say("Nobody reads this before %(time)s.", time=moment(language(), told.reads_by, where.timezone))


def _danger(where: Whereabouts) -> str:
    return say("If someone is in danger, call %(number)s.", number=where.emergency_number)
