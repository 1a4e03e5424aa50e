"""Files on their way in parts: the address holds the capability, so neither cookie nor form is needed."""

from __future__ import annotations

import re

from flask import Blueprint, abort, current_app, request, send_from_directory
from flask.typing import ResponseReturnValue

from engage import uploads
from engage.uploads import LARGEST_PART, Part, Standing
from engage.web.frame import installation, now

door = Blueprint("upload", __name__)
_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)


_SCRIPTS = {"worker.js": "sending-worker.js", "outbox.js": "outbox.js"}


@door.get("/sending/<script>")
def scripts(script: str) -> ResponseReturnValue:
    """The worker that sends what a phone keeps. Here it controls no page; its address never changes."""
    if script not in _SCRIPTS:
        abort(404)
    return send_from_directory(current_app.static_folder or "", _SCRIPTS[script], max_age=0)


@door.get("/u/<capability>/<key>")
def look(capability: str, key: str) -> ResponseReturnValue:
    """How far a file is."""
    opened = installation()
    with opened.database.reading() as session:
        report_id = _report(capability, key)
        return _said(uploads.standing(session, report_id, key))


@door.put("/u/<capability>/<key>")
def take(capability: str, key: str) -> ResponseReturnValue:
    """Take a part: `size` and `at` are in the query, the bytes in the body. The answer says where to go on."""
    opened, report_id = installation(), _report(capability, key)
    size, at = request.args.get("size", ""), request.args.get("at", "")
    if not _NUMBER.fullmatch(size) or not _NUMBER.fullmatch(at):
        abort(400)
    request.max_content_length = LARGEST_PART
    part = Part(key, int(size), int(at), request.get_data(cache=False), request.args.get("evidence") == "1")
    try:
        return _said(uploads.take(opened.database, opened.vault, report_id, part, now()))
    except uploads.NotTaken:
        return {"refused": True}, 422


def _report(capability: str, key: str) -> int:
    if not _KEY.fullmatch(key):
        abort(404)
    opened = installation()
    try:
        with opened.database.reading() as session:
            return uploads.report_of(session, opened.vault, capability)
    except uploads.Gone:
        abort(404)


def _said(here: Standing) -> ResponseReturnValue:
    return {"received": here.received, "done": here.done, "readable": here.readable}
