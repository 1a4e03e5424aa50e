"""Photos of places in administration: what a poster's page shows, so that people see that they are there."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engage import arrivals
from engage.pictures import LARGEST, Picture, UnreadablePicture, remade
from engage.plans import photos
from engage.plans.files import NO_PLAN
from engage.plans.keeping import PlanMissing
from engage.posters import owners
from engage.web import admin_words, desk_words, saved_files, staff
from engage.web.admin_page import OLD_FORM
from engage.web.frame import installation, now, say

door = Blueprint("place_photos", __name__)
desk_words.teach(door)
admin_words.teach(door)

#: Bytes: what a phone's camera makes, as it is.
LARGEST_FORM = 20_000_000


@door.get("/desk/admin/photos")
def show() -> ResponseReturnValue:
    """The places of a site with their photos, and the form for one."""
    return _page()


@door.post("/desk/admin/photos")
def take() -> ResponseReturnValue:
    """Keep the photo of a place, or remove it."""
    request.max_content_length = LARGEST_FORM
    typed, officer, moment = request.form, staff.officer(), now()
    if not staff.is_own_form():
        return _page(say(OLD_FORM), 403)
    site, place, removed = typed.get("site", ""), typed.get("place", ""), typed.get("remove", "")
    try:
        photo = None if removed else _photo()
        arrivals.committed(
            installation().database,
            lambda session: photos.keep(session, officer, moment, site, removed or place, photo),
        )
    except UnreadablePicture:
        return _page(say(NO_PLAN), 422)
    except PlanMissing:
        abort(404)
    return redirect(url_for("place_photos.show", site=site), 303)


@door.get("/desk/admin/photos/<site>/<place>")
def picture(site: str, place: str) -> ResponseReturnValue:
    """The photo of a place."""
    try:
        with installation().database.reading() as session:
            found = photos.picture_at(session, staff.officer().authority_id, site, place)
    except PlanMissing:
        abort(404)
    return saved_files.shown(found)


def _photo() -> Picture:
    """The photo of the form, drawn anew. Raises `UnreadablePicture`."""
    chosen = request.files.get("file")
    return remade(chosen.stream.read(LARGEST + 1) if chosen else b"")


def _page(trouble: str = "", status: int = 200) -> ResponseReturnValue:
    asked = request.values.get("site", "")
    with installation().database.reading() as session:
        sites = [(one.slug, one.name, one.id) for one in owners.named_sites(session, staff.officer().authority_id)]
        chosen = next((site for site in sites if site[0] == asked), sites[0] if sites else None)
        places = photos.of_site(session, chosen[2] or 0) if chosen else []
    page = render_template(
        "desk/admin/photos.html",
        sites=sites,
        chosen=chosen,
        places=places,
        place=request.values.get("place", ""),
        trouble=trouble,
    )
    return page, status
