"""Failures become HTTP here, once: every one of them a page with a plain sentence."""

from __future__ import annotations

import structlog
from flask import Flask, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from engage.cases import CaseMissing
from engage.intake import NoSite
from engage.web.frame import say

log = structlog.get_logger()


def _(sentence: str) -> str:
    return sentence


SENTENCES = {
    400: _("What was sent cannot be read. Nothing was stored; please go back and send it again."),
    403: _("This form is too old or came from another site. Go back, load the page again and send it once more."),
    404: _("There is no such page. If you typed a code from a poster, check its five characters."),
    405: _("This address does not do that. Go back and use the buttons of the page."),
    409: _("Someone else changed this in the meantime. Load the page again to see it."),
    413: _("That is too much to send at once. Nothing was stored; please shorten it, or send it in parts."),
    429: _("Too many tries. Wait a few minutes, then try again."),
    503: _("Reports cannot be taken at the moment. If someone is in danger, call the emergency number."),
}
OTHERWISE = _("Something went wrong on our side, and it has been noted. Please try again; nothing is stored twice.")


def register(app: Flask) -> None:
    """Let an application answer every failure with a page."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CaseMissing, lambda _failure: _page(404))
    app.register_error_handler(NoSite, lambda _failure: _page(503))
    app.register_error_handler(Exception, _unexpected)


def _http(failure: HTTPException) -> ResponseReturnValue:
    if failure.response is not None or (failure.code or 500) < 400:
        return failure
    body, status = _page(failure.code or 500)
    allowed = failure.get_headers() if failure.code == 405 else []
    return body, status, [(name, value) for name, value in allowed if name == "Allow"]


def _unexpected(failure: Exception) -> ResponseReturnValue:
    log.error("failed", exc_info=failure)
    return _page(500)


def _page(status: int) -> tuple[str, int]:
    return render_template("public/error.html", status=status, sentence=say(SENTENCES.get(status, OTHERWISE))), status
