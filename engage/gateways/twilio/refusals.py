"""What Twilio's refusals mean for a message: try again later, never, or the recipient wants no more."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from engage.gateways import GatewayDown, OptedOut, Undeliverable

LONGEST_WAIT: Final = timedelta(hours=1)
#: Where it is not known whether a message was taken, its list of messages needs a moment before it can be asked.
UNSURE_WAIT: Final = timedelta(seconds=10)
OPTED_OUT: Final = 21610
#: Refusals that are no fault of the message: our account or number is to be mended, or their line is full.
_OURS_TO_MEND: Final = frozenset({10001, 20003, 20005, 20404, 20429, 21611, 21659, 21660, 63018})
_SENTENCES: Final = {
    21211: "The recipient is not a valid phone number.",
    21217: "The recipient is not a valid phone number.",
    21408: "Our account may not send texts to the recipient's country.",
    21601: "Our number cannot send texts.",
    21602: "The message has no text.",
    21604: "The message has no recipient.",
    21606: "Our number cannot send texts to the recipient.",
    21608: "A trial account may send only to numbers that it has verified.",
    OPTED_OUT: "The recipient wants no more messages from this number.",
    21612: "There is no way from our number to the recipient.",
    21614: "The recipient's number takes no texts.",
    21617: "The message is longer than a text may be.",
    21635: "The recipient is a fixed line, which takes no texts.",
    30003: "The recipient's phone is off or out of reach.",
    30004: "The recipient or their network blocks our messages.",
    30005: "The recipient's number is not in use.",
    30006: "The recipient is a fixed line, or their network cannot be reached.",
    30007: "The network took the message for spam.",
    63003: "The recipient is not on WhatsApp.",
    63015: "The recipient has not joined the WhatsApp sandbox.",
    63016: "The recipient wrote on WhatsApp more than 24 hours ago; only an approved template may be sent now.",
    63024: "The recipient cannot be reached on WhatsApp.",
}


def sentence(code: int | None) -> str:
    """What a code of the provider means, in our words."""
    return _SENTENCES.get(code or 0, f"The text provider refuses the message (code {code or 'unknown'}).")


def refusal(status: int, body: str, retry_after: str | None, now: datetime) -> GatewayDown | Undeliverable:
    """What an answer other than success means (HTTP status, body, `Retry-After`). It tells nothing of the message."""
    if status == 429:
        return GatewayDown("the text provider asks us to wait", wait_told(retry_after, now))
    if status >= 500:
        wait = wait_told(retry_after, now) or UNSURE_WAIT
        return GatewayDown(f"the text provider has a fault of its own ({status})", wait)
    if status in (401, 403):
        return GatewayDown(f"the text provider refuses our account or token ({status})")
    code = code_of(body)
    if status < 400 or code is None:  # not the provider's answer: a redirect, or something in between
        return GatewayDown(f"the text provider's answer is not understood ({status})")
    if code == OPTED_OUT:
        return OptedOut(sentence(code), code)
    if code in _OURS_TO_MEND:
        return GatewayDown(f"the text provider cannot take texts from us (code {code})", wait_told(retry_after, now))
    return Undeliverable(sentence(code), code)


def wait_told(retry_after: str | None, now: datetime) -> timedelta | None:
    """How long `Retry-After` (RFC 9110, 10.2.3: seconds or a date) tells us to wait, within bounds; None if odd."""
    said = (retry_after or "").strip()
    if said.isascii() and said.isdigit():
        return min(timedelta(seconds=int(said[:9])), LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(at - now, timedelta(0)), LONGEST_WAIT)


def code_of(body: str) -> int | None:
    """The provider's code in an answer; None where there is none."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    code = said.get("code") if isinstance(said, dict) else None
    return code if isinstance(code, int) and not isinstance(code, bool) and code > 0 else None
