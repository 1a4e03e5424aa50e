"""Leaving quickly: another site takes the place of our page, and this browser forgets its conversation."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, request
from flask.typing import ResponseReturnValue

from engage.web import thread_cookie
from engage.web.frame import installation

door = Blueprint("leaving", __name__)


@door.get("/away")
def leave() -> ResponseReturnValue:
    """Go to the neutral page of the settings. Links of other sites lead there too, but make nobody's browser forget."""
    response = make_response(redirect(installation().settings.neutral_url, 303))
    if request.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none"):
        thread_cookie.forget(response)
        thread_cookie.forget_chat(response)
    return response
