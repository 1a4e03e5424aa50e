"""The second step of signing in: a code or a passkey after the password, or setting up an app where there is none."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engage import second_steps, vouching
from engage.passkeys import House
from engage.second_steps import WrongCode
from engage.vouching import Given, Outcome, Pending
from engage.web import apps, devices, forms, staff
from engage.web.frame import installation, now, say
from engage.web.sign_in import own_path
from engage.web.step_up import TROUBLES

door = Blueprint("second_step", __name__)


def _(sentence: str) -> str:
    return sentence


OLD_FORM = _("This form was too old. Please try again.")
WRONG_NEW = _("This code does not fit the picture. Wait for the next code of your app and enter that.")


@door.get("/desk/sign-in/second-step")
def ask() -> ResponseReturnValue:
    """Ask for the code, or show the picture that sets up an app."""
    return _page(request.args.get("next"))


@door.post("/desk/sign-in/second-step")
def enter() -> ResponseReturnValue:
    """Try a code or a passkey."""
    form = forms.sent()
    wanted, pending = form.get("next"), staff.waiting()
    if not staff.is_own_form():
        return _page(wanted, say(OLD_FORM), 403)
    if pending is None:
        return _over(wanted)
    opened = installation()
    with opened.database.transaction() as session:
        house = House.at(opened.settings.public_url)
        given = Given(form.get("code", ""), form.get("passkey", ""), "", bool(devices.known_to(pending.officer.login)))
        outcome, officer = vouching.finish(session, opened.vault, house, staff.waiting_token(), given, now())
    if officer is not None:
        staff.begin_session(officer)
        return redirect(own_path(wanted), 303)
    return _over(wanted) if outcome is Outcome.OVER else _page(wanted, say(TROUBLES[outcome]), 422)


@door.post("/desk/sign-in/second-step/new")
def set_up() -> ResponseReturnValue:
    """Set up the first app of an officer whose password was right, and show their recovery codes, once."""
    form = forms.sent()
    wanted, pending, sealed = form.get("next"), staff.waiting(), form.get("offer", "")
    if not staff.is_own_form():
        return _page(wanted, say(OLD_FORM), 403)
    if pending is None:
        return _over(wanted)
    try:
        codes = _set_up(pending, sealed, form.get("code", ""))
    except WrongCode:
        return _page(wanted, say(WRONG_NEW), 422, sealed)
    if codes is None:  # another page of theirs was faster
        return _page(wanted)
    staff.begin_session(pending.officer)
    return apps.codes_page(codes, own_path(wanted))


def _set_up(pending: Pending, sealed: str, code: str) -> list[str] | None:
    opened, officer = installation(), pending.officer
    secret = second_steps.offered(opened.vault, officer.staff_id, sealed)
    if secret is None:
        raise WrongCode
    with opened.database.transaction() as session:
        if not vouching.still_waits(session, opened.vault, staff.waiting_token(), now()):
            return None
        if second_steps.steps_of(session, officer.staff_id).any:
            return None
        codes = second_steps.confirm(session, opened.vault, officer, secret, code, now())
        vouching.end(session, opened.vault, staff.waiting_token(), now())
    return codes


def _page(wanted: str | None, trouble: str = "", status: int = 200, sealed: str = "") -> ResponseReturnValue:
    pending, opened = staff.waiting(), installation()
    if pending is None:
        return _over(wanted)
    with opened.database.reading() as session:
        steps = second_steps.steps_of(session, pending.officer.staff_id)
    page = render_template(
        "desk/second_step.html",
        steps=steps,
        passkeys=steps.passkeys and House.at(opened.settings.public_url) is not None,
        app=None if steps.any else apps.offer(pending.officer, sealed),
        next=own_path(wanted),
        trouble=trouble,
    )
    return Response(page, status)


def _over(wanted: str | None) -> ResponseReturnValue:
    return redirect(url_for("sign_in.ask", next=own_path(wanted), over=1), 303)
