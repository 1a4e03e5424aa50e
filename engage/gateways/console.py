"""The twin of the other gateways: where no provider is set, messages are lines of a file that a person can read."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from engage.gateways import GatewayDown, Parcel, message_id

MAIL_FILE, TEXTS_FILE = "outgoing.jsonl", "texts.jsonl"
DOMAIN = "console.invalid"


class ConsoleGateway:
    """Appends one JSON line per message. It remembers what it has by reading its file, so a kill forgets nothing."""

    def __init__(self, file: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._file = file
        self._clock = clock
        self._known: set[str] = set()
        self._read_to = 0

    def send(self, parcel: Parcel) -> str:
        """Write a message down, durably, once."""
        mine = message_id(parcel, DOMAIN)
        line = {
            "id": parcel.id,
            "message_id": mine,
            "recipient": parcel.recipient,
            "subject": parcel.subject,
            "body": parcel.body,
            "carrier": parcel.carrier,
            "sender": parcel.sender,
            "callback_key": parcel.callback_key,
            "written_at": self._clock().isoformat(),
        }
        try:
            with open(self._file, "a+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)  # another worker may be writing; closing the file gives the lock back
                whole = self._read_on(file)
                if mine not in self._known:
                    _append(file, line, after_newline=whole)
                    self._read_on(file)
        except OSError as problem:
            raise GatewayDown(f"{self._file}: {problem.strerror}") from None
        return mine

    def already_has(self, parcel: Parcel) -> str | None:
        """The id of a message that stands in the file."""
        mine = message_id(parcel, DOMAIN)
        try:
            with open(self._file, "rb") as file:
                self._read_on(file)
        except FileNotFoundError:
            return None
        except OSError as problem:
            raise GatewayDown(f"{self._file}: {problem.strerror}") from None
        return mine if mine in self._known else None

    def _read_on(self, file: IO[bytes]) -> bool:
        """Take note of the whole lines written since the last look; whether the file ends with one."""
        if os.fstat(file.fileno()).st_size < self._read_to:  # someone emptied it
            self._known, self._read_to = set(), 0
        file.seek(self._read_to)
        for line in file:
            if not line.endswith(b"\n"):
                return False  # cut off by a kill in the middle of a write: that message was not sent
            self._read_to += len(line)
            self._known |= _message_ids(line)
        return True


def _append(file: IO[bytes], line: dict[str, object], *, after_newline: bool) -> None:
    written = json.dumps(line, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
    file.write(written if after_newline else b"\n" + written)
    file.flush()
    os.fsync(file.fileno())


def _message_ids(line: bytes) -> set[str]:
    try:
        found = json.loads(line)
    except ValueError:
        return set()
    return {str(found["message_id"])} if isinstance(found, dict) and "message_id" in found else set()
