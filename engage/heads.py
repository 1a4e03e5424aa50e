"""Heads: where the chain stood at a moment, as one signed line that somebody else keeps.

Who keeps heads can say later that the chain was written anew, cut short, or replaced by an older one; who has none can
only see that it fits together. The line is signed with a key of this installation (Ed25519, RFC 8032).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

WORD = "engage-head"
_LINE = re.compile(
    r"engage-head installation=(?P<installation>[0-9a-f]{32}) entries=(?P<entries>[1-9][0-9]{0,17}) "
    r"hash=(?P<hash>[0-9a-f]{64}) at=(?P<at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) "
    r"key=(?P<key>[0-9a-f]{64}) signature=(?P<signature>[0-9a-f]{128})",
    re.ASCII,
)


class HeadRefused(Exception):
    """A line that is no head, or not signed by whom it says; the message says which. Another line may be."""


@dataclass(frozen=True, slots=True)
class SignedHead:
    """The chain of an installation had so many entries, the last one with this hash; `key` is who says so."""

    installation: str
    entries: int
    hash: str
    at: datetime
    key: str


def public_key(seed: bytes) -> str:
    """The key by which others check the signatures of a seed of 32 bytes, as hexadecimal digits."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw().hex()


def written(seed: bytes, installation: str, entries: int, own_hash: str, at: datetime) -> str:
    """A head as one signed line."""
    moment = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    told = f"{WORD} installation={installation} entries={entries} hash={own_hash} at={moment} key={public_key(seed)}"
    return f"{told} signature={Ed25519PrivateKey.from_private_bytes(seed).sign(told.encode()).hex()}"


def read(line: str) -> SignedHead:
    """The head of a line; `HeadRefused` where it is none, or its signature is not that of its key."""
    found = _LINE.fullmatch(line.strip())
    if found is None:
        raise HeadRefused("it is no head")
    told = line.strip().partition(" signature=")[0]
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(found["key"]))
        key.verify(bytes.fromhex(found["signature"]), told.encode())
        at = datetime.strptime(found["at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except (InvalidSignature, ValueError):
        raise HeadRefused("its signature does not fit") from None
    return SignedHead(found["installation"], int(found["entries"]), found["hash"], at, found["key"])


def read_all(text: str, key: str) -> list[SignedHead]:
    """The heads of a file, one a line, all signed with a key; what else the file says, such as mail, is passed over.

    Raises `HeadRefused`, which names the line.
    """
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip().startswith(f"{WORD} "):
            continue
        try:
            head = read(line)
        except HeadRefused as problem:
            raise HeadRefused(f"Line {number}: {problem}.") from None
        if head.key != key:
            raise HeadRefused(f"Line {number}: it is signed with another key than that of this installation.")
        found.append(head)
    return found
