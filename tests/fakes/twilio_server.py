"""A Twilio of our own: its message list over real HTTP, in a process of its own, with every fault that a test asks for.

`python -m tests.fakes.twilio_server --port 0 --account AC… --token …` prints its port and ends when its input does.
A test sets it by `POST /_control` and reads it by `GET /_control`; see `Plan` and `_CONTROLS`.
"""

from __future__ import annotations

import argparse
import base64
import json
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.fakes.twilio_account import API, FIRST_CODE_OF_CALLBACKS, STORED, Account, Fault, Media, Text
from tests.fakes.twilio_webhooks import Webhooks

LONGEST_SLEEP = 60.0
LARGEST_REQUEST = 1_000_000


class Server(ThreadingHTTPServer):
    """Listens on this machine only."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, account: str, token: str) -> None:
        super().__init__(("127.0.0.1", port), Talk)
        self.account = Account(account, token)
        self.webhooks = Webhooks(self.account, f"http://127.0.0.1:{self.server_address[1]}")

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Callers hang up in the middle; that is what the tests are for."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class Talk(BaseHTTPRequestHandler):
    """One request."""

    server: Server

    def do_POST(self) -> None:
        size = min(int(self.headers.get("Content-Length") or 0), LARGEST_REQUEST)
        body = self.rfile.read(size).decode()
        if self.path == "/_control":
            self._control(json.loads(body))
        elif self._may_enter() and self.path == f"{API}/{self.server.account.sid}/Messages.json":
            self._send_text(dict(parse_qsl(body, keep_blank_values=True)))
        else:
            self._refuse(404, 20404)

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/_control":
            self._show()
        elif parts.path.startswith("/_store/"):
            self._give_file(parts.path.rpartition("/")[2], sends_on=False)
        elif self._may_enter():
            self._find(parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)))

    def _find(self, path: str, query: dict[str, str]) -> None:
        account = self.server.account
        if path == f"{API}/{account.sid}.json":
            self._answer(200, {"sid": account.sid, "status": account.plan.standing})
            return
        steps = path.removeprefix(f"{API}/{self.server.account.sid}/").split("/")
        if steps == ["Messages.json"]:
            self._list_texts(path, query)
        elif len(steps) == 3 and steps[2] == "Media.json":
            self._list_files(steps[1])
        elif len(steps) == 4 and steps[2] == "Media":
            self._give_file(steps[3], sends_on=True)
        else:
            self._refuse(404, 20404)

    def _may_enter(self) -> bool:
        account = self.server.account
        wanted = "Basic " + base64.b64encode(f"{account.sid}:{account.token}".encode()).decode()
        given = self.headers.get("Authorization", "")
        with account.lock:
            account.calls.append({"method": self.command, "path": self.path, "signed_in": given == wanted})
        if given == wanted:
            return True
        self._refuse(401, 20003)
        return False

    def _send_text(self, form: dict[str, str]) -> None:
        account = self.server.account
        code = account.plan.refused.get(form.get("To", ""), 0)
        if code and code < FIRST_CODE_OF_CALLBACKS:
            self._refuse(400, code)
            return
        fault = account.fault("send")
        if fault and fault.kind not in STORED:
            self._fail(fault, {})
            return
        text = account.accept(form)
        said = text.as_json(account.sid)
        self.server.webhooks.report(text, early=True)
        if fault:
            self._fail(fault, said)
        else:
            self._answer(201, said)
        self.server.webhooks.report(text, early=False)

    def _list_texts(self, path: str, query: dict[str, str]) -> None:
        account = self.server.account
        found = account.listed(query)
        size = max(1, min(int(query.get("PageSize") or 50), account.plan.page_size))
        page = int(query.get("Page") or 0)
        following = {**query, "PageSize": str(size), "Page": str(page + 1)}
        more = (page + 1) * size < len(found)
        said = {
            "messages": [text.as_json(account.sid) for text in found[page * size : (page + 1) * size]],
            "page": page,
            "page_size": size,
            "uri": self.path,
            "next_page_uri": f"{path}?{urlencode(following)}" if more else None,
        }
        if fault := account.fault("list"):
            self._fail(fault, said)
        else:
            self._answer(200, said)

    def _list_files(self, sid: str) -> None:
        account = self.server.account
        text = account.texts.get(sid)
        files = [
            {
                "sid": file.sid,
                "account_sid": account.sid,
                "parent_sid": sid,
                "content_type": file.content_type,
                "uri": f"{API}/{account.sid}/Messages/{sid}/Media/{file.sid}.json",
            }
            for file in (text.media if text else [])
        ]
        self._answer(200, {"media_list": files, "page": 0, "page_size": 50, "uri": self.path, "next_page_uri": None})

    def _give_file(self, sid: str, *, sends_on: bool) -> None:
        file = self.server.account.media(sid)
        fault = self.server.account.fault("media")
        if file is None:
            self._refuse(404, 20404)
        elif fault:
            self._fail(fault, {"content": "0" * 1000})
        elif file.location and sends_on:
            self._raw(307, b"", {"Location": file.location.replace("{sid}", sid)})
        else:
            self._write_file(file)

    def _write_file(self, file: Media) -> None:
        data = file.data
        self.send_response(file.status)
        self.send_header("Content-Type", file.content_type)
        if file.tells_length:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: max(0, len(data) - file.shorter_by)])
        if file.seconds:
            self._trickle(file.seconds)

    def _fail(self, fault: Fault, said: dict[str, Any]) -> None:
        kind = fault.kind
        if kind == "429":
            self._answer(429, {"code": 20429, "message": "Too many", "status": 429}, {"Retry-After": fault.retry_after})
        elif kind == "refuse":
            self._refuse(400, fault.code)
        elif kind.isdigit():
            self._answer(int(kind), {"code": fault.code or 20500, "status": int(kind), "message": "No"})
        elif kind.startswith("500"):
            self._answer(500, {"code": 20500, "status": 500, "message": "No"})
        elif kind.startswith("hang"):
            time.sleep(min(fault.seconds, LONGEST_SLEEP))
        elif kind.startswith("reset"):
            self._reset()
        elif kind == "garbage":
            self._raw(201, b"<html>fine</html>", {"Content-Type": "text/html"})
        elif kind == "redirect":
            self._raw(302, b"", {"Location": "/_control"})
        else:
            self._break_off(said, fault.seconds if kind == "drip" else 0.0)

    def _break_off(self, said: dict[str, Any], seconds: float) -> None:
        """An answer of which the second half is missing, or comes byte by byte."""
        data = json.dumps(said).encode()
        self.send_response(201 if self.command == "POST" else 200)
        self.send_header("Content-Type", "image/jpeg" if "/Media/" in self.path else "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) // 2])
        if seconds:
            self._trickle(seconds)

    def _trickle(self, seconds: float) -> None:
        ends = time.monotonic() + min(seconds, LONGEST_SLEEP)
        while time.monotonic() < ends:
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(0.1)

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.connection.close()

    def _refuse(self, status: int, code: int) -> None:
        more = f"https://www.twilio.com/docs/errors/{code}"
        self._answer(status, {"code": code, "message": "Refused", "more_info": more, "status": status})

    def _answer(self, status: int, said: Any, headers: dict[str, str] | None = None) -> None:
        self._raw(status, json.dumps(said).encode(), {"Content-Type": "application/json", **(headers or {})})

    def _raw(self, status: int, data: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _control(self, told: dict[str, Any]) -> None:
        try:
            said = {name: _CONTROLS[name](self.server, value) for name, value in told.items()}
        except (KeyError, ValueError, TypeError) as problem:
            self._answer(400, {"problem": f"{type(problem).__name__}: {problem}"})
        else:
            self._answer(200, said)

    def _show(self) -> None:
        account = self.server.account
        with account.lock:
            texts = [asdict(text) for text in account.texts.values()]
            said = {"texts": texts, "calls": account.calls, "webhooks": account.webhooks}
            written = json.dumps(said, default=str)
        self._raw(200, written.encode(), {"Content-Type": "application/json"})

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def _tell(server: Server, told: dict[str, Any]) -> list[int]:
    text = server.account.texts[told["sid"]]
    return server.webhooks.tell(text, told["statuses"], told.get("error_code"))


def _put(server: Server, told: dict[str, Any]) -> str:
    return server.account.keep(Text(**told)).sid


#: What a test may tell: `{"reset": true}`, `{"plan": {…}}`, `{"incoming": {…}}`, `{"tell": {"sid", "statuses"}}`,
#: `{"token": …}` (the account's from now on), `{"text": {…}}` (put into the list as it is).
_CONTROLS: dict[str, Callable[[Server, Any], Any]] = {
    "reset": lambda server, _: server.account.reset(),
    "plan": lambda server, told: server.account.change_plan(told),
    "incoming": lambda server, told: server.webhooks.take_in(told),
    "tell": _tell,
    "token": lambda server, told: setattr(server.account, "token", told),
    "text": _put,
}


def main() -> None:
    """Serve until the input ends."""
    parser = argparse.ArgumentParser(description="A Twilio for tests.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--account", required=True)
    parser.add_argument("--token", required=True)
    given = parser.parse_args()
    with Server(given.port, given.account, given.token) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        print(server.server_address[1], flush=True)
        sys.stdin.read()
        server.shutdown()


if __name__ == "__main__":
    main()
