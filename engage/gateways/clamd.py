"""The gateway to a ClamAV daemon: one file in, harmful or not out, by its INSTREAM command (see clamd(8)).

Bytes go in pieces, each behind its length in four bytes; a piece of no length ends them. The answer is one line:
`stream: OK`, or `stream: NAME FOUND`.
"""

from __future__ import annotations

import socket
import struct
from contextlib import closing
from typing import Final

TIMEOUT: Final = 10.0  # seconds for the whole talk's single steps
PIECE: Final = 64 * 1024
LONGEST_ANSWER: Final = 1_000
_LENGTH: Final = struct.Struct(">I")


class ScannerDown(Exception):
    """The daemon does not answer, or not as it should; trying again later may help."""


def scan(at: str, content: bytes) -> str:
    """The name of what is harmful in a file, empty where nothing is. Raises `ScannerDown`."""
    try:
        with closing(_connected(at)) as line:
            line.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), PIECE):
                piece = content[start : start + PIECE]
                line.sendall(_LENGTH.pack(len(piece)) + piece)
            line.sendall(_LENGTH.pack(0))
            answer = _answer(line)
    except OSError as problem:
        raise ScannerDown(str(problem)) from None
    if answer == "stream: OK":
        return ""
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return answer[len("stream: ") : -len(" FOUND")]
    raise ScannerDown(answer[:200])


def _connected(at: str) -> socket.socket:
    """A line to the daemon at `host:port`, or at the path of its socket."""
    host, _, port = at.rpartition(":")
    if host and port.isdigit():
        return socket.create_connection((host, int(port)), TIMEOUT)
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.settimeout(TIMEOUT)
    try:
        line.connect(at)
    except OSError:
        line.close()
        raise
    return line


def _answer(line: socket.socket) -> str:
    heard = b""
    while b"\0" not in heard and len(heard) < LONGEST_ANSWER:
        more = line.recv(1_000)
        if not more:
            break
        heard += more
    return heard.partition(b"\0")[0].decode("utf-8", "replace").strip()
