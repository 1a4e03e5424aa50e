"""What Twilio writes to us, read strictly: each field that counts exactly once, for our account and our numbers.

The signature has no marks between the fields it covers, so a field that comes twice, or not at all, is not believed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from engage.config import Settings
from engage.gateways.twilio.hosts import Hosts
from engage.taxonomy import Carrier, OutgoingStatus
from engage.texting import bare_number

WHATSAPP: Final = "whatsapp:"
#: A message holds at most this many files.
MOST_MEDIA: Final = 10
_SID = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")
_UNTOLD = re.compile(r"[\s().-]")
_STATUSES: Final = {
    "queued": OutgoingStatus.ACCEPTED,
    "accepted": OutgoingStatus.ACCEPTED,
    "scheduled": OutgoingStatus.ACCEPTED,
    "sending": OutgoingStatus.ACCEPTED,
    "sent": OutgoingStatus.SENT,
    "delivered": OutgoingStatus.DELIVERED,
    "read": OutgoingStatus.DELIVERED,
    "undelivered": OutgoingStatus.UNDELIVERED,
    "failed": OutgoingStatus.FAILED,
    "canceled": OutgoingStatus.FAILED,
}

#: The names and values of a form, in the order they came.
Pairs = Sequence[tuple[str, str]]


class NotOurs(Exception):
    """What came is not for us, or not as the provider writes it; the same again will be refused again."""


@dataclass(frozen=True, slots=True)
class IncomingMedia:
    """A file that came with a message: where the provider keeps it, and what it says that it is."""

    url: str
    content_type: str


@dataclass(frozen=True, slots=True)
class IncomingText:
    """A message that someone sent to one of our numbers. Addresses are without the `whatsapp:` of the provider."""

    sid: str
    carrier: Carrier
    sender: str
    our_number: str
    answerable: bool
    text: str
    media: tuple[IncomingMedia, ...] = ()
    opt_out: str | None = None


@dataclass(frozen=True, slots=True)
class StatusReport:
    """How far a message of ours got."""

    sid: str
    status: OutgoingStatus
    error_code: int | None


class Reader:
    """Knows which account and which numbers are ours."""

    def __init__(self, settings: Settings) -> None:
        self._account = settings.twilio_account_sid
        self._hosts = Hosts(settings.twilio_api_url)
        self._numbers = {_normal(number): bare_of(number) for number in settings.our_numbers}
        self._bare = frozenset(normal for _, normal in self._numbers)

    def incoming(self, pairs: Pairs) -> IncomingText:
        """A message, from the form of its webhook. Raises `NotOurs`."""
        form = _Form(pairs)
        self._check_account(form)
        count = form.only("NumMedia")
        if not count.isascii() or not count.isdigit() or len(count) > 3:
            raise NotOurs("NumMedia is not a number")
        media = (
            (form.maybe(f"MediaUrl{at}"), form.maybe(f"MediaContentType{at}"))
            for at in range(min(int(count), MOST_MEDIA))
        )
        return self.text(
            sid=form.only("MessageSid"),
            sender=form.only("From"),
            recipient=form.only("To"),
            body=form.only("Body"),
            media=media,
            opt_out=form.maybe("OptOutType"),
        )

    def status(self, pairs: Pairs) -> StatusReport:
        """A report on a message of ours, from the form of its callback. Raises `NotOurs`."""
        form = _Form(pairs)
        self._check_account(form)
        sid = _checked_sid(form.only("MessageSid" if form.has("MessageSid") else "SmsSid"))
        said = form.only("MessageStatus" if form.has("MessageStatus") else "SmsStatus")
        status = _STATUSES.get(said)
        if status is None:
            raise NotOurs("the status is none that we know")
        code = form.maybe("ErrorCode") or ""
        return StatusReport(sid, status, int(code) if code.isascii() and code.isdigit() and len(code) <= 6 else None)

    def text(
        self,
        *,
        sid: str,
        sender: str,
        recipient: str,
        body: str,
        media: Iterable[tuple[str | None, str | None]],
        opt_out: str | None = None,
    ) -> IncomingText:
        """A message from its parts, however they came. Raises `NotOurs`."""
        ours = _normal(recipient)
        if ours not in self._numbers:
            raise NotOurs("it is to none of our numbers")
        carrier = _normal(sender)[0]
        if carrier is not ours[0]:
            raise NotOurs("sender and recipient are not of one carrier")
        bare = bare_of(sender)
        return IncomingText(
            sid=_checked_sid(sid),
            carrier=carrier,
            sender=bare,
            our_number=self._numbers[ours],
            answerable=bare_number(bare) is not None and _normal(bare)[1] not in self._bare,
            text=body,
            media=tuple(
                IncomingMedia(url, kind or "") for url, kind in media if url is not None and self._hosts.are_theirs(url)
            ),
            opt_out=opt_out or None,
        )

    def _check_account(self, form: _Form) -> None:
        if not self._account or form.only("AccountSid") != self._account:
            raise NotOurs("the account is not ours")


class _Form:
    """The fields of a form, which must not come twice where they count."""

    def __init__(self, pairs: Pairs) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def has(self, name: str) -> bool:
        return name in self._values

    def only(self, name: str) -> str:
        """The value of a field that must be there once. `name` is one of ours, so it may be told."""
        values = self._values.get(name, [])
        if len(values) != 1:
            raise NotOurs(f"{name} comes {len(values)} times")
        return values[0]

    def maybe(self, name: str) -> str | None:
        """The value of a field that may be missing; one that comes twice counts as missing."""
        values = self._values.get(name, [])
        return values[0] if len(values) == 1 else None


def is_sid(value: object) -> bool:
    """Whether it looks like the provider's id of a message."""
    return isinstance(value, str) and _SID.fullmatch(value) is not None


def bare_of(address: str) -> str:
    """An address without the carrier that the provider writes before it."""
    stripped = address.strip()
    return stripped[len(WHATSAPP) :].strip() if stripped.lower().startswith(WHATSAPP) else stripped


def _checked_sid(sid: str) -> str:
    if not is_sid(sid):
        raise NotOurs("the id is not one of a message")
    return sid


def _normal(address: str) -> tuple[Carrier, str]:
    """An address as it is compared: its carrier, and its number without plus, spaces and brackets."""
    carrier = Carrier.WHATSAPP if address.strip().lower().startswith(WHATSAPP) else Carrier.SMS
    return carrier, _UNTOLD.sub("", bare_of(address)).removeprefix("+")
