"""What the fake Twilio knows: the texts of one account, the faults it shall show, and how it reports on texts."""

from __future__ import annotations

import random
import secrets
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

API = "/2010-04-01/Accounts"
#: Codes from here on come by callback, after the text was accepted.
FIRST_CODE_OF_CALLBACKS = 30000
MOST_TEXTS = 100_000
#: After these faults the text is in the account, although the caller is not told so.
STORED = frozenset({"500_sent", "hang_sent", "reset_sent", "cut", "garbage", "drip"})


def new_sid(kind: str) -> str:
    return kind + secrets.token_hex(16)


@dataclass
class Media:
    """A file: `content`, or `size` bytes of nothing; `location` sends on; the rest makes it misbehave."""

    content_type: str = "image/jpeg"
    content: str = ""
    size: int = 0
    status: int = 200
    location: str = ""
    seconds: float = 0.0
    shorter_by: int = 0
    tells_length: bool = True
    sid: str = field(default_factory=lambda: new_sid("ME"))

    @property
    def data(self) -> bytes:
        return self.content.encode("latin-1") or b"\0" * min(self.size, 20_000_000)


@dataclass
class Text:
    """One message of the account, in or out."""

    sid: str
    direction: str
    to: str
    sender: str
    body: str
    status: str
    callback: str = ""
    error_code: int | None = None
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    sent: datetime | None = None
    media: list[Media] = field(default_factory=list)

    def as_json(self, account: str) -> dict[str, Any]:
        """As the provider writes it."""
        uri = f"{API}/{account}/Messages/{self.sid}"
        return {
            "account_sid": account,
            "api_version": "2010-04-01",
            "body": self.body,
            "date_created": format_datetime(self.created),
            "date_sent": format_datetime(self.sent) if self.sent else None,
            "date_updated": format_datetime(self.sent or self.created),
            "direction": self.direction,
            "error_code": self.error_code,
            "error_message": None,
            "from": self.sender,
            "messaging_service_sid": None,
            "num_media": str(len(self.media)),
            "num_segments": "1",
            "price": None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": self.to,
            "uri": f"{uri}.json",
        }


@dataclass
class Fault:
    """What goes wrong, at which calls (`send`, `list`, `media`), how often, and how many times at most."""

    kind: str
    on: str = "send"
    probability: float = 1.0
    times: int = 1_000_000
    code: int = 0
    seconds: float = 1.0
    retry_after: str = "2"


@dataclass
class Reports:
    """How the callbacks of an accepted text come: `late`, `early` (before the answer) or `never`."""

    when: str = "never"
    statuses: list[str] = field(default_factory=lambda: ["sent", "delivered"])
    times: int = 1
    shuffled: bool = False
    seconds: float = 0.0
    error_code: int | None = None


@dataclass
class Plan:
    """All that a test can set. `deliver_to` replaces the host of webhooks, over which the signature still stands."""

    faults: list[Fault] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    reports: Reports = field(default_factory=Reports)
    page_size: int = 1000
    prefix: str = ""
    deliver_to: str = ""
    standing: str = "active"
    seed: int = 1


class Account:
    """The texts of one account, and what was asked of it. Every method may be called by many threads."""

    def __init__(self, sid: str, token: str) -> None:
        self.sid = sid
        self.token = token
        self.lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        with self.lock:
            self.texts: dict[str, Text] = {}
            self.calls: list[dict[str, Any]] = []
            self.webhooks: list[dict[str, Any]] = []
            self.plan = Plan()
            self.chance = random.Random(self.plan.seed)

    def change_plan(self, told: dict[str, Any]) -> None:
        """Set what `told` names; the rest stays."""
        with self.lock:
            for name, value in told.items():
                if name == "faults":
                    value = [Fault(**fault) for fault in value]
                elif name == "reports":
                    value = Reports(**value)
                if not hasattr(self.plan, name):
                    raise ValueError(f"no such thing: {name}")
                setattr(self.plan, name, value)
            if "seed" in told:
                self.chance = random.Random(self.plan.seed)

    def fault(self, on: str) -> Fault | None:
        """What goes wrong at this call, if anything."""
        with self.lock:
            for fault in self.plan.faults:
                if fault.on == on and fault.times > 0 and self.chance.random() < fault.probability:
                    fault.times -= 1
                    return fault
        return None

    def accept(self, form: dict[str, str]) -> Text:
        """Take a text in, to be sent."""
        text = Text(
            sid=new_sid("SM"),
            direction="outbound-api",
            to=form["To"],
            sender=form.get("From", ""),
            body=self.plan.prefix + form["Body"].rstrip(),
            status="queued",
            callback=form.get("StatusCallback", ""),
        )
        return self.keep(text)

    def keep(self, text: Text) -> Text:
        with self.lock:
            if len(self.texts) >= MOST_TEXTS:
                raise ValueError("the account is full")
            self.texts[text.sid] = text
        return text

    def listed(self, which: dict[str, str]) -> list[Text]:
        """Newest first. A filter by date leaves out what has no date of sending yet."""
        with self.lock:
            found = list(reversed(self.texts.values()))
        for name, attribute in (("To", "to"), ("From", "sender")):
            if which.get(name):
                found = [text for text in found if getattr(text, attribute) == which[name]]
        if since := which.get("DateSent>"):
            earliest = datetime.fromisoformat(since.replace("Z", "+00:00"))
            earliest = earliest if earliest.tzinfo else earliest.replace(tzinfo=UTC)
            found = [text for text in found if text.sent and text.sent >= earliest]
        return found

    def media(self, sid: str) -> Media | None:
        with self.lock:
            return next((file for text in self.texts.values() for file in text.media if file.sid == sid), None)
