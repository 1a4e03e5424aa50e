"""Step-up: before what is grave, an officer proves again who they are. A proof lasts five minutes.

A door calls `needed()` once it knows that the form is its own, and before it does anything:

    asked = step_up.needed()
    if asked is not None:
        return asked

The page that asks sends the same form again to the same address, with all that was typed; what was chosen as a file is
the one thing that no page can keep.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engage import second_steps, vouching
from engage.passkeys import House
from engage.vouching import Given, Outcome
from engage.web import devices, forms, staff
from engage.web.frame import installation, now, say
from engage.web.sign_in import own_path

door = Blueprint("step_up", __name__)


def _(sentence: str) -> str:
    return sentence


TROUBLES = {
    Outcome.WRONG: _("That was not right. Please try again."),
    Outcome.TOO_MANY: _("Too many codes were tried. Use a recovery code or a passkey, or wait an hour."),
}
#: The fields of the page that asks, which are no part of the form it keeps.
CODE, PASSWORD, PASSKEY = "step_up_code", "step_up_password", "step_up_passkey"


def needed() -> ResponseReturnValue | None:
    """None where the officer proved lately who they are, or does so in this very form; else the page that asks."""
    here = staff.signed_in()
    if here is None:
        abort(403)
    if g.get("stepped_up") or here.seat.is_proven(now()):
        return None
    if request.method != "POST":
        return _page("")
    if not staff.is_own_form():
        abort(403)
    form = forms.sent()
    known = bool(devices.known_to(here.officer.login))
    given = Given(form.get(CODE, ""), form.get(PASSKEY, ""), form.get(PASSWORD, ""), known)
    if not given.anything:
        return _page("")
    opened, moment = installation(), now()
    with opened.database.transaction() as session:
        house = House.at(opened.settings.public_url)
        outcome = vouching.step_up(session, opened.vault, house, here.officer, here.seat, given, moment)
    g.stepped_up = outcome is Outcome.RIGHT
    return None if g.stepped_up else _page(say(TROUBLES[outcome]), 422)


@door.post("/desk/step-up")
def prove() -> ResponseReturnValue:
    """Prove who one is for a page that only shows something, and go there."""
    asked = needed()
    return asked if asked is not None else redirect(own_path(forms.sent().get("next")), 303)


def _page(trouble: str, status: int = 200) -> Response:
    here = staff.signed_in()
    opened = installation()
    with opened.database.reading() as session:
        steps = second_steps.steps_of(session, here.officer.staff_id if here else 0)
    posted = request.method == "POST"
    kept = [
        (name, value)
        for name, value in (request.form.items(multi=True) if posted else [("next", request.full_path.rstrip("?"))])
        if name not in (CODE, PASSWORD, PASSKEY, "csrf_token")
    ]
    page = render_template(
        "desk/step_up.html",
        action=request.full_path.rstrip("?") if posted else url_for("step_up.prove"),
        kept=kept,
        steps=steps,
        passkeys=steps.passkeys and House.at(opened.settings.public_url) is not None,
        trouble=trouble,
        loses_files=posted and bool(request.files),
    )
    return Response(page, status)
