"""The watch: who has each queue, handing it over and accepting it by name; and the alarms that ring on every page."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from engage import arrivals, cases, handovers, ringing, watch_board, watches
from engage.accounts import Officer
from engage.models import Queue
from engage.ringing import Ringing
from engage.watches import WatchRefused
from engage.web import desk_words, forms, staff
from engage.web.case_acts import whole_number
from engage.web.frame import installation, language, now, say

door = Blueprint("watch", __name__)
desk_words.teach(door)

#: Where a form may send its officer back to: a page of the desk on this very host.
_BACK = re.compile(r"/desk(?:[/?][!-~]{0,1500})?", re.ASCII)


def _(sentence: str) -> str:
    return sentence


OLD_FORM = _("This form was too old or came from another site, so nothing was done. Look at it and send it again.")
LONG = _("This text has %(count)s characters; %(most)s fit. Shorten it, or send it in parts.")


@door.get("/desk/watch")
def board() -> ResponseReturnValue:
    """Who has which queue."""
    return _page()


@door.post("/desk/watch/<slug>/<act>")
def act(slug: str, act: str) -> ResponseReturnValue:
    """Do one act, or show the page again with what was typed and why it was not done."""
    typed = forms.sent()
    if not staff.is_own_form():
        return _page(say(OLD_FORM), 403, slug, typed)
    if act not in ACTS:
        raise cases.CaseMissing
    try:
        with installation().database.transaction() as session:
            ACTS[act](session, staff.officer(), slug, typed)
    except WatchRefused as refused:
        return _page(say(refused.sentence, **refused.values), 422, slug, typed)
    except arrivals.LongText as long:
        sentence = say(LONG, count=f"{long.characters:,}", most=f"{arrivals.LONGEST_TEXT:,}")
        return _page(sentence, 422, slug, typed)
    return redirect(url_for("watch.board", _anchor=slug), 303)


@door.get("/desk/alarms")
def alarms() -> ResponseReturnValue:
    """The bar of alarms by itself, for a page that stays open; nothing new is answered with 304."""
    ringing_now = ringing_alarms()
    response = Response(render_template("desk/alarms.html", ringing=ringing_now))
    told = repr((language(), staff.officer().staff_id, ringing_now)).encode()
    response.set_etag(hashlib.sha256(told).hexdigest()[:32])
    return response.make_conditional(request)


@door.post("/desk/alarms/<reference>/seen")
def seen(reference: str) -> ResponseReturnValue:
    """An officer has seen that a case rings."""
    typed = forms.sent()
    if not staff.is_own_form():
        abort(403)
    with installation().database.transaction() as session:
        reference = ringing.see(session, staff.officer(), reference, now()).reference
    back = typed.get("back", "")
    return redirect(back if _BACK.fullmatch(back) else url_for("cases.show", reference=reference), 303)


@door.app_template_global()
def ringing_alarms() -> list[Ringing]:
    """What rings in the queues of whoever is signed in."""
    with installation().database.reading() as session:
        return ringing.ringing_for(session, staff.officer())


@door.app_template_global()
def unwatched_queues() -> list[str]:
    """The names of the queues of whoever is signed in of which nobody has the watch."""
    with installation().database.reading() as session:
        return [queue.name for queue in watches.unwatched(session, staff.officer())]


def _take(session: Session, officer: Officer, slug: str, typed: Mapping[str, str]) -> Queue:
    return watches.take(session, officer, slug, now(), take_over="take_over" in typed)


def _give_up(session: Session, officer: Officer, slug: str, _typed: Mapping[str, str]) -> Queue:
    return watches.give_up(session, officer, slug, now())


def _hand_over(session: Session, officer: Officer, slug: str, typed: Mapping[str, str]) -> None:
    handovers.write(session, officer, slug, now(), words=typed.get("words", ""))


def _accept(session: Session, officer: Officer, slug: str, typed: Mapping[str, str]) -> None:
    handovers.accept(session, officer, slug, whole_number(typed.get("handover")) or 0, now())


ACTS: dict[str, Callable[[Session, Officer, str, Mapping[str, str]], object]] = {
    "take": _take,
    "give-up": _give_up,
    "hand-over": _hand_over,
    "accept": _accept,
}


def _page(trouble: str = "", status: int = 200, slug: str = "", typed: Mapping[str, str] | None = None) -> Response:
    moment = now()
    with installation().database.reading() as session:
        boards = watch_board.read(session, staff.officer(), moment)
        timezone = watch_board.timezone(session)
    page = render_template(
        "desk/watch.html",
        boards=boards,
        timezone=timezone,
        parts=handovers.PARTS,
        most=handovers.MOST_NAMED,
        longest=handovers.LONGEST_WORDS,
        trouble=trouble,
        trouble_at=slug,
        typed=typed or {},
        now=moment,
    )
    return Response(page, status)
