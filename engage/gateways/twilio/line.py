"""The line to Twilio: HTTP with bounds on time and size, no redirect followed blindly, and nothing tried twice.

A connection serves one call, so that no POST goes out on one that the other side has just closed.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from twilio.http import HttpClient  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from engage.gateways import GatewayDown, Undeliverable
from engage.gateways.twilio.hosts import LOOPBACK, Hosts
from engage.gateways.twilio.refusals import UNSURE_WAIT, refusal, wait_told

#: To connect to one address (a host may have several, which are tried in turn), and to wait for the next bytes.
CONNECT_SECONDS: Final = 4.0
ANSWER_SECONDS: Final = 11.0
#: After so long a search for a host that answers, nothing is sent: the outbox's lease might end before the call does.
LOOKING_SECONDS: Final = 25.0
#: After this long an answer is given up between two pieces: a whole call stays far below the 50 seconds that the outbox
#: leaves to it.
CALL_SECONDS: Final = 20.0
LARGEST_ANSWER: Final = 16 * 1024 * 1024

LARGEST_FILE: Final = 5 * 1024 * 1024
FETCH_SECONDS: Final = 15.0
FETCH_ANSWER_SECONDS: Final = 5.0
MOST_REDIRECTS: Final = 3
_FILES: Final = ("image/", "video/", "audio/")
_FILE_TYPES: Final = frozenset({"application/pdf", "text/vcard", "text/x-vcard", "text/plain"})
_PIECE: Final = 64 * 1024

# It writes whole addresses into the log, and ours have phone numbers in them.
logging.getLogger("urllib3").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Fetched:
    """The content of a file and what the provider says that it is."""

    content: bytes
    content_type: str


class Line(HttpClient):  # type: ignore[misc]
    """What twilio-python sends its requests with. It raises our words for every answer but success."""

    def __init__(self, api_url: str) -> None:
        super().__init__(logging.getLogger(__name__), is_async=False, timeout=ANSWER_SECONDS)
        self._api = urlsplit(api_url)

    def request(
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ARG002
        allow_redirects: bool = False,  # noqa: ARG002
    ) -> Response:
        """Ask the provider, at the address of our settings. Raises `GatewayDown` or `Undeliverable`."""
        here = urlsplit(url)._replace(scheme=self._api.scheme, netloc=self._api.netloc).geturl()
        deadline = time.monotonic() + CALL_SECONDS
        with _asked(method, here, ANSWER_SECONDS, params=params, data=data, headers=headers, auth=auth) as answer:
            content = _read(answer, LARGEST_ANSWER, deadline)
            if content is None:
                raise GatewayDown("the text provider's answer is too large", UNSURE_WAIT)
            text = content.decode("utf-8", "replace")
            if not 200 <= answer.status_code < 300:
                raise refusal(answer.status_code, text, answer.headers.get("Retry-After"), datetime.now(UTC))
            return Response(answer.status_code, text, answer.headers)


class Files:
    """Fetches what came with a message from where the provider keeps it."""

    def __init__(self, hosts: Hosts, auth: tuple[str, str]) -> None:
        self._hosts = hosts
        self._auth = auth

    def fetch(self, url: str) -> Fetched:
        """The content of a file. Raises `GatewayDown` where trying again helps, and `Undeliverable` where not."""
        if not self._hosts.are_theirs(url):
            raise Undeliverable("The file is not at the text provider.")
        deadline = time.monotonic() + FETCH_SECONDS
        for _ in range(MOST_REDIRECTS + 1):
            auth = self._auth if self._hosts.are_theirs(url) else _NoPassword()
            with _asked("GET", url, FETCH_ANSWER_SECONDS, auth=auth, headers={"Accept": "*/*"}) as answer:
                if not answer.is_redirect:
                    return _file(answer, deadline)
                url = urljoin(url, answer.headers["Location"])
            if not self._hosts.may_send_on(url):
                raise Undeliverable("The file is not at the text provider.")
            if time.monotonic() > deadline:
                raise GatewayDown("the text provider answers too slowly")
        raise Undeliverable("The text provider sends on and on for the file.")


class _PromptConnection(HTTPConnection):
    """Sends nothing after too long a search for the host."""

    def connect(self) -> None:
        began = time.monotonic()
        super().connect()
        _check_prompt(self, began)


class _PromptSecureConnection(HTTPSConnection):
    """The same over TLS."""

    def connect(self) -> None:
        began = time.monotonic()
        super().connect()
        _check_prompt(self, began)


def _check_prompt(connection: HTTPConnection, began: float) -> None:
    if time.monotonic() - began > LOOKING_SECONDS:
        connection.close()
        raise ConnectTimeoutError("it took too long to connect")


class _Pool(HTTPConnectionPool):
    ConnectionCls = _PromptConnection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _PromptSecureConnection


class _PromptAdapter(HTTPAdapter):
    """Makes `requests` use these connections, and try nothing twice."""

    def init_poolmanager(self, *given: Any, **named: Any) -> None:
        super().init_poolmanager(*given, **named)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}


class _NoPassword(AuthBase):
    """Keeps `requests` from looking for a password in a file of the user."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


@contextmanager
def _asked(method: str, url: str, seconds: float, *, auth: Any, **what: Any) -> Iterator[requests.Response]:
    """The answer to one request, on its own connection. What errors say is not passed on: it holds addresses."""
    what["headers"] = {**(what.get("headers") or {}), "Accept-Encoding": "identity"}
    timeout = (CONNECT_SECONDS, seconds)
    try:
        with requests.Session() as session:
            session.mount("https://", _PromptAdapter(max_retries=0))
            session.mount("http://", _PromptAdapter(max_retries=0))
            session.trust_env = urlsplit(url).hostname not in LOOPBACK  # no proxy stands between us and ourselves
            auth = auth or _NoPassword()
            with session.request(
                method, url, auth=auth, timeout=timeout, allow_redirects=False, stream=True, **what
            ) as answer:
                yield answer
    except UnicodeEncodeError:
        raise Undeliverable("The message cannot be written in a text.") from None
    except (requests.RequestException, HTTPError, OSError) as problem:
        wait = None if _never_reached(problem) else UNSURE_WAIT
        raise GatewayDown(f"the text provider cannot be reached: {type(problem).__name__}", wait) from None


def _never_reached(problem: BaseException) -> bool:
    reason = getattr(problem.args[0], "reason", None) if problem.args else None
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)


def _read(answer: requests.Response, most: int, deadline: float) -> bytes | None:
    """The content, as it comes in; None if it is more than `most` bytes."""
    content = bytearray()
    while piece := answer.raw.read1(_PIECE, decode_content=True):
        content += piece
        if len(content) > most:
            return None
        if time.monotonic() > deadline:
            raise GatewayDown("the text provider answers too slowly", UNSURE_WAIT)
    return bytes(content)


def _file(answer: requests.Response, deadline: float) -> Fetched:
    status, retry_after = answer.status_code, answer.headers.get("Retry-After")
    if status in (401, 403, 408, 425, 429) or status >= 500 or status < 200:
        raise GatewayDown(f"the text provider does not give the file now ({status})", _wait(retry_after))
    if status != 200:
        raise Undeliverable(f"The text provider has the file no longer ({status}).")
    content_type = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if not content_type.startswith(_FILES) and content_type not in _FILE_TYPES:
        raise Undeliverable("The file is of a kind that we do not take.")
    length = answer.headers.get("Content-Length", "")
    known_large = length.isascii() and length.isdigit() and int(length[:20]) > LARGEST_FILE
    content = None if known_large else _read(answer, LARGEST_FILE, deadline)
    if content is None:
        raise Undeliverable(f"The file is larger than {LARGEST_FILE // 1024 // 1024} MB.")
    return Fetched(content, content_type)


def _wait(retry_after: str | None) -> Any:
    return wait_told(retry_after, datetime.now(UTC))
