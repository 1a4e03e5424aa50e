"""The cookie of a receiver without an account: the look-up hash of their link's token, signed, never the token."""

from __future__ import annotations

import hmac
from typing import Final

from flask import Response, request
from itsdangerous import BadData, URLSafeTimedSerializer

from engage.web.frame import cookie_name, installation

HOURS: Final = 12
NAME: Final = "engage_referral"


def give(response: Response, token_hash: str) -> None:
    """Let this browser go on reading what a link opens, until it is closed, or for 12 hours."""
    opened = installation()
    response.set_cookie(
        cookie_name(opened, NAME),
        _serializer().dumps(token_hash),
        httponly=True,
        samesite="Lax",
        secure=opened.settings.sends_cookies_over_https_only,
        path="/",
    )


def read() -> str | None:
    """The look-up hash of the link this browser has shown, if any."""
    value = request.cookies.get(cookie_name(installation(), NAME), "")
    try:
        return str(_serializer().loads(value, max_age=HOURS * 3600))
    except BadData:
        return None


def forget(response: Response) -> None:
    """Close it on this browser."""
    opened = installation()
    response.delete_cookie(
        cookie_name(opened, NAME),
        path="/",
        secure=opened.settings.sends_cookies_over_https_only,
        httponly=True,
        samesite="Lax",
    )


def form_token(token_hash: str) -> str:
    """What a form of this page must carry, so that no other site can send it."""
    return installation().vault.look_up_hash("referral-form", token_hash)


def is_own_form(token_hash: str, token: str) -> bool:
    """Whether a form came from the page of this very link."""
    return hmac.compare_digest(form_token(token_hash).encode(), token.encode())


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(installation().vault.key_for("referral-cookie"), salt="referral")
