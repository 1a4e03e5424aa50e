"""The chat behind a poster's code: the same dialogue as by text, as a page that works without a script."""

from __future__ import annotations

import secrets

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engage import arrivals, chats, hearing
from engage.doing import TextArrival
from engage.languages import LANGUAGES, say_number
from engage.posters import register
from engage.posters.register import Whereabouts
from engage.taxonomy import Channel
from engage.web import form_tokens, forms, outlook_words, thread_cookie
from engage.web.form_tokens import Standing
from engage.web.frame import cookie_name, installation, language, new_key, now, say, speak

door = Blueprint("chat", __name__)
TOKEN_BYTES = 24
HOURS = 12


@door.get("/P/<code>/chat")
@door.get("/p/<code>/chat")
def show(code: str) -> ResponseReturnValue:
    """The conversation so far, or the invitation to begin one."""
    return _page(code, key=new_key())


@door.post("/P/<code>/chat")
@door.post("/p/<code>/chat")
def send(code: str) -> ResponseReturnValue:
    """Hear a message and show the conversation with its answer; or the form again with what was typed."""
    form = forms.sent()
    speak(form.get("lang"))
    text, key = form.get("text", ""), form.get("key") or new_key()
    if "show_in" in form:
        speak(form["show_in"])
        return _page(code, key=key, text=text)
    standing = form_tokens.of_request(key) if _token() is None else Standing.GOOD
    if standing is not Standing.GOOD:
        return _page(code, key=key, text=text, trouble=form_tokens.in_words(standing))
    token = _token() or secrets.token_urlsafe(TOKEN_BYTES)
    arrival = TextArrival(
        text=text,
        key=f"chat {key}",
        channel=Channel.CHAT,
        visitor=chats.visitor_hash(installation().vault, token),
        code=code,
        tag=form.get("tag") or None,
        language=language(),
    )
    try:
        reply = hearing.take_text(installation(), arrival, now())
    except (arrivals.TextRefused, arrivals.KeyReused) as refused:
        return _page(code, key=new_key(), text=text, trouble=_trouble(refused))
    if reply.reference is None:  # nothing of it stands in a thread, so it is said here and now
        response = make_response(_page(code, key=new_key(), said=reply.said))
    else:
        chosen = reply.language if reply.language in LANGUAGES else language()
        response = make_response(redirect(url_for("chat.show", code=code, lang=chosen, _anchor="last"), 303))
    _remember(response, token, reply.access_hash)
    return response


@door.post("/p/<code>/chat/leave")
def leave(code: str) -> ResponseReturnValue:
    """Forget the conversation on this browser."""
    response = make_response(redirect(url_for("poster.show", code=code), 303))
    thread_cookie.forget_chat(response)
    thread_cookie.forget(response)
    return response


def _remember(response: Response, token: str, access_hash: str | None) -> None:
    """Keep this browser in its conversation for twelve hours."""
    opened = installation()
    response.set_cookie(
        cookie_name(opened, thread_cookie.CHAT),
        token,
        max_age=HOURS * 3600,
        httponly=True,
        samesite="Lax",
        secure=opened.settings.sends_cookies_over_https_only,
        path="/",
    )
    if access_hash:
        thread_cookie.give(response, access_hash)


def _token() -> str | None:
    return request.cookies.get(cookie_name(installation(), thread_cookie.CHAT)) or None


def _page(code: str, *, key: str, text: str = "", trouble: str | None = None, said: str = "") -> ResponseReturnValue:
    opened, token = installation(), _token()
    with opened.database.reading() as session:
        where = register.find_poster(session, code)
        chat = chats.read(session, opened.vault, token) if token else None
    if where is None:
        return redirect(url_for("poster.show", code=code), 303)
    page = render_template(
        "public/chat.html",
        code=code,
        where=where,
        outlook=_outlook(where, chat),
        chat=chat,
        emergency_number=where.emergency_number,
        key=key,
        form=form_tokens.kept_in_request(key),
        text=text,
        said=said,
        trouble=trouble,
    )
    return page, 422 if trouble else 200


def _outlook(where: Whereabouts, chat: chats.Chat | None) -> str | None:
    """When somebody reads what is written here; nothing more once an officer has answered."""
    if chat is None:
        return outlook_words.at_place(where)
    thread = chat.thread
    return outlook_words.of_queue(thread.queue_id, thread.where) if thread.awaits_answer else None


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
