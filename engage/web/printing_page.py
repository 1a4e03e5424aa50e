"""Printing posters in the browser: which and how, a picture of the first one, and the pack to take home."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from typing import cast

from flask import Blueprint, Response, abort, render_template, request, send_file
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from engage import audit
from engage.languages import LANGUAGES
from engage.posters import owners, packs, pictures, printing, register
from engage.posters.design import DESIGNS, MOST_LANGUAGES, Unprintable
from engage.posters.drawing import Sheet
from engage.posters.fonts import FontMissing
from engage.posters.packs import SIZES, Wanted
from engage.taxonomy import Act
from engage.web import admin_words, desk_words, forms, staff
from engage.web.admin_page import OLD_FORM
from engage.web.frame import installation, now, say

door = Blueprint("printing", __name__)
desk_words.teach(door)
admin_words.teach(door)


@dataclass(frozen=True, slots=True)
class Pack:
    """What was asked for, and the posters that it comes to."""

    wanted: Wanted
    sheets: list[Sheet]
    site: str
    name: str


@door.get("/desk/admin/posters")
def show() -> ResponseReturnValue:
    """The form, with a picture where enough is chosen."""
    return _page(request.args)


@door.get("/desk/admin/posters/picture")
def picture() -> ResponseReturnValue:
    """The first poster as it would be printed."""
    try:
        pack = _pack(request.args)
        with tempfile.TemporaryFile() as file:
            packs.write(_plain(pack.wanted), pack.sheets[:1], pack.name, file)
            file.seek(0)
            drawn = pictures.first_page(file.read())
    except (Unprintable, FontMissing):
        abort(422)
    return Response(drawn, content_type="image/png")


@door.post("/desk/admin/posters")
def take() -> ResponseReturnValue:
    """The pack as one PDF; the register says from now on how its posters were printed, and when."""
    typed = forms.sent()
    if not staff.is_own_form():
        return _page(typed, say(OLD_FORM), 403)
    officer, moment = staff.officer(), now()
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it is sent
    try:
        pack = _pack(typed)
        packs.write(pack.wanted, pack.sheets, pack.name, file)
    except (Unprintable, FontMissing) as problem:
        file.close()
        return _page(typed, str(problem), 422)
    file.seek(0)
    wanted, codes = pack.wanted, [sheet.code for sheet in pack.sheets]
    with installation().database.transaction() as session:
        printing.note_printed(session, codes, wanted.design, wanted.size, wanted.languages, moment)
        audit.record(
            session,
            now=moment,
            act=Act.POSTERS_PRINTED,
            staff_id=officer.staff_id,
            authority_id=officer.authority_id,
            about=f"site:{pack.site}",
            details={"posters": len(codes), "design": wanted.design, "size": wanted.size},
        )
    name = f"posters-{pack.site}-{wanted.design}-{wanted.size}.pdf"
    return send_file(file, mimetype="application/pdf", as_attachment=True, download_name=name)


def _pack(chosen: MultiDict[str, str]) -> Pack:
    """The pack that was asked for. Raises `Unprintable`; a site that is not theirs is none."""
    opened, slug = installation(), chosen.get("site", "").replace("\0", "␀")
    with opened.database.reading() as session:
        names = {site.slug: site.name for site in owners.named_sites(session, staff.officer().authority_id)}
        if slug not in names:
            abort(404)
        places = tuple(place for place in chosen.getlist("place") if place)
        found = printing.sheets(session, opened.vault, opened.settings.public_url, slug, places)
        authority = printing.authority_of(session, slug)
        if chosen.get("fresh"):
            unprinted = printing.unprinted(session, slug)
            found = [sheet for sheet in found if sheet.code in unprinted]
    first = chosen.get("language", "en")
    others = [code for code in chosen.getlist("further") if code != first]
    wanted = Wanted(
        design=chosen.get("design", "general"),
        size=chosen.get("size", "A4"),
        languages=",".join([first, *others]),
        authority=authority,
        text_number=printing.written_number(opened.settings.sms_number),
        checklist=chosen.get("size") != "labels",
    )
    packs.refuse_unprintable(wanted, found)
    return Pack(wanted, found, slug, names[slug])


def _plain(wanted: Wanted) -> Wanted:
    """The same without its checklist, which would be the first page."""
    return Wanted(
        design=wanted.design,
        size=wanted.size,
        languages=wanted.languages,
        authority=wanted.authority,
        text_number=wanted.text_number,
        checklist=False,
    )


def _page(chosen: MultiDict[str, str], trouble: str = "", status: int = 200) -> ResponseReturnValue:
    count = 0
    if chosen.get("site") and not trouble:
        try:
            count = len(_pack(chosen).sheets)
        except (Unprintable, FontMissing) as problem:
            trouble, status = str(problem), 422
    with installation().database.reading() as session:
        sites = owners.named_sites(session, staff.officer().authority_id)
        names = [(site.slug, site.name) for site in sites]
        at = next((site for site in sites if site.slug == chosen.get("site")), sites[0] if sites else None)
        places = register.places_of_site(session, cast(int, at.id)) if at else []
    page = render_template(
        "desk/admin/posters.html",
        sites=names,
        at=chosen.get("site") or (names[0][0] if names else ""),
        places=places,
        designs=list(DESIGNS),
        sizes=list(SIZES),
        languages=LANGUAGES,
        most_languages=MOST_LANGUAGES,
        chosen=chosen,
        count=count,
        trouble=trouble,
        query={name: chosen.getlist(name) for name in chosen if name != "csrf_token"},
    )
    return page, status
