"""Texts and WhatsApp by way of Twilio: this folder alone knows how Twilio speaks."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from twilio.base.exceptions import TwilioException  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from engage.config import Settings
from engage.gateways import GatewayDown, Parcel, Undeliverable
from engage.gateways.twilio.hosts import Hosts
from engage.gateways.twilio.line import Fetched, Files, Line
from engage.gateways.twilio.reading import (
    MOST_MEDIA,
    WHATSAPP,
    IncomingMedia,
    IncomingText,
    NotOurs,
    Pairs,
    Reader,
    StatusReport,
    bare_of,
    is_sid,
)
from engage.gateways.twilio.refusals import UNSURE_WAIT, sentence
from engage.gateways.twilio.signature import SETTINGS_HEADER, SIGNATURE_HEADER, Signatures
from engage.taxonomy import Carrier

__all__ = [
    "SETTINGS_HEADER",
    "SIGNATURE_HEADER",
    "Fetched",
    "IncomingMedia",
    "IncomingText",
    "NotOurs",
    "Pairs",
    "StatusReport",
    "TwilioGateway",
    "sentence",
]

#: How far their clock and ours may be apart.
CLOCKS_APART: Final = timedelta(minutes=1)
PAGE: Final = 200
MOST_PAGES: Final = 50
#: After so many messages older than our first attempt, ours is not among those that follow.
ENOUGH_OLDER: Final = 200
_TRIAL = re.compile(r"[^\n]{0,80}Twilio trial account[^\n]{0,20}", re.IGNORECASE)

#: Which of some ids of the provider belong to other rows of the outbox.
KnownSids = Callable[[list[str]], set[str]]


def _none_known(_sids: list[str]) -> set[str]:
    return set()


def _is_new(_sid: str) -> bool:
    return False


class TwilioGateway:
    """Sends texts, and reads what the provider sends us. It holds no connection, so it needs no closing."""

    def __init__(
        self, settings: Settings, known_sids: KnownSids = _none_known, shared_keys: Collection[str] = ()
    ) -> None:
        """`shared_keys`: the secrets of the account's webhook settings, where it has some."""
        self._settings = settings
        self._known_sids = known_sids
        self._reader = Reader(settings)
        account, token = settings.twilio_account_sid, settings.twilio_auth_token
        self._files = Files(Hosts(settings.twilio_api_url), (account, token))
        tokens = (token, settings.twilio_auth_token_old)
        self._signatures = Signatures(settings.public_url, tokens, shared_keys)
        # Without an environment given, the library reads the process's own.
        environment = {"TWILIO_EDGE": ""}
        line = Line(settings.twilio_api_url)
        self._client = Client(account, token, http_client=line, environment=environment)

    def send(self, parcel: Parcel) -> str:
        """Hand a text over and give the provider's id of it. Raises `GatewayDown` or `Undeliverable`."""
        to, ours = self._addresses(parcel)
        query = urlencode({"row": parcel.id, "key": parcel.callback_key})
        with _understood():
            sent = self._client.messages.create(
                to=to,
                from_=ours,
                body=parcel.body,
                status_callback=f"{self._settings.public_url}/webhooks/twilio/status?{query}",
            )
            sid = sent.sid
        if not is_sid(sid):
            raise GatewayDown("the text provider's answer is not understood", UNSURE_WAIT)
        return str(sid)

    def already_has(self, parcel: Parcel) -> str | None:
        """The provider's id of a text that it took at an earlier attempt. Raises `GatewayDown` when it cannot say.

        It is not asked by date: messages that still wait there have no date of sending. They come newest first.
        """
        to, ours = self._addresses(parcel)
        since = parcel.first_tried_at - CLOCKS_APART
        found, older = [], 0
        for message in self._listed(to=to, from_=ours):
            if isinstance(message.date_created, datetime) and message.date_created < since:
                older += 1
                if older >= ENOUGH_OLDER:
                    break
            elif message.direction == "outbound-api" and _is_body(message.body, parcel.body) and is_sid(message.sid):
                found.append(str(message.sid))
        others = self._known_sids(found) if found else set()
        return next((sid for sid in reversed(found) if sid not in others), None)

    def account_standing(self) -> str:
        """How the account stands: `active`, or why nothing is sent. Raises `GatewayDown`."""
        account = self._settings.twilio_account_sid
        return str(_looked_up(lambda: self._client.api.v2010.accounts(account).fetch().status))

    def is_genuine(self, url: str, pairs: Pairs, signature: str, settings_header: str | None = None) -> bool:
        """Whether the provider signed a form sent to `url`, of which only path and query count. Never raises."""
        return self._signatures.is_genuine(url, pairs, signature, settings_header)

    def read_incoming(self, pairs: Pairs) -> IncomingText:
        """A message to one of our numbers, from its webhook. Raises `NotOurs`."""
        return self._reader.incoming(pairs)

    def read_status(self, pairs: Pairs) -> StatusReport:
        """How far a message of ours got, from its callback. Raises `NotOurs`."""
        return self._reader.status(pairs)

    def list_incoming(self, since: datetime, is_known: Callable[[str], bool] = _is_new) -> Iterator[IncomingText]:
        """Every message to our numbers since a moment, newest first of each number. Raises `GatewayDown`.

        Those whose id is known are left out before anything more is asked about them.
        """
        for number in self._settings.our_numbers:
            for message in self._listed(to=number, date_sent_after=since.astimezone(UTC)):
                if message.direction != "inbound" or is_known(str(message.sid)):
                    continue
                try:
                    yield self._read_listed(message)
                except NotOurs:
                    continue

    def fetch_media(self, url: str) -> Fetched:
        """The content of a file that came with a message. Raises `GatewayDown` or, for good, `Undeliverable`."""
        return self._files.fetch(url)

    def _addresses(self, parcel: Parcel) -> tuple[str, str]:
        """The recipient's address and ours, as the provider writes them."""
        whatsapp = parcel.carrier is Carrier.WHATSAPP
        same = (number for number in self._settings.our_numbers if number.startswith(WHATSAPP) == whatsapp)
        ours = parcel.sender or next(same, "")
        if not ours or not parcel.recipient:
            raise Undeliverable("The message has no recipient, or we have no number to send it from.")
        before = WHATSAPP if whatsapp else ""
        return before + bare_of(parcel.recipient), before + bare_of(ours)

    def _listed(self, **which: Any) -> Iterator[Any]:
        """The messages of a list, page by page."""
        page = _looked_up(lambda: self._client.messages.page(page_size=PAGE, **which))
        for _ in range(MOST_PAGES):
            yield from _looked_up(partial(list, page))
            page = _looked_up(page.next_page)
            if page is None:
                return
        raise GatewayDown("the text provider's list has no end")

    def _read_listed(self, message: Any) -> IncomingText:
        media: list[tuple[str, str]] = []
        if message.num_media not in (None, "0", 0):
            files = _looked_up(lambda: self._client.messages(message.sid).media.list(limit=MOST_MEDIA))
            base = self._settings.twilio_api_url
            media = [(base + str(file.uri).removesuffix(".json"), str(file.content_type)) for file in files]
        return self._reader.text(
            sid=str(message.sid),
            sender=str(message.from_ or ""),
            recipient=str(message.to or ""),
            body=str(message.body or ""),
            media=media,
        )


@contextmanager
def _understood() -> Iterator[None]:
    """Around what the library makes of an answer: one that it cannot read says nothing of the message."""
    try:
        yield
    except (TwilioException, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise GatewayDown("the text provider's answer is not understood", UNSURE_WAIT) from None


def _looked_up(ask: Callable[[], Any]) -> Any:
    """What the provider says when it is asked. Its refusal to say is no verdict on a message."""
    try:
        with _understood():
            return ask()
    except Undeliverable as refused:
        raise GatewayDown(f"the text provider does not say what it has (code {refused.code})") from None


def _is_body(theirs: str | None, ours: str) -> bool:
    """Whether a body is ours: the same, or after the sentence that trial accounts put before it."""
    listed, wanted = _without_ends(theirs or ""), _without_ends(ours)
    if not listed.endswith(wanted):
        return False
    before = listed[: len(listed) - len(wanted)]
    return not before or _TRIAL.fullmatch(before) is not None


def _without_ends(body: str) -> str:
    """A body with one kind of line end, and without the white space after it that the provider cuts off."""
    return body.replace("\r\n", "\n").replace("\r", "\n").rstrip()
