"""Texts as the provider tells of them: heard when it calls, and looked for in its list for the times when it could not.

By either way a text has the same key, so that it counts once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from engage import arrivals, hearing
from engage.contacts import Sender
from engage.doing import TextArrival
from engage.gateways import GatewayDown
from engage.gateways.twilio import IncomingText, TwilioGateway
from engage.hearing import Reply
from engage.installation import Installation
from engage.taxonomy import Channel

#: How far back we look: a day and some hours, so that nothing is missed while the sweep itself could not run.
LOOK_BACK: Final = timedelta(hours=26)

log = logging.getLogger(__name__)


def hear(installation: Installation, text: IncomingText, now: datetime) -> Reply:
    """Hear a text, once for its id, for ever; committed when this returns."""
    arrival = TextArrival(
        text=text.text,
        key=_key(text.sid),
        channel=Channel(text.carrier.value),
        sender=Sender(text.carrier, text.sender, text.our_number, text.answerable),
        pictures=tuple((picture.url, picture.content_type) for picture in text.media),
        settled=text.opt_out is not None,
    )
    return hearing.take_text(installation, arrival, now)


def sweep(installation: Installation, provider: TwilioGateway, clock: Callable[[], datetime]) -> int:
    """Hear what the provider has taken in lately and we have not, oldest first; gives how many there were.

    Safe to run twice, and beside the provider's own calls. What cannot be heard now is found again by the next sweep.
    """
    heard = 0
    for text in reversed(_missing(installation, provider, clock() - LOOK_BACK)):
        try:
            heard += not hear(installation, text, clock()).repeated
        except Exception:  # one that we stumble over must not stop those behind it
            log.exception("A text that the provider has could not be heard")
    return heard


def _missing(installation: Installation, provider: TwilioGateway, since: datetime) -> list[IncomingText]:
    """What the provider has since a moment and we have not. When its list breaks off, what it gave until then."""
    found: list[IncomingText] = []
    try:
        for text in provider.list_incoming(since, lambda sid: _is_known(installation, sid)):
            found.append(text)
    except GatewayDown as problem:
        log.warning("The list of texts at the provider could not be read to its end: %s", problem)
    return found


def _is_known(installation: Installation, sid: str) -> bool:
    with installation.database.reading() as session:
        return arrivals.find_by_key(session, installation.vault, _key(sid)) is not None


def _key(sid: str) -> str:
    return f"twilio {sid}"
