"""A visitor that sends exactly the bytes it is told to: what no browser and no test client would send."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from urllib.parse import urlencode

from flask import Flask
from werkzeug.test import run_wsgi_app

from tests.form_client import is_form_of_poster, with_token
from tests.make import PASSWORD

FORM = "application/x-www-form-urlencoded"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass(slots=True, eq=False)
class Visitor:
    """One browser's cookies, and requests as raw bytes."""

    app: Flask
    cookies: dict[str, str] = field(default_factory=dict)

    def asks(
        self,
        path: bytes | str,
        method: str = "GET",
        query: bytes = b"",
        body: bytes = b"",
        kind: str = FORM,
        **headers: str,
    ) -> Answer:
        """Send a request; `path` as it is after percent-decoding, headers by their WSGI names."""
        raw = path.encode() if isinstance(path, str) else path
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": raw.decode("latin-1"),
            "QUERY_STRING": query.decode("latin-1"),
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "127.0.0.1:8000",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": kind,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            **({"HTTP_COOKIE": cookies} if cookies else {}),
            **headers,
        }
        parts, status, given = run_wsgi_app(self.app, environ, buffered=True)
        for cookie in given.getlist("Set-Cookie"):
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        text = b"".join(parts).decode("utf-8", "replace")
        return Answer(int(status.split()[0]), dict(given), text)

    def sends(self, path: str, **fields: str) -> Answer:
        """Send a form; that of a poster as if its page had been loaded before."""
        if is_form_of_poster(path):
            fields = with_token(self.app.extensions["engage"], fields)
        return self.asks(path, "POST", body=urlencode(fields).encode())

    def signs_in(self, login: str, password: str = PASSWORD) -> Answer:
        """Sign in at the desk, through its form."""
        return self.sends("/desk/sign-in", login=login, password=password, csrf_token=self.token("/desk/sign-in"))

    def token(self, path: str) -> str:
        """The token of the forms on a page of the desk."""
        found = _TOKEN.search(self.asks(path).body)
        assert found, f"{path} has no form"
        return found[1]
