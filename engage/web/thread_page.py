"""Coming back: the access code opens the thread, where a reporter reads answers and writes on."""

from __future__ import annotations

from flask import Blueprint, abort, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from engage import arrivals, base32, intake, reports, wording
from engage.intake import MessageArrival
from engage.languages import say_number
from engage.posters import symbols
from engage.vault import ACCESS_CHARACTERS
from engage.web import forms, thread_cookie
from engage.web.frame import installation, language, new_key, now, say, speak

door = Blueprint("thread", __name__)
#: A code with its dashes, and some spaces.
LONGEST_CODE = 100


@door.get("/return")
def ask() -> ResponseReturnValue:
    """The field for the access code."""
    return render_template("public/return.html")


@door.post("/return")
def enter() -> ResponseReturnValue:
    """Open the thread of a code. Wrong, erased and malformed codes get the same answer."""
    form = forms.sent()
    speak(form.get("lang"))
    typed, kept = form.get("access_code", ""), form.get("text", "")
    access_hash = installation().vault.access_hash(typed)
    try:
        page = _page(access_hash, text=kept)
    except reports.ThreadMissing:
        return render_template("public/return.html", typed=typed[:LONGEST_CODE], kept=kept, wrong=True), 422
    response = make_response(page if kept else redirect(url_for("thread.show", lang=form.get("lang")), 303))
    thread_cookie.give(response, access_hash)
    return response


@door.post("/return/symbol")
def symbol() -> ResponseReturnValue:
    """An access code as a QR code for another device: the code stands behind the #, which no server ever sees."""
    form = forms.sent()
    speak(form.get("lang"))
    access_code = base32.plain(form.get("access_code", "")[:LONGEST_CODE])
    if len(access_code) != ACCESS_CHARACTERS:
        return render_template("public/return.html", typed=access_code, wrong=True), 422
    address = f"{installation().settings.public_url}/return#{access_code}"
    drawn = symbols.svg(address, say("Your access code"))
    return render_template("public/symbol.html", symbol=drawn, access_code=access_code)


@door.get("/thread")
def show() -> ResponseReturnValue:
    """The conversation and how the case stands."""
    access_hash = thread_cookie.read()
    try:
        return _page(access_hash) if access_hash else redirect(url_for("thread.ask"), 303)
    except reports.ThreadMissing:
        return redirect(url_for("thread.ask"), 303)


@door.post("/thread")
def write() -> ResponseReturnValue:
    """Take a further message."""
    form = forms.sent()
    speak(form.get("lang"))
    text, access_hash = form.get("text", ""), thread_cookie.read()
    if access_hash is None:
        return _ask_again(text)
    if not thread_cookie.is_own_form(access_hash, form.get("token", "")):
        abort(403)
    try:
        arrival = MessageArrival(text=text, key=form.get("key") or new_key(), access_hash=access_hash)
        intake.take_message(installation(), arrival, now())
    except reports.ThreadMissing:
        return _ask_again(text)
    except (arrivals.TextRefused, arrivals.KeyReused) as refused:
        return _page(access_hash, text=text, trouble=_trouble(refused)), 422
    return redirect(url_for("thread.show", lang=form.get("lang"), _anchor="last"), 303)


@door.post("/thread/leave")
def leave() -> ResponseReturnValue:
    """Forget the thread on this browser."""
    response = make_response(redirect(url_for("thread.ask"), 303))
    thread_cookie.forget(response)
    return response


def _page(access_hash: str, text: str = "", trouble: str | None = None) -> str:
    with installation().database.reading() as session:
        thread = reports.read_thread(session, access_hash)
    return render_template(
        "public/thread.html",
        thread=thread,
        standing=say(wording.STANDING[thread.status]),
        token=thread_cookie.form_token(access_hash),
        key=new_key(),
        text=text,
        trouble=trouble,
    )


def _ask_again(text: str) -> ResponseReturnValue:
    """The thread is no longer open on this browser: ask for the code, and keep what was typed on the page."""
    return render_template("public/return.html", kept=text), 422


def _trouble(refused: arrivals.TextRefused | arrivals.KeyReused) -> str:
    if isinstance(refused, arrivals.LongText):
        return say(
            "Your message has %(count)s characters; %(most)s fit. Please send it in parts.",
            count=say_number(language(), refused.characters),
            most=say_number(language(), arrivals.LONGEST_TEXT),
        )
    if isinstance(refused, arrivals.KeyReused):
        return say("The message before this one has been sent. Press send again to send this one too.")
    return say("There is nothing to send yet.")
