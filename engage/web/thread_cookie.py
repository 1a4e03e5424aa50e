"""The cookie that keeps a reporter in their thread after sending: the look-up hash, signed, never the access code."""

from __future__ import annotations

import hmac

from flask import Response, request
from itsdangerous import BadData, URLSafeTimedSerializer

from engage.web.frame import cookie_name, installation

HOURS = 12
CHAT = "engage_chat"


def give(response: Response, access_hash: str) -> None:
    """Let this browser into a thread until it is closed, or for 12 hours."""
    opened = installation()
    response.set_cookie(
        cookie_name(opened, "engage_thread"),
        _serializer().dumps(access_hash),
        httponly=True,
        samesite="Lax",
        secure=opened.settings.sends_cookies_over_https_only,
        path="/",
    )


def read() -> str | None:
    """The look-up hash of the thread this browser is in, if any."""
    value = request.cookies.get(cookie_name(installation(), "engage_thread"), "")
    try:
        return str(_serializer().loads(value, max_age=HOURS * 3600))
    except BadData:
        return None


def forget(response: Response) -> None:
    """Leave the thread on this browser."""
    _forget(response, "engage_thread")


def forget_chat(response: Response) -> None:
    """Leave the chat on this browser."""
    _forget(response, CHAT)


def _forget(response: Response, name: str) -> None:
    opened = installation()
    response.delete_cookie(
        cookie_name(opened, name),
        path="/",
        secure=opened.settings.sends_cookies_over_https_only,
        httponly=True,
        samesite="Lax",
    )


def form_token(access_hash: str) -> str:
    """What a form of this thread must carry, so that no other site can send it."""
    return installation().vault.look_up_hash("thread-form", access_hash)


def is_own_form(access_hash: str, token: str) -> bool:
    """Whether a form came from this thread's own page."""
    return hmac.compare_digest(form_token(access_hash).encode(), token.encode())


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(installation().vault.key_for("thread-cookie"), salt="thread")
