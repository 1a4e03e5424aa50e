"""Answers are compressed where nothing in them is secret: static files, and pages asked for without any cookie.

Whoever can put words of their own into a compressed page beside a secret can guess the secret from its length (the
BREACH attack, 2013). A page that was asked for without a cookie holds nothing that is not given to everybody.
"""

from __future__ import annotations

import gzip
from collections.abc import MutableMapping
from typing import Final

from flask import Flask, Response, current_app, request

#: Shorter answers fit into one packet anyway.
SHORTEST: Final = 500
_LEVEL_OF_PAGES: Final = 6
_LEVEL_OF_FILES: Final = 9
_WORDS: Final = frozenset({"text/css", "text/javascript", "application/javascript", "image/svg+xml", "text/plain"})


def prepare(app: Flask) -> None:
    """Let an application compress what it answers."""
    app.after_request(squeeze)


def squeeze(response: Response) -> Response:
    """The answer, compressed with gzip (RFC 1952) where that is safe and the browser reads it."""
    if request.endpoint == "static":
        if response.mimetype not in _WORDS:
            return response
        response.vary.add("Accept-Encoding")
        if _may_be(response) and response.status_code == 200:
            _put(response, _squeezed_file(response))
    elif _is_everybodys(response):
        response.vary.add("Accept-Encoding")
        if _may_be(response) and len(response.get_data()) >= SHORTEST:
            _put(response, gzip.compress(response.get_data(), _LEVEL_OF_PAGES, mtime=0))
    return response


def _may_be(response: Response) -> bool:
    return request.accept_encodings["gzip"] > 0 and "Content-Encoding" not in response.headers


def _is_everybodys(response: Response) -> bool:
    """Whether an answer is a page that anybody would be given: asked for and given without a cookie."""
    plain = request.method == "GET" and not request.cookies and "Set-Cookie" not in response.headers
    return plain and response.mimetype == "text/html" and not response.is_streamed


def _squeezed_file(response: Response) -> bytes:
    """A static file, compressed once: by its name and the mark of its content."""
    known: MutableMapping[tuple[str, str], bytes] = current_app.extensions.setdefault("engage_squeezed", {})
    key, opened = (request.path, response.headers.get("ETag", "")), response.response
    if key not in known:
        response.direct_passthrough = False
        known[key] = gzip.compress(response.get_data(), _LEVEL_OF_FILES, mtime=0)
    if hasattr(opened, "close"):
        opened.close()  # the file itself: its copy is sent instead
    return known[key]


def _put(response: Response, data: bytes) -> None:
    response.direct_passthrough = False
    response.set_data(data)
    response.headers["Content-Encoding"] = "gzip"
    tag, _weak = response.get_etag()
    if tag:
        response.set_etag(tag, weak=True)  # the same to read, not the same bytes
