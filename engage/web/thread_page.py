"""Coming back: the access code opens the thread, where a reporter reads answers and writes on."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from engage import arrivals, base32, contact_view, contacts, continuing, intake, reports, trail, wording
from engage.intake import MessageArrival
from engage.languages import say_number
from engage.posters import symbols
from engage.texting import link_to_text
from engage.vault import ACCESS_CHARACTERS
from engage.web import forms, outlook_words, sent_files, thread_cookie
from engage.web.frame import installation, language, new_key, now, say, speak
from engage.web.sent_files import Arrived

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
    """Take a further message and files, or files alone."""
    sent_files.allow()
    form = forms.sent()
    speak(form.get("lang"))
    text, access_hash = form.get("text", ""), thread_cookie.read()
    if access_hash is None:
        return _ask_again(text)
    if not thread_cookie.is_own_form(access_hash, form.get("token", "")):
        abort(403)
    alone = sent_files.are_chosen() and not text.strip()
    try:
        if not alone:
            arrival = MessageArrival(text=text, key=form.get("key") or new_key(), access_hash=access_hash)
            intake.take_message(installation(), arrival, now())
        if sent_files.are_chosen():
            return _page(access_hash, arrived=_keep_files(access_hash))
    except reports.ThreadMissing:
        return _ask_again(text)
    except (arrivals.TextRefused, arrivals.KeyReused) as refused:
        return _page(access_hash, text=text, trouble=_trouble(refused)), 422
    return redirect(url_for("thread.show", lang=form.get("lang"), _anchor="last"), 303)


@door.post("/thread/text")
def go_on_by_text() -> ResponseReturnValue:
    """Show a one-time word that ties a phone to this thread."""
    form = forms.sent()
    speak(form.get("lang"))
    opened = installation()
    if opened.settings.sms_number is None:
        abort(404)
    try:
        access_hash = _own_thread(form)
        return _page(access_hash, word=continuing.new_word(opened, access_hash, now()))
    except reports.ThreadMissing:
        return _ask_again("")


@door.post("/thread/notice")
def tell_me() -> ResponseReturnValue:
    """Keep an address that hears when an answer waits, or erase it; what was typed stays when it is none."""
    form = forms.sent()
    speak(form.get("lang"))
    opened, typed = installation(), form.get("address", "")
    try:
        access_hash = _own_thread(form)
        if "withdraw" in form:
            continuing.withdraw_notice(opened, access_hash)
        else:
            continuing.keep_notice(opened, access_hash, typed, language())
    except reports.ThreadMissing:
        return _ask_again("")
    except (continuing.AddressRefused, continuing.CaseEnded) as refused:
        return _page(access_hash, address=typed, notice_trouble=_notice_trouble(refused)), 422
    return redirect(url_for("thread.show", lang=form.get("lang"), _anchor="notice"), 303)


@door.post("/thread/leave")
def leave() -> ResponseReturnValue:
    """Forget the thread on this browser."""
    response = make_response(redirect(url_for("thread.ask"), 303))
    thread_cookie.forget(response)
    return response


def _keep_files(access_hash: str) -> Arrived:
    with installation().database.reading() as session:
        report_id = reports.find_by_access(session, access_hash).id or 0
    return sent_files.keep_all(report_id)


def _own_thread(form: Mapping[str, str]) -> str:
    """The thread this browser is in, if the form is its own; `reports.ThreadMissing` where it is in none."""
    access_hash = thread_cookie.read()
    if access_hash is None:
        raise reports.ThreadMissing
    if not thread_cookie.is_own_form(access_hash, form.get("token", "")):
        abort(403)
    return access_hash


def _page(
    access_hash: str,
    text: str = "",
    trouble: str | None = None,
    *,
    word: str | None = None,
    address: str = "",
    notice_trouble: str | None = None,
    arrived: Arrived | None = None,
) -> str:
    with installation().database.reading() as session:
        thread = reports.read_thread(session, access_hash)
        notice = contacts.notice_of(session, thread.report_id)
        told_by = notice.carrier if notice else None
        report = reports.find_by_access(session, access_hash)
        seen, held = contact_view.seen_by_staff(session, report), trail.held_by(session, report)
    number = installation().settings.sms_number
    return render_template(
        "public/thread.html",
        thread=thread,
        outlook=outlook_words.of_queue(thread.queue_id, thread.where) if thread.awaits_answer else None,
        standing=say(wording.STANDING[thread.status]),
        token=thread_cookie.form_token(access_hash),
        key=new_key(),
        text=text,
        trouble=trouble,
        number=number,
        word=word,
        word_link=link_to_text(number, word) if number and word else None,
        told_by=told_by,
        seen=seen,
        held=held,
        address=address,
        notice_trouble=notice_trouble,
        arrived=arrived,
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


def _notice_trouble(refused: continuing.AddressRefused | continuing.CaseEnded) -> str:
    if isinstance(refused, continuing.CaseEnded):
        return say("This is closed, so no answer will come. Write again to open it, then leave your address.")
    if installation().settings.sms_number:
        return say(
            "That is no address we can write to. Give a phone number with its country, like +44 7700 900123, "
            "or an e-mail address, like name@example.org."
        )
    return say("That is no address we can write to. Give an e-mail address, like name@example.org.")
