"""The page of a receiver without an account: their link opens the shared copy, and what they can do with it.

The token stands behind the # of the link, which no browser sends to a server; the page puts it into its one field, and
what is posted is exchanged for a cookie. So it is in no address, and in no log.
"""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from engage import arrivals, by_link, cases, referral_words
from engage.acting import LONGEST_REASON, Refused
from engage.by_link import LinkDead
from engage.web import desk_words, forms, receiver_cookie, saved_files
from engage.web.act_fields import whole_number
from engage.web.frame import installation, now, say, speak

door = Blueprint("receiver", __name__)
desk_words.teach(door)


def _(sentence: str) -> str:
    return sentence


OLD_FORM = _("This form was too old or came from another site, so nothing was done. Look at it and send it again.")
EMPTY = _("There is nothing in it yet. Write something first.")
LONG = _("This text has %(count)s characters; %(most)s fit. Shorten it, or send it in parts.")


@door.get("/referral")
def show() -> ResponseReturnValue:
    """What the link opens or, on a browser that has shown none, the field for its code."""
    token_hash = receiver_cookie.read()
    return _page(token_hash) if token_hash else _ask()


@door.post("/referral")
def enter() -> ResponseReturnValue:
    """Exchange the token of a link for a cookie. Every token that opens nothing gets the same answer."""
    form = forms.sent()
    speak(form.get("lang"))
    try:
        token_hash = by_link.enter(installation(), form.get("access_code", ""), now())
    except LinkDead:
        return _dead()
    response = make_response(redirect(url_for("receiver.show"), 303))
    receiver_cookie.give(response, token_hash)
    return response


@door.post("/referral/close")
def close() -> ResponseReturnValue:
    """Forget the link on this browser."""
    response = make_response(redirect(url_for("receiver.show"), 303))
    receiver_cookie.forget(response)
    return response


@door.post("/referral/<act>")
def take(act: str) -> ResponseReturnValue:
    """Do one act, or show the page again with what was typed and why that was not done."""
    form, token_hash, opened = forms.sent(), receiver_cookie.read(), installation()
    speak(form.get("lang"))
    text = form.get("text", "")
    if token_hash is None:
        return _dead()
    if not receiver_cookie.is_own_form(token_hash, form.get("token", "")):
        return _page(token_hash, say(OLD_FORM), 403, act, text)
    try:
        with opened.database.transaction() as session:
            by_link.act(session, opened, token_hash, act, text, now())
    except LinkDead:
        return _dead()
    except (Refused, arrivals.TextRefused) as refused:
        return _page(token_hash, _why(refused), 422, act, text)
    return redirect(url_for("receiver.show"), 303)


@door.get("/referral/files/<number>")
def file(number: str) -> Response | ResponseReturnValue:
    """A shared file, to be saved."""
    token_hash, opened = receiver_cookie.read(), installation()
    if token_hash is None:
        return _dead()
    try:
        with opened.database.transaction() as session:
            found = by_link.open_file(session, opened, token_hash, whole_number(number) or 0, now())
    except LinkDead:
        return _dead()
    return saved_files.sent(*found, name=f"shared-{whole_number(number)}")


def _page(token_hash: str, trouble: str = "", status: int = 200, act: str = "", text: str = "") -> ResponseReturnValue:
    if act and act not in by_link.ACTS:
        raise cases.CaseMissing
    try:
        with installation().database.transaction() as session:
            opened = by_link.read(session, token_hash, now())
    except LinkDead:
        return _dead()
    page = render_template(
        "public/referral.html",
        opened=opened,
        trouble=trouble,
        asked=act,
        text=text,
        token=receiver_cookie.form_token(token_hash),
        allowed=referral_words.ALLOWED,
        longest_reason=LONGEST_REASON,
    )
    return page, status


def _ask() -> str:
    return render_template("public/referral_ask.html")


def _dead() -> ResponseReturnValue:
    """One answer for every link that opens nothing; the cookie of one that did is forgotten."""
    response = make_response(render_template("public/referral_ask.html", dead=True), 422)
    receiver_cookie.forget(response)
    return response


def _why(refused: Refused | arrivals.TextRefused) -> str:
    if isinstance(refused, arrivals.LongText):
        return say(LONG, count=f"{refused.characters:,}", most=f"{arrivals.LONGEST_TEXT:,}")
    if isinstance(refused, arrivals.TextRefused):
        return say(EMPTY)
    return say(refused.sentence, **refused.values)
