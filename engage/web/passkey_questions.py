"""What a page asks of a device that holds a passkey: for signing in, for a second step, or to prove it again."""

from __future__ import annotations

from flask import Blueprint, Response, abort
from flask.typing import ResponseReturnValue

from engage import passkeys, vouching
from engage.passkeys import House
from engage.web import staff
from engage.web.frame import installation, now

door = Blueprint("passkey_questions", __name__)


@door.get("/desk/sign-in/passkey")
def anyone() -> ResponseReturnValue:
    """A question that any passkey of the desk may answer: who comes has not said their name."""
    return _ask(None, vouching.SIGNING_IN)


@door.get("/desk/sign-in/second-step/passkey")
def old() -> ResponseReturnValue:
    """A question to the passkeys of whoever is signed in, or else waits here for the second step."""
    here, waiting = staff.signed_in(), staff.waiting()
    if waiting is not None:
        return _ask(waiting.officer.staff_id, waiting.purpose)
    if here is None:
        abort(404)
    return _ask(here.officer.staff_id, vouching.purpose_of_step_up(here.seat))


def _ask(staff_id: int | None, purpose: str) -> Response:
    opened = installation()
    house = House.at(opened.settings.public_url)
    if house is None:
        abort(404)
    with opened.database.reading() as session:
        asked = passkeys.question(session, opened.vault, house, staff_id, purpose, now())
    return Response(asked, mimetype="application/json")
