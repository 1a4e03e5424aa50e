"""Inviting to the staff: the invitations of an authority, a new one, a new password for a colleague, revoking."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from engage import invitations, inviting, watch_board
from engage.inviting import InvitationRefused
from engage.staffing import LONGEST_LOGIN, StaffRefused
from engage.taxonomy import Role
from engage.web import desk_words, forms, staff, step_up
from engage.web.case_acts import whole_number
from engage.web.frame import installation, now, say

door = Blueprint("inviting", __name__)
desk_words.teach(door)

Typed = MultiDict[str, str]


def _(sentence: str) -> str:
    return sentence


OLD_FORM = _("This form was too old or came from another site, so nothing was done. Look at it and send it again.")


@door.get("/desk/invitations")
def show() -> ResponseReturnValue:
    """The invitations, and the forms that make one."""
    return _page(typed={"login": request.args.get("login", "")[:LONGEST_LOGIN]})


@door.post("/desk/invitations/<act>")
def act(act: str) -> ResponseReturnValue:
    """Do one act, or show the page again with what was typed and why it was not done."""
    typed = forms.sent()
    if act not in ACTS:
        abort(404)
    if not staff.is_own_form():
        return _page(say(OLD_FORM), 403, act, typed)
    asked = step_up.needed()
    if asked is not None:
        return asked
    try:
        return ACTS[act](typed)
    except (StaffRefused, InvitationRefused) as refused:
        return _page(say(refused.sentence, **refused.values), 422, act, typed)


def _invite(typed: Typed) -> ResponseReturnValue:
    opened = installation()
    role = next((role for role in Role if role.value == typed.get("role")), Role.OFFICER)
    login = typed.get("login", "").strip().lower()
    with opened.database.transaction() as session:
        link = invitations.invite(
            session,
            opened.vault,
            staff.officer(),
            now(),
            login=login,
            name=typed.get("name", ""),
            authority=typed.get("authority", ""),
            units=typed.getlist("unit"),
            role=role,
        )
    return _link_page(link, login)


def _again(typed: Typed) -> ResponseReturnValue:
    opened, login = installation(), typed.get("login", "").strip().lower()
    with opened.database.transaction() as session:
        link = invitations.invite_again(
            session, opened.vault, staff.officer(), now(), login, "renews_second_step" in typed
        )
    return _link_page(link, login)


def _revoke(typed: Typed) -> ResponseReturnValue:
    with installation().database.transaction() as session:
        invitations.revoke(session, staff.officer(), whole_number(typed.get("invitation")) or 0, now())
    return redirect(url_for("inviting.show"), 303)


ACTS: dict[str, Callable[[Typed], ResponseReturnValue]] = {"new": _invite, "again": _again, "revoke": _revoke}


def _link_page(link: str, login: str) -> Response:
    address = f"{installation().settings.public_url}{url_for('invitation.ask')}#{link}"
    return Response(render_template("desk/invitation_link.html", address=address, login=login))


def _page(trouble: str = "", status: int = 200, at: str = "", typed: Mapping[str, str] | None = None) -> Response:
    opened, officer, moment = installation(), staff.officer(), now()
    with opened.database.reading() as session:
        listed = invitations.listed(session, officer)
        authorities = inviting.authorities_for(session, officer)
        units = inviting.units_for(session, officer)
        timezone = watch_board.timezone(session)
        session.expunge_all()
    page = render_template(
        "desk/invitations.html",
        listed=listed,
        authorities=authorities,
        units=units,
        roles=inviting.roles_for(officer),
        timezone=timezone,
        now=moment,
        trouble=trouble,
        trouble_at=at,
        typed=typed or {},
        ticked=typed.getlist("unit") if isinstance(typed, MultiDict) else [],
        longest_name=inviting.LONGEST_NAME,
        longest_login=LONGEST_LOGIN,
    )
    return Response(page, status)
