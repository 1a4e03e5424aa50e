"""The page behind the small print: who reads a report, what is kept, and for how long."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engage.posters import register
from engage.web import thread_cookie
from engage.web.frame import installation

door = Blueprint("privacy", __name__)


@door.get("/privacy")
def show() -> ResponseReturnValue:
    """The page; with the way back to the poster that somebody came from."""
    with installation().database.reading() as session:
        where = register.find_poster(session, request.args.get("at", ""))
    return render_template("public/privacy.html", where=where, code=where and where.code, hours=thread_cookie.HOURS)
