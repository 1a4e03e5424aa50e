"""My account: where I am signed in, my second step, my passkeys, my password."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engage import account_acts, accounts, inviting, passkeys, passwords, second_steps
from engage.passkeys import House, PasskeyRefused
from engage.passwords import PasswordRefused
from engage.second_steps import WrongCode
from engage.web import apps, desk_words, forms, staff, step_up
from engage.web.case_acts import whole_number
from engage.web.frame import installation, now, say
from engage.web.second_step_page import WRONG_NEW
from engage.web.staff import SignedIn

door = Blueprint("account", __name__)
desk_words.teach(door)


def _(sentence: str) -> str:
    return sentence


OLD_FORM = _("This form was too old or came from another site, so nothing was done. Look at it and send it again.")
DIFFERENT = _("The two new passwords are not the same. Type both again.")
WRONG_PASSWORD = _("That is not your password of now.")
PASSKEY_REFUSED = _("The passkey was not added. Try again; a device that holds one already cannot hold another.")

#: What was done, by the word in the address that the officer is sent back to.
DONE = {
    "ended": _("Signed out there."),
    "named": _("Named."),
    "password": _("Your password is changed. You are signed out everywhere else."),
    "dropped": _("Your app is no longer asked for."),
    "added": _("The passkey is added."),
    "removed": _("The passkey is removed."),
}


@door.get("/desk/account")
def show() -> ResponseReturnValue:
    """Everything about how an officer signs in."""
    return _page()


@door.post("/desk/account/<act>")
def act(act: str) -> ResponseReturnValue:
    """Do one act, or show the page again with why it was not done."""
    typed, here = forms.sent(), staff.signed_in()
    if act not in ACTS or here is None:
        abort(404)
    if not staff.is_own_form():
        return _page(say(OLD_FORM), 403)
    if act in GRAVE:
        asked = step_up.needed()
        if asked is not None:
            return asked
    return ACTS[act](here, typed)


@door.get("/desk/account/passkey")
def question() -> ResponseReturnValue:
    """What a browser needs to make a passkey."""
    here, opened = staff.signed_in(), installation()
    house = House.at(opened.settings.public_url)
    if here is None or house is None:
        abort(404)
    with opened.database.reading() as session:
        asked = passkeys.question_for_new(session, opened.vault, house, here.officer, _purpose(here), now())
    return Response(asked, mimetype="application/json")


def _end_one(here: SignedIn, typed: Mapping[str, str]) -> ResponseReturnValue:
    with installation().database.transaction() as session:
        account_acts.end_one(session, here.officer, whole_number(typed.get("session")) or 0, now())
    return _done("ended")


def _end_others(here: SignedIn, _typed: Mapping[str, str]) -> ResponseReturnValue:
    with installation().database.transaction() as session:
        account_acts.end_others(session, here.officer, here.seat, now())
    return _done("ended")


def _name_device(here: SignedIn, typed: Mapping[str, str]) -> ResponseReturnValue:
    with installation().database.transaction() as session:
        account_acts.name_device(session, here.officer, whole_number(typed.get("session")) or 0, typed.get("name", ""))
    return _done("named")


def _change_password(here: SignedIn, typed: Mapping[str, str]) -> ResponseReturnValue:
    opened, new = installation(), typed.get("new", "")
    with opened.database.reading() as session:
        is_right = accounts.has_password(session, here.officer, typed.get("password", ""))
        about = inviting.known_of(session, here.officer.staff_id)
    if not is_right:
        with opened.database.transaction() as session:
            accounts.note_proof(session, here.seat.id, False, now())
        return _page(say(WRONG_PASSWORD), 422, at="password")
    if new != typed.get("again", ""):
        return _page(say(DIFFERENT), 422, at="password")
    try:
        passwords.check(new, about)
    except PasswordRefused as refused:
        return _page(say(refused.sentence, **refused.values), 422, at="password")
    hashed = accounts.hash_password(new)
    with opened.database.transaction() as session:
        account_acts.change_password(session, here.officer, here.seat, hashed, now())
    return _done("password")


def _start_app(here: SignedIn, typed: Mapping[str, str]) -> ResponseReturnValue:
    return _app_page(here, typed)


def _set_up_app(here: SignedIn, typed: Mapping[str, str]) -> ResponseReturnValue:
    opened, officer = installation(), here.officer
    secret = second_steps.offered(opened.vault, officer.staff_id, typed.get("offer", ""))
    try:
        if secret is None:
            raise WrongCode
        with opened.database.transaction() as session:
            codes = second_steps.confirm(session, opened.vault, officer, secret, typed.get("code", ""), now())
    except WrongCode:
        return _app_page(here, typed, say(WRONG_NEW), 422)
    return apps.codes_page(codes, url_for("account.show"))


def _drop_app(here: SignedIn, _typed: Mapping[str, str]) -> ResponseReturnValue:
    if installation().settings.requires_second_step:
        abort(404)
    with installation().database.transaction() as session:
        second_steps.drop(session, here.officer, now(), passkeys_too=False)
    return _done("dropped")


def _new_codes(here: SignedIn, _typed: Mapping[str, str]) -> ResponseReturnValue:
    opened = installation()
    with opened.database.transaction() as session:
        if not second_steps.steps_of(session, here.officer.staff_id).app:
            abort(404)
        codes = second_steps.new_recovery_codes(session, opened.vault, here.officer, now())
    return apps.codes_page(codes, url_for("account.show"))


def _start_passkey(_here: SignedIn, _typed: Mapping[str, str]) -> ResponseReturnValue:
    if House.at(installation().settings.public_url) is None:
        abort(404)
    return Response(render_template("desk/new_passkey.html", longest=passkeys.LONGEST_NAME, trouble=""))


def _add_passkey(here: SignedIn, typed: Mapping[str, str]) -> ResponseReturnValue:
    opened, name = installation(), " ".join(typed.get("name", "").replace("\0", "").split())
    house = House.at(opened.settings.public_url)
    if house is None:
        abort(404)
    try:
        with opened.database.transaction() as session:
            passkeys.add(
                session,
                opened.vault,
                house,
                here.officer,
                _purpose(here),
                typed.get("passkey", ""),
                name or say("Passkey"),
                now(),
            )
    except PasskeyRefused:
        page = render_template("desk/new_passkey.html", longest=passkeys.LONGEST_NAME, trouble=say(PASSKEY_REFUSED))
        return Response(page, 422)
    return _done("added")


def _remove_passkey(here: SignedIn, typed: Mapping[str, str]) -> ResponseReturnValue:
    with installation().database.transaction() as session:
        passkeys.remove(session, here.officer, whole_number(typed.get("passkey")) or 0, now())
    return _done("removed")


ACTS: dict[str, Callable[[SignedIn, Mapping[str, str]], ResponseReturnValue]] = {
    "end-session": _end_one,
    "end-others": _end_others,
    "name-device": _name_device,
    "change-password": _change_password,
    "start-app": _start_app,
    "set-up-app": _set_up_app,
    "drop-app": _drop_app,
    "new-codes": _new_codes,
    "start-passkey": _start_passkey,
    "add-passkey": _add_passkey,
    "remove-passkey": _remove_passkey,
}
#: Before these an officer proves again who they are. A password is changed with the password of now.
GRAVE = frozenset(ACTS) - {"end-session", "end-others", "name-device", "change-password"}


def _purpose(here: SignedIn) -> str:
    return f"new-passkey:{here.seat.id}"


def _done(what: str) -> ResponseReturnValue:
    return redirect(url_for("account.show", done=what), 303)


def _app_page(here: SignedIn, typed: Mapping[str, str], trouble: str = "", status: int = 200) -> Response:
    page = render_template(
        "desk/change_app.html", app=apps.offer(here.officer, typed.get("offer", "")), trouble=trouble
    )
    return Response(page, status)


def _page(trouble: str = "", status: int = 200, at: str = "") -> Response:
    here, opened, moment = staff.signed_in(), installation(), now()
    if here is None:
        abort(403)
    with opened.database.reading() as session:
        told = account_acts.read(session, here.officer, moment, staff.limits())
    done = DONE.get(request.args.get("done", ""), "")
    page = render_template(
        "desk/account.html",
        told=told,
        here=here,
        required=opened.settings.requires_second_step,
        house=House.at(opened.settings.public_url),
        fewest=passwords.FEWEST_CHARACTERS,
        longest_device=accounts.LONGEST_DEVICE,
        done=say(done) if done else "",
        trouble=trouble,
        trouble_at=at,
    )
    return Response(page, status)
