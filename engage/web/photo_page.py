"""The photo of the place where a poster hangs, for whoever stands before it and wants to know whether it is there."""

from __future__ import annotations

from flask import Blueprint, Response, abort
from flask.typing import ResponseReturnValue

from engage.posters import register
from engage.web.frame import installation

door = Blueprint("photos", __name__)


@door.get("/photos/<code>")
def show(code: str) -> ResponseReturnValue:
    """A small JPEG of our own drawing, or 404."""
    with installation().database.reading() as session:
        where = register.find_poster(session, code)
        found = register.photo_of(session, where.place_id) if where and where.place_id else None
    if found is None:
        abort(404)
    return Response(found, content_type="image/jpeg")  # not kept: it would tell which poster was scanned here
