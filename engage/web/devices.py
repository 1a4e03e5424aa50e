"""The browsers of staff: what one is called in the list of sign-ins, and which ones an officer has signed in on before.

A browser where somebody signed in fully keeps a signed cookie. It opens nothing; it only gives whoever sits there an
allowance of tries of their own, so that guessing from elsewhere, or from behind the same address, locks nobody out.
"""

from __future__ import annotations

import re
import secrets
from typing import Final

from flask import Response, after_this_request, request
from itsdangerous import BadData, URLSafeTimedSerializer

from engage.web.frame import cookie_name, installation

LASTS_SECONDS: Final = 180 * 24 * 3600
#: So many officers may share a browser and be known there; who signed in longest ago is forgotten first.
MOST_OFFICERS: Final = 12
_FAMILIES: Final = (
    (r"Edg(e|A|iOS)?/", "Edge"),
    (r"OPR/", "Opera"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"Firefox/|FxiOS/", "Firefox"),
    (r"Chrom(e|ium)/|CriOS/", "Chromium"),
    (r"Safari/", "Safari"),
)
_SYSTEMS: Final = (
    (r"Android", "Android"),
    (r"iPhone|iPad", "iOS"),
    (r"CrOS", "ChromeOS"),
    (r"Windows", "Windows"),
    (r"Macintosh", "macOS"),
    (r"Linux", "Linux"),
)


def usual_name() -> str:
    """What the browser of this request is called until its officer names it: “Chromium · Linux”. No version is kept."""
    agent = request.headers.get("User-Agent", "")[:500]
    return " · ".join(name for name in (_first(_FAMILIES, agent), _first(_SYSTEMS, agent)) if name)


def remember(login: str) -> None:
    """Let this browser know, with the answer to this request, that an officer has signed in here."""
    device, officers = _read()
    mark = _mark(login)
    known = [mark, *(one for one in officers if one != mark)][:MOST_OFFICERS]
    value = _serializer().dumps([device or secrets.token_urlsafe(12), known])

    @after_this_request
    def keep(response: Response) -> Response:
        opened = installation()
        response.set_cookie(
            cookie_name(opened, "engage_device"),
            value,
            max_age=LASTS_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=opened.settings.sends_cookies_over_https_only,
            path="/",
        )
        return response


def known_to(login: str) -> str:
    """The name of this browser, by which its tries are counted, where this officer has signed in here; else empty."""
    device, officers = _read()
    return device if _mark(login) in officers else ""


def _read() -> tuple[str, list[str]]:
    value = request.cookies.get(cookie_name(installation(), "engage_device"), "")
    try:
        device, officers = _serializer().loads(value, max_age=LASTS_SECONDS)
    except (BadData, ValueError, TypeError):
        return "", []
    return str(device), [str(one) for one in officers]


def _mark(login: str) -> str:
    return installation().vault.look_up_hash("device-login", login.strip().lower())[:16]


def _first(names: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for pattern, name in names if re.search(pattern, agent)), "")


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(installation().vault.key_for("device-cookie"), salt="device")
