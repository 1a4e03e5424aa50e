"""The fake Twilio as a test holds it: a process to start, to set, to read, and to stop."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ACCOUNT = "AC" + "0123456789abcdef" * 2
TOKEN = "token-of-the-fake-account-0123456"
SERVER = "tests.fakes.twilio_server"
ROOT = Path(__file__).parents[2]
CONTROL_SECONDS = 30.0
STOP_SECONDS = 10.0


class FakeTwilio:
    """Started with the first line of a `with`, stopped by its own process with the last."""

    def __init__(self, account: str = ACCOUNT, token: str = TOKEN, port: int = 0) -> None:
        self.account = account
        self.token = token
        self._process = subprocess.Popen(
            [sys.executable, "-m", SERVER, f"--port={port}", f"--account={account}", f"--token={token}"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    @property
    def url(self) -> str:
        """Where it is asked, for `twilio_api_url`."""
        return f"http://127.0.0.1:{self.port}"

    def tell(self, **told: Any) -> dict[str, Any]:
        """Set what `_CONTROLS` of the server names, in this order."""
        return self._talk("POST", json.dumps(told))

    def plan(self, **told: Any) -> None:
        """Set parts of its `Plan`."""
        self.tell(plan=told)

    def incoming(self, sender: str, to: str, body: str = "", **others: Any) -> dict[str, Any]:
        """A text comes in; gives its `sid`, the `form` of its webhook, and what that was answered."""
        answer: dict[str, Any] = self.tell(incoming={"from": sender, "to": to, "body": body, **others})["incoming"]
        return answer

    def seen(self) -> dict[str, Any]:
        """All `texts`, `calls` and `webhooks`."""
        return self._talk("GET", None)

    @property
    def accepted(self) -> list[dict[str, Any]]:
        """The texts that it took from us, oldest first."""
        return [text for text in self.seen()["texts"] if text["direction"] == "outbound-api"]

    def stop(self) -> None:
        """End its process, and wait until it has ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def __enter__(self) -> FakeTwilio:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _talk(self, method: str, body: str | None) -> dict[str, Any]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=CONTROL_SECONDS)
        try:
            line.request(method, "/_control", body)
            answer = line.getresponse()
            said: dict[str, Any] = json.loads(answer.read())
        finally:
            line.close()
        assert answer.status == 200, said
        return said
