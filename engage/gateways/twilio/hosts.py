"""Where Twilio lives: which addresses may be given our password, and which may be fetched from without it."""

from __future__ import annotations

from typing import Final
from urllib.parse import SplitResult, urlsplit

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_THEIRS: Final = ".twilio.com"
#: The stores that they send on to for the content of a file.
_STORES: Final = (".twiliocdn.com", ".amazonaws.com")
_PORTS: Final = {"http": 80, "https": 443}
#: Characters that one reader of addresses takes for the end of a host and another does not.
_SLY: Final = frozenset('\\ <>"^`{|}')


class Hosts:
    """The provider's hosts, as seen from the address at which we ask it."""

    def __init__(self, api_url: str) -> None:
        self._home = _origin(urlsplit(api_url))

    def are_theirs(self, url: str) -> bool:
        """Whether an address is the provider's own: then it may be asked, with our password."""
        parts = _split(url)
        if parts is None:
            return False
        origin = _origin(parts)
        if origin == self._home:
            return parts.scheme == "https" or origin[1] in LOOPBACK
        return origin[0] == "https" and origin[2] == 443 and origin[1].endswith(_THEIRS)

    def may_send_on(self, url: str) -> bool:
        """Whether the provider may send us on to an address for the content of a file."""
        parts = _split(url)
        if parts is None:
            return False
        origin = _origin(parts)
        if self._home[1] in LOOPBACK:  # a stand-in for the provider has no stores
            return origin == self._home
        store = origin[0] == "https" and origin[2] == 443 and origin[1].endswith(_STORES)
        return store or self.are_theirs(url)


def _split(url: str) -> SplitResult | None:
    """The parts of an address that every reader of addresses understands in the same way; None for another."""
    if not url.isascii() or not url.isprintable() or _SLY & set(url):
        return None
    try:
        parts = urlsplit(url)
        usable = parts.scheme in _PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if usable and "@" not in parts.netloc else None


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
