"""The chain of the trail: how an entry is written as one line, what its hash is, and what the first one hangs on.

A line is the nine fields of an entry with a tab between them; its hash is the SHA-256 of that line in UTF-8, so that
anybody can check one with `printf` and `sha256sum`. The last field is the hash of the entry before.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

#: What the first entry names as the hash before it.
BEFORE_THE_FIRST: Final = "0" * 64
#: What stands for a number that is missing.
NOBODY: Final = "-"
TABS: Final = 8
LONGEST_REASON: Final = 1000
LONGEST_ABOUT: Final = 200
#: Control characters become their pictures, so that no field can hold the tab that divides fields, nor end a line.
_PICTURES: Final = {code: 0x2400 + code for code in range(32)} | {127: 0x2421}


def plain(text: str, longest: int) -> str:
    """A field as the chain keeps it: on one line, without what UTF-8 or a database cannot hold, so many characters."""
    return text[:longest].encode("utf-8", "replace").decode().translate(_PICTURES)


def moment(at: datetime) -> str:
    """A moment as the chain writes it: UTC, with microseconds, as SQLite keeps it too."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"


def details(values: Mapping[str, Any]) -> str:
    """Details as the chain keeps them: JSON on one line, its keys in order."""
    written = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return written.encode("utf-8", "replace").decode().replace("\x7f", "\\u007f")


def line(
    number: int,
    at: str,
    act: str,
    staff_id: int | None,
    authority_id: int | None,
    about: str,
    reason: str,
    written: str,
    previous: str,
) -> str:
    """An entry as one line."""
    who = (NOBODY if one is None else str(one) for one in (staff_id, authority_id))
    return "\t".join((str(number), at, act, *who, about, reason, written, previous))


def digest(written: str) -> str:
    """The hash of a line: 64 hexadecimal digits (SHA-256, FIPS 180-4)."""
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()
