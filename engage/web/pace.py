"""How many reports come from one address in a minute: counted in memory by a hash that nobody can turn back.

Nobody is ever turned away for it: where there are very many, forms that were opened a moment ago wait a little.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter
from datetime import datetime
from threading import Lock


class Pace:
    """The counts of one process. Every minute the key of the hashes is drawn anew and the counts begin anew."""

    def __init__(self, most: int) -> None:
        """`most` reports a minute from one address are nothing unusual."""
        self._most = most
        self._minute = -1
        self._key = b""
        self._counts: Counter[bytes] = Counter()
        self._lock = Lock()

    def is_many(self, address: str, now: datetime) -> bool:
        """Count a report from an address, and say whether there were very many in this minute."""
        with self._lock:
            minute = int(now.timestamp()) // 60
            if minute != self._minute:
                self._minute, self._key = minute, secrets.token_bytes(16)
                self._counts.clear()
            mark = hashlib.blake2b(address.encode(), key=self._key, digest_size=8).digest()
            self._counts[mark] += 1
            return self._counts[mark] > self._most
