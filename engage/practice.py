"""The practice phone of the demo: what it sent, and what the text provider would have brought to it.

Both are lines of files in the data folder: `practice.jsonl`, which is ours, and `texts.jsonl` of the console gateway.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engage.gateways.console import TEXTS_FILE
from engage.taxonomy import Carrier
from engage.texting import segments

PRACTICE_FILE = "practice.jsonl"
#: A number that nobody has (set aside by Ofcom for fiction).
FIRST_NUMBER = "+447700900123"
MOST_SHOWN = 200
_LONG_AGO = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Bubble:
    """One text on the screen. `segments` is how many texts it counts as."""

    at: datetime
    text: str
    carrier: Carrier
    from_phone: bool
    picture: bool = False

    @property
    def segments(self) -> int:
        """How many texts it counts as where it is paid for."""
        return segments(self.text)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A text of ours that this phone shows for the first time: its row of the outbox, and what lets us report on it."""

    row_id: int
    callback_key: str
    message_id: str
    carrier: Carrier
    sender: str
    text: str

    @property
    def sid(self) -> str:
        """What the provider would call it, the same at every look."""
        return "SM" + hashlib.sha256(self.message_id.encode()).hexdigest()[:32]


class PracticePhone:
    """The phone of one number. It has no memory of its own but the files."""

    def __init__(self, folder: Path, number: str) -> None:
        self._own, self._texts, self.number = folder / PRACTICE_FILE, folder / TEXTS_FILE, number

    def bubbles(self) -> tuple[Bubble, ...]:
        """The newest texts, in order of time."""
        sent = [
            Bubble(_moment(line, "at"), line["text"], Carrier(line["carrier"]), True, bool(line.get("picture")))
            for line in self._lines(self._own)
            if "text" in line and line.get("number") == self.number
        ]
        came = [
            Bubble(_moment(line, "written_at"), line["body"], Carrier(line["carrier"]), False)
            for line in self._received()
        ]
        return tuple(sorted((*sent, *came), key=lambda bubble: bubble.at)[-MOST_SHOWN:])

    def new_deliveries(self) -> list[Delivery]:
        """The texts of which the provider would not have told yet that they arrived."""
        told = {line["delivered"] for line in self._lines(self._own) if "delivered" in line}
        return [
            Delivery(
                row_id=line["id"],
                callback_key=line.get("callback_key", ""),
                message_id=line["message_id"],
                carrier=Carrier(line["carrier"]),
                sender=line.get("sender") or "",
                text=line["body"],
            )
            for line in self._received()
            if line["message_id"] not in told
        ]

    def keep_sent(self, text: str, carrier: Carrier, picture: bool, now: datetime) -> None:
        """Remember what this phone sent."""
        line = {"at": now.isoformat(), "number": self.number, "carrier": carrier, "text": text, "picture": picture}
        self._append(line)

    def keep_delivered(self, delivery: Delivery, now: datetime) -> None:
        """Remember that a text has arrived here."""
        self._append({"at": now.isoformat(), "delivered": delivery.message_id})

    def _received(self) -> Iterator[dict[str, Any]]:
        needed = ("id", "message_id", "body", "carrier")
        for line in self._lines(self._texts):
            if line.get("recipient") == self.number and all(name in line for name in needed):
                yield line

    def _append(self, line: dict[str, Any]) -> None:
        with self._own.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def _lines(self, file: Path) -> Iterator[dict[str, Any]]:
        """The whole lines of a file; one that is still being written is left for the next look."""
        if not file.exists():
            return
        for written in file.read_bytes().split(b"\n"):
            try:
                line = json.loads(written)
            except ValueError:
                continue
            if isinstance(line, dict):
                yield line


def _moment(line: dict[str, Any], name: str) -> datetime:
    """When a line was written; the lines of an older demo do not say it."""
    return datetime.fromisoformat(line[name]) if name in line else _LONG_AGO
