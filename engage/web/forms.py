"""What a form sent, as strict UTF-8: a text with broken bytes is refused, not silently changed."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest


class BrokenText(BadRequest):
    """The body holds bytes that are no UTF-8; a browser would never send them."""

    description = "Part of what was sent is not readable text (UTF-8). Nothing was stored; please send it again."


def sent() -> MultiDict[str, str]:
    """The fields of the form in the request. Raises `BrokenText`, or 413 when the body is too large.

    A form with files holds bytes of every kind; its words are looked at where it is taken apart.
    """
    if request.mimetype == "multipart/form-data":
        return request.form
    body = request.get_data(cache=True)
    if request.mimetype == "application/x-www-form-urlencoded":
        body = unquote_to_bytes(body)
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        raise BrokenText from None
    return request.form
