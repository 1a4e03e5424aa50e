"""Somebody with a browser of their own making: sends the form of a poster with whatever they like in it."""

from __future__ import annotations

import html
import http.client
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.bad_files import Sent

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_REPORT = re.compile(r'<form method="post" id="report".*?</form>', re.DOTALL)
_REFERENCE = re.compile(r'class="reference"[^>]*>(EN-[^<]+)<')
_CODE = re.compile(r'id="code"[^>]*>([^<]+)<')


@dataclass(frozen=True)
class Answer:
    """What the server said, and the reference and access code in it."""

    status: int
    page: str

    @property
    def reference(self) -> str:
        """The reference of the report that has arrived, or nothing."""
        found = _REFERENCE.search(self.page)
        return found[1] if found else ""

    @property
    def access_code(self) -> str:
        """Its access code as it is shown."""
        found = _CODE.search(self.page)
        return found[1] if found else ""


class Stranger:
    """A connection that is kept, as browsers keep theirs."""

    def __init__(self, port: int, code: str = "B7K4X", headers: Mapping[str, str] | None = None) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._path = f"/p/{code}"
        self._headers = dict(headers or {})
        self._hidden: dict[str, str] = {}

    def opens(self) -> None:
        """Read the form as it is given out."""
        self._connection.request("GET", self._path, headers=self._headers)
        self._read(self._connection.getresponse())

    def sends(self, text: str, files: Sequence[Sent] = ()) -> Answer:
        """Send the form; where it is asked for once more, send it once more."""
        answer = self._sent(text, files)
        return answer if answer.reference else self._sent(text, files)

    def closes(self) -> None:
        """Hang up."""
        self._connection.close()

    def _sent(self, text: str, files: Sequence[Sent]) -> Answer:
        body, kind = form({**self._hidden, "text": text}, files)
        self._connection.request("POST", self._path, body, {**self._headers, "Content-Type": kind})
        return self._read(self._connection.getresponse())

    def _read(self, response: http.client.HTTPResponse) -> Answer:
        answer = Answer(response.status, response.read().decode())
        given = _REPORT.search(answer.page)
        if given:
            self._hidden = {name: html.unescape(value) for name, value in _HIDDEN.findall(given[0])}
        return answer


def form(fields: Mapping[str, str], files: Sequence[Sent]) -> tuple[bytes, str]:
    """A form with files as a browser writes it (HTML, section 4.10.21.8), and its type; the fields come first."""
    boundary = f"----engage{secrets.token_hex(8)}"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for file in files:
        name = file.name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        kind = file.kind.replace("\r", "").replace("\n", "")
        head = f'Content-Disposition: form-data; name="files"; filename="{name}"\r\nContent-Type: {kind}'
        parts += [f"--{boundary}\r\n{head}\r\n\r\n".encode("utf-8", "surrogatepass"), file.data, b"\r\n"]
    return b"".join([*parts, f"--{boundary}--\r\n".encode()]), f"multipart/form-data; boundary={boundary}"
