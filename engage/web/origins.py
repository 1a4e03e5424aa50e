"""Forms of other sites: a browser says where a form comes from, and one from elsewhere changes nothing here.

This comes on top of the tokens of the desk and of threads, and is all that the public forms can have: they stand on
pages without a session. Browsers send `Sec-Fetch-Site` over https and to this machine (W3C Fetch Metadata), and
`Origin` with every form (RFC 6454, section 7); what is no browser sends neither, and has no cookies to misuse.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, abort, request
from flask.typing import ResponseReturnValue

from engage.web.frame import installation

CHANGES_NOTHING = frozenset({"GET", "HEAD", "OPTIONS"})
#: From a page of this very host, or typed and bookmarked by the visitor.
OURS = frozenset({"same-origin", "none"})


def prepare(app: Flask) -> None:
    """Let an application refuse what other sites send."""
    app.before_request(refuse_other_sites)


def refuse_other_sites() -> ResponseReturnValue | None:
    """403 for a form of another site, before any door."""
    if request.method not in CHANGES_NOTHING and not is_from_here():
        abort(403)
    return None


def is_from_here() -> bool:
    """Whether a request may come from a page of ours, by what its browser says of it.

    Our pages send no referrer, and then browsers say `null` for the origin of our own forms.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in OURS
    origin = request.headers.get("Origin", "null")
    return origin == "null" or _host_of(origin) in (_host_of(installation().settings.public_url), request.host)


def _host_of(address: str) -> str:
    """Host and port of an address. Not its scheme: a proxy before us may speak https, while we are asked by http."""
    try:
        return urlsplit(address).netloc or "none"
    except ValueError:
        return "none"
