"""The client: sixteen keep-alive connections driven by one loop over plain sockets, in a process of its own.

Reads `port seconds prefix` lines on standard input and answers each with one line of JSON: how many requests were
answered, every latency in milliseconds, and the processor time it took itself.
"""

from __future__ import annotations

import json
import re
import selectors
import socket
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from engage.vault import Vault
from engage.web import form_tokens
from tests.make import SECRET

CONNECTIONS = 16
#: Of the servers that are measured: their forms carry what they would have given out.
_VAULT = Vault(SECRET)
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass(slots=True)
class Line:
    """One connection: what it is waiting for, and since when."""

    socket: socket.socket
    began: float = 0.0
    received: bytes = b""
    expected: int = 0


def measure(port: int, seconds: float, prefix: str, text: str) -> dict[str, object]:
    """Send one request after another over every connection for so many seconds. Raises when one is not answered 200."""
    chooser = selectors.DefaultSelector()
    for _ in range(CONNECTIONS):
        opened = socket.create_connection(("127.0.0.1", port))
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        chooser.register(opened, selectors.EVENT_READ, Line(opened))
    used, began, latencies, sent = time.process_time(), time.perf_counter(), [], 0
    for key in list(chooser.get_map().values()):
        sent = _send(key.data, prefix, sent, text)
    end, waiting = began + seconds, CONNECTIONS
    while waiting:
        for key, _ in chooser.select():
            line: Line = key.data
            if not _receive(line):
                continue
            now = time.perf_counter()
            latencies.append((now - line.began) * 1000)
            if now < end:
                sent = _send(line, prefix, sent, text)
            else:
                waiting -= 1
                chooser.unregister(line.socket)
                line.socket.close()
    took = time.perf_counter() - began
    return {"answered": len(latencies), "seconds": took, "used": time.process_time() - used, "latencies": latencies}


def _send(line: Line, prefix: str, sent: int, text: str) -> int:
    key = f"{prefix}{sent}-0123456789abcdef"
    form = form_tokens.new(_VAULT, key, datetime.now(UTC))
    body = urlencode({"text": f"{text} ({prefix}{sent})", "key": key, "form": form}).encode()
    head = (
        "POST /p/B7K4X HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    line.received, line.expected, line.began = b"", 0, time.perf_counter()
    line.socket.sendall(head.encode() + body)
    return sent + 1


def _receive(line: Line) -> bool:
    """Take what has come; whether the answer is whole."""
    part = line.socket.recv(65536)
    line.received += part
    if not part or not line.received.startswith(b"HTTP/1.1 200"[: len(line.received)]):
        raise RuntimeError(f"not taken: {line.received[:300]!r}")
    if not line.expected:
        head, found, _ = line.received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not found or not length:
            return False
        line.expected = len(head) + 4 + int(length[1])
    return len(line.received) >= line.expected


if __name__ == "__main__":
    for asked in sys.stdin:
        its_port, its_seconds, its_prefix, its_text = asked.rstrip("\n").split(" ", 3)
        print(json.dumps(measure(int(its_port), float(its_seconds), its_prefix, its_text)), flush=True)
