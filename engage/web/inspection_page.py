"""Inspections: an officer says how a poster hangs, at its own page or on a round; also later, kept by their phone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    jsonify,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from flask.typing import ResponseReturnValue

from engage import arrivals
from engage.pictures import LARGEST, UnreadablePicture, remade
from engage.posters import inspections, listing, owners
from engage.posters.inspections import Found, InspectionRefused
from engage.posters.listing import Inspectable
from engage.taxonomy import Condition
from engage.web import desk_words, staff
from engage.web.admin_page import OLD_FORM
from engage.web.case_acts import whole_number
from engage.web.frame import installation, new_key, now, say

door = Blueprint("inspections", __name__)
desk_words.teach(door)

#: Bytes: what a phone's camera makes, as it is. The page makes pictures smaller before it sends them, where it can.
LARGEST_BODY = 20_000_000


def _(sentence: str) -> str:
    return sentence


REFUSED = _("Choose how it is; a note has at most %(most)s characters.")
UNREAD = _("The photo could not be read and is not kept.")
NO_POSTER = _("No poster of your sites has this code.")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why an inspection was not taken or, with status 200, why its photo was not."""

    sentence: str
    status: int


@door.get("/desk/posters/inspect")
def round_trip() -> ResponseReturnValue:
    """The posters of a site in the order in which one walks, and one form for each that is inspected."""
    return _page()


@door.post("/desk/posters/inspect")
def inspect() -> ResponseReturnValue:
    """Write an inspection down, once for its key."""
    request.max_content_length = LARGEST_BODY
    trouble = _written()
    status = trouble.status if trouble else 200
    if request.accept_mimetypes.best == "application/json":
        return jsonify(written=status == 200, trouble=trouble.sentence if trouble else ""), status
    if trouble and status != 200:
        return _page(trouble)
    said: dict[str, Any] = {"inspected": 1, "unread": 1} if trouble else {"inspected": 1}
    if request.form.get("from") == "poster":
        return redirect(url_for("poster.show", code=request.form["code"], **said), 303)
    return redirect(url_for("inspections.round_trip", site=request.form.get("site"), **said), 303)


@door.get("/desk/posters/away.js")
def away() -> ResponseReturnValue:
    """What lets an officer's phone inspect without a network: for every address, for any poster may be scanned."""
    response = send_from_directory(str(current_app.static_folder), "away.js", max_age=0)
    response.headers["Service-Worker-Allowed"] = "/"
    return response


def _written() -> Trouble | None:
    if not staff.is_own_form():
        return Trouble(say(OLD_FORM), 403)
    typed, opened, officer, moment = request.form, installation(), staff.officer(), now()
    photo, unread = _photo()
    found = Found(
        key=typed.get("key", ""),
        condition=typed.get("found", ""),
        note=typed.get("note", ""),
        photo=photo,
        made_at=_told(typed.get("made_at", "")),
    )
    try:
        arrivals.committed(
            opened.database,
            lambda session: inspections.inspect(
                session, opened.vault, officer, typed.get("code", "")[:20], found, moment
            ),
        )
    except owners.PosterMissing:
        return Trouble(say(NO_POSTER), 404)
    except InspectionRefused:
        return Trouble(say(REFUSED, most=inspections.LONGEST_NOTE), 422)
    return Trouble(say(UNREAD), 200) if unread else None


def _photo() -> tuple[bytes | None, bool]:
    """The photo of the form, drawn anew, and whether there was one that could not be: an inspection counts without."""
    chosen = request.files.get("photo")
    data = chosen.stream.read(LARGEST + 1) if chosen else b""
    if not data:
        return None, False
    try:
        return remade(data).view, False
    except UnreadablePicture:
        return None, True


def _told(milliseconds: str) -> datetime | None:
    """The moment that a phone's clock told, in milliseconds since 1970; None where it is no such moment."""
    if not (milliseconds.isascii() and milliseconds.isdigit() and len(milliseconds) < 15):
        return None
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)


def _page(trouble: Trouble | None = None) -> ResponseReturnValue:
    officer, asked = staff.officer(), request.values.get("site", "")
    with installation().database.reading() as session:
        sites = [(site.slug, site.name, site.timezone) for site in owners.named_sites(session, officer.authority_id)]
        chosen = next((site for site in sites if site[0] == asked), sites[0] if sites else None)
        posters: list[Inspectable] = listing.to_inspect(session, chosen[0]) if chosen else []
    page = render_template(
        "desk/inspect.html",
        sites=sites,
        chosen=chosen,
        posters=posters,
        conditions=list(Condition),
        trouble=trouble.sentence if trouble else "",
        typed=request.form if trouble else {},
        key=request.form.get("key") or new_key() if trouble else new_key(),
        code=request.values.get("code", ""),
        inspected="inspected" in request.args,
        unread="unread" in request.args,
    )
    return page, trouble.status if trouble else 200


@door.get("/desk/posters/<code>/photos/<number>")
def show_photo(code: str, number: str) -> ResponseReturnValue:
    """The photo of an inspection."""
    opened = installation()
    try:
        with opened.database.reading() as session:
            content = inspections.photo(session, opened.vault, staff.officer(), code, whole_number(number) or 0)
    except owners.PosterMissing:
        abort(404)
    return Response(content, content_type="image/jpeg")
