"""A witness of heads: a file or an address outside that keeps one line after another."""

from __future__ import annotations

import os
from pathlib import Path

import requests

from engage.gateways import GatewayDown

ANSWER_SECONDS = 15.0


class FileWitness:
    """A file to which lines are added; on a disk that others own, best on one that cannot be written over."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def keep(self, line: str) -> None:
        """Add a line, and see it on the disk. Raises `GatewayDown`."""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
                opened.write(f"{line}\n")
                opened.flush()
                os.fsync(opened.fileno())
        except OSError as problem:
            raise GatewayDown(f"{self._file}: {problem.strerror or problem}") from None


class AddressWitness:
    """An address to which a line is posted as plain text."""

    def __init__(self, address: str) -> None:
        self._address = address

    def keep(self, line: str) -> None:
        """Post a line. Raises `GatewayDown` for any answer but a plain yes."""
        content = {"Content-Type": "text/plain; charset=utf-8"}
        try:
            answer = requests.post(
                self._address,
                data=f"{line}\n".encode(),
                headers=content,
                timeout=ANSWER_SECONDS,
                allow_redirects=False,
                stream=True,  # what it says is of no use to us, however long it is
            )
            answer.close()
        except requests.RequestException as problem:
            raise GatewayDown(f"{self._address}: {type(problem).__name__}") from None
        if not 200 <= answer.status_code < 300:
            raise GatewayDown(f"{self._address}: answered {answer.status_code}")
