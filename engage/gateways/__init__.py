"""The outside world: one small class for each way out, and what they all promise."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Protocol

from engage.taxonomy import Carrier

MESSAGE_ID_DIGITS = 32


class GatewayDown(Exception):
    """The other side cannot take it now. Trying again later helps; not before `wait`, where it said so."""

    def __init__(self, said: str, wait: timedelta | None = None) -> None:
        super().__init__(said)
        self.wait = wait


class Undeliverable(Exception):
    """The other side will never take it. Trying again does not help; a human must look. `code` is the other side's."""

    def __init__(self, said: str, code: int | None = None) -> None:
        super().__init__(said)
        self.code = code


class OptedOut(Undeliverable):
    """The recipient has told the other side that they want no more of our messages."""


class Parcel(Protocol):
    """What a gateway needs to know of a row of the outbox. `attempts` above one: it may have been sent before."""

    @property
    def id(self) -> int:
        """The row's number."""

    @property
    def recipient(self) -> str:
        """The address it goes to."""

    @property
    def subject(self) -> str:
        """One line."""

    @property
    def body(self) -> str:
        """Plain text."""

    @property
    def attempts(self) -> int:
        """How often it was taken up, this time included."""

    @property
    def carrier(self) -> Carrier:
        """Who carries it."""

    @property
    def sender(self) -> str | None:
        """Our number, where it is a text."""

    @property
    def first_tried_at(self) -> datetime:
        """When it was first taken up."""

    @property
    def callback_key(self) -> str:
        """The secret in the address at which the other side tells how far it got."""


class Gateway(Protocol):
    """A way out of the house."""

    def send(self, parcel: Parcel) -> str:
        """Hand a parcel over and give the other side's id of it. Raises `GatewayDown` or `Undeliverable`."""

    def already_has(self, parcel: Parcel) -> str | None:
        """The other side's id of a parcel that it has from an earlier attempt; None if it has not, or cannot know."""


def message_id(parcel: Parcel, domain: str) -> str:
    """The Message-ID of a parcel (RFC 5322, 3.6.4), the same at every attempt, so that a second copy is recognised.

    It holds a digest of the content, because a new database counts its rows from 1 again.
    """
    content = "\0".join((str(parcel.id), parcel.recipient, parcel.subject, parcel.body))
    digest = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
    return f"<{parcel.id}.{digest[:MESSAGE_ID_DIGITS]}@{domain}>"
