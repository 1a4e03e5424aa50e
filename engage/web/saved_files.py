"""Sending a file that a stranger sent: to be saved, never shown as a part of our pages."""

from __future__ import annotations

import mimetypes
import re

from flask import Response

#: Such a file can do nothing where it is opened.
FILE_POLICY = "sandbox; default-src 'none'"
#: The type of pictures that we drew ourselves.
DRAWN = "image/jpeg"
_PLAIN_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]{1,60}", re.ASCII)


def sent(content: bytes, kind: str, *, name: str) -> Response:
    """The answer that lets a browser save a file of a type under a name without ending."""
    kind = kind if _PLAIN_TYPE.fullmatch(kind) else "application/octet-stream"
    response = Response(content, content_type=kind)
    ending = mimetypes.guess_extension(kind) or ""
    response.headers["Content-Disposition"] = f'attachment; filename="{name}{ending}"'
    response.headers["Content-Security-Policy"] = FILE_POLICY
    return response


def shown(picture: bytes) -> Response:
    """The answer with a picture that we drew ourselves: the only thing that a browser may show by itself."""
    response = Response(picture, content_type=DRAWN)
    response.headers["Content-Disposition"] = "inline"
    response.headers["Content-Security-Policy"] = FILE_POLICY
    return response
