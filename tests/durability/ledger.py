"""Reporters who keep books: what they sent under which key, and which reference and access code they were given."""

from __future__ import annotations

import html
import http.client
import random
import re
import secrets
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

PATIENCE = 0.05
ANSWER_SECONDS = 20
#: How many of the acknowledged reports are sent again under their key, as after a lost answer.
REPEATED = 0.1
_REFERENCE = re.compile(r"EN-[0-9A-Z]{4,7}-[0-9A-Z]")
_ACCESS_CODE = re.compile(r'<code id="code"[^>]*>([0-9A-Z-]+)</code>')
_FORM = re.compile(r'name="form" value="([^"]+)"')
_WORDS = re.compile(r'<p class="words" dir="auto">(.*?)</p>', re.DOTALL)

SEEN = (
    "A man with a gun is near the gate, number {number}",
    "Дым и огонь на складе {number} 🔥",
    "رجل يصرخ ويحمل سكينا {number}",
    "左边的电梯坏了，编号 {number}",
    "  <b>lost</b> hat & gloves; \"number\" '{number}' %s \\ ␀ 👩‍👩‍👧‍👦\r\nsecond line\r\n",
    "{number} " + "water on the floor " * 80,
)


@dataclass(slots=True)
class Entry:
    """One report in the books. Without a reference it was never acknowledged."""

    key: str
    text: str
    #: What its form must carry; a form without is asked for once more, and then has it.
    form: str = ""
    tries: int = 0
    reference: str | None = None
    access_code: str | None = None
    #: Answers to the same key that did not give what the first one gave.
    contradictions: list[str] = field(default_factory=list)


class Reporter(threading.Thread):
    """Sends one report after another, each again and again under its key until it is acknowledged."""

    def __init__(self, port: int, code: str, stopping: threading.Event, seed: int) -> None:
        super().__init__(name=f"reporter-{seed}", daemon=True)
        self.entries: list[Entry] = []
        self.acknowledged = 0
        self.failures: dict[str, int] = {}
        self._door = Door(port)
        self._code, self._stopping, self._random = code, stopping, random.Random(seed)

    def run(self) -> None:
        """Report until told to stop; what is unanswered then stays unanswered."""
        while not self._stopping.is_set():
            text = self._random.choice(SEEN).format(number=secrets.token_hex(8))
            entry = Entry(secrets.token_urlsafe(24), text)
            self.entries.append(entry)
            while entry.reference is None and not self._stopping.is_set():
                self._send(entry)
            if self._random.random() < REPEATED and entry.reference:
                self._send(entry)
        self._door.close()

    def _send(self, entry: Entry) -> None:
        entry.tries += 1
        try:
            status, page = self._door.post(
                f"/p/{self._code}", {"text": entry.text, "key": entry.key, "form": entry.form}
            )
        except (OSError, http.client.HTTPException) as failure:
            self._note(type(failure).__name__)
            return
        asked = _FORM.search(page)
        if status == 422 and asked and not entry.form:
            entry.form = asked[1]
            self._send(entry)
            return
        reference, code = _REFERENCE.search(page), _ACCESS_CODE.search(page)
        if status != 200 or not reference or not code:
            self._note(str(status))
            return
        if entry.reference is None:
            entry.reference, entry.access_code = reference[0], code[1]
            self.acknowledged += 1
        elif (entry.reference, entry.access_code) != (reference[0], code[1]):
            entry.contradictions.append(reference[0])

    def _note(self, failure: str) -> None:
        self.failures[failure] = self.failures.get(failure, 0) + 1
        time.sleep(PATIENCE)


class Door:
    """One keep-alive connection to the server, and the cookies that came over it."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
        self._cookie = ""

    def post(self, path: str, fields: dict[str, str]) -> tuple[int, str]:
        """Send a form; the status and the page that came back."""
        return self._ask("POST", path, urlencode(fields))

    def get(self, path: str) -> tuple[int, str]:
        """Ask for a page."""
        return self._ask("GET", path, None)

    def close(self) -> None:
        """End the connection and forget the cookies."""
        self._connection.close()
        self._cookie = ""

    def _ask(self, method: str, path: str, body: str | None) -> tuple[int, str]:
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        try:
            self._connection.request(method, path, body, headers | ({"Cookie": self._cookie} if self._cookie else {}))
            answer = self._connection.getresponse()
            page = answer.read().decode()
        except Exception:
            self._connection.close()
            raise
        self._cookie = (answer.getheader("Set-Cookie") or self._cookie).split(";")[0]
        return answer.status, page


def read_back(port: int, access_code: str) -> str:
    """The first message of the thread that an access code opens, as a reporter reads it."""
    door = Door(port)
    try:
        status, page = door.post("/return", {"access_code": access_code})
        assert status == 303, page
        status, page = door.get("/thread")
        assert status == 200, page
    finally:
        door.close()
    words = _WORDS.search(page)
    assert words, page
    return html.unescape(words[1])
