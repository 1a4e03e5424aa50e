"""The page behind a link that invites: the invited person sets a password, then a second step.

The link's secret stands behind the #, which browsers do not send; a form brings it, so it is in no address and no log.
"""

from __future__ import annotations

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from engage import accounts, invitations, inviting, passwords
from engage.invitations import InvitationClosed, Invited
from engage.passwords import PasswordRefused
from engage.web import forms, staff
from engage.web.frame import installation, now, say
from engage.web.sign_in import PER_ADDRESS, let_in, limiter

door = Blueprint("invitation", __name__)


def _(sentence: str) -> str:
    return sentence


CLOSED = _(
    "This invitation does not open. It may be used, revoked or older than three days, or a part of it is missing. "
    "Ask whoever sent it for a new one."
)
DIFFERENT = _("The two passwords are not the same. Type both again.")
OLD_FORM = _("This form was too old. Please send it again.")


@door.get("/desk/invitation")
def ask() -> ResponseReturnValue:
    """The form for the code of an invitation, which a script fills in from the link."""
    return _code_page()


@door.post("/desk/invitation")
@limiter.limit(PER_ADDRESS, deduct_when=lambda response: response.status_code == 404)
def follow() -> ResponseReturnValue:
    """Show whom the invitation is for, or set their password."""
    form, opened = forms.sent(), installation()
    link, password = form.get("code", "")[: invitations.LONGEST_LINK], form.get("password")
    if not staff.is_own_form():
        return _code_page(say(OLD_FORM), 403, link)
    try:
        with opened.database.reading() as session:
            invited = invitations.whom(session, opened.vault, link, now())
            about = inviting.known_of(session, invited.staff_id)
        if password is None:
            return _password_page(invited, link)
        if password != form.get("again", ""):
            return _password_page(invited, link, say(DIFFERENT), 422)
        passwords.check(password, about)
        hashed = accounts.hash_password(password)
        with opened.database.transaction() as session:
            officer = invitations.follow(session, opened.vault, link, hashed, now())
    except InvitationClosed:
        return _code_page(say(CLOSED), 404, link)
    except PasswordRefused as refused:
        return _password_page(invited, link, say(refused.sentence, **refused.values), 422)
    return let_in(officer, None)


def _code_page(trouble: str = "", status: int = 200, code: str = "") -> Response:
    return Response(render_template("desk/invitation.html", invited=None, code=code, trouble=trouble), status)


def _password_page(invited: Invited, code: str, trouble: str = "", status: int = 200) -> Response:
    page = render_template(
        "desk/invitation.html", invited=invited, code=code, trouble=trouble, fewest=passwords.FEWEST_CHARACTERS
    )
    return Response(page, status)
