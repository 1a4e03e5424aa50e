"""The provider's way in: texts that came, and how far ours got. Stored and committed before the answer."""

from __future__ import annotations

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from engage import delivery, incoming
from engage.gateways.twilio import SETTINGS_HEADER, SIGNATURE_HEADER, NotOurs
from engage.web.case_acts import whole_number
from engage.web.frame import installation, now
from engage.web.provider import provider

door = Blueprint("texts", __name__)
#: What the provider takes for "nothing to say": our words go through the outbox.
EMPTY = ("<?xml version='1.0' encoding='UTF-8'?><Response/>", 200, {"Content-Type": "text/xml; charset=utf-8"})
MOST_FIELDS = 200


@door.post("/webhooks/twilio/message")
def message() -> ResponseReturnValue:
    """A text, picture message or WhatsApp message. The same one again changes nothing."""
    try:
        arrived = provider().read_incoming(_genuine_pairs())
    except NotOurs:
        abort(400)
    incoming.hear(installation(), arrived, now())
    return EMPTY


@door.post("/webhooks/twilio/status")
def status() -> ResponseReturnValue:
    """How far a text of ours got. What is older than what we know, or of no row of ours, changes nothing."""
    try:
        report = provider().read_status(_genuine_pairs())
    except NotOurs:
        abort(400)
    row_id = whole_number(request.args.get("row"))
    if row_id is not None:
        opened = installation()
        with opened.database.transaction() as session:
            delivery.take_status(
                session,
                opened.vault,
                now(),
                row_id=row_id,
                key=request.args.get("key", ""),
                status=report.status,
                provider_id=report.sid,
                error_code=report.error_code,
            )
    return EMPTY


def _genuine_pairs() -> list[tuple[str, str]]:
    """The fields of the request, in order, if its signature is the provider's; 403 where it is not."""
    known, form = provider(), request.form
    pairs = list(MultiDict(form).items(multi=True))[:MOST_FIELDS]
    query = request.query_string.decode("utf-8", "replace")
    address = f"{installation().settings.public_url}{request.path}{'?' if query else ''}{query}"
    signature, settings = request.headers.get(SIGNATURE_HEADER, ""), request.headers.get(SETTINGS_HEADER)
    if not known.is_genuine(address, pairs, signature, settings):
        abort(403)
    return pairs
