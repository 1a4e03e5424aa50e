"""The places of a site as a table: taken home, and read in from CSV or XLSX after a look at what would change."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from engage.administration import changes, place_loading
from engage.administration.place_loading import Looked
from engage.administration.refusals import Missing, Refused
from engage.sites import things
from engage.sites.place_sheet import MOST_FAULTS, Fault, write_places
from engage.sites.sheets import MOST_ROWS
from engage.sites.workbooks import SheetError
from engage.web import admin_words, desk_words, forms, staff
from engage.web.admin_page import OLD_FORM
from engage.web.frame import installation, now, say
from engage.web.settings_page import MEANWHILE

door = Blueprint("places", __name__)
desk_words.teach(door)
admin_words.teach(door)

#: Places are named one by one up to here; the rest is counted.
MOST_SHOWN = 50


def _(sentence: str) -> str:
    return sentence


NO_TABLE = _("Choose a CSV or XLSX file.")
WRONG = _("Nothing was changed: the file has cells that cannot be used. Mend them and send it again.")


@door.get("/desk/admin/places/import")
def show() -> ResponseReturnValue:
    """Both ways."""
    return _page()


@door.get("/desk/admin/places/export/<site>")
def take(site: str) -> ResponseReturnValue:
    """The places of a site as CSV."""
    try:
        with installation().database.reading() as session:
            text = place_loading.export(session, site)
    except Missing:
        abort(404)
    headers = {"Content-Disposition": f'attachment; filename="places-{site}.csv"'}
    return Response(text, mimetype="text/csv", headers=headers)


@door.post("/desk/admin/places/import")
def load() -> ResponseReturnValue:
    """Show what a file would change, or load it where that was seen."""
    typed = forms.sent() if request.mimetype != "multipart/form-data" else request.form
    site, seen = typed.get("site", ""), typed.get("seen", "")
    if not staff.is_own_form():
        return _page(say(OLD_FORM), 403, site=site)
    chosen = request.files.get("file")
    data = chosen.read() if chosen else typed.get("text", "").encode()
    if not data:
        return _page(say(NO_TABLE), 422, site=site)
    try:
        if not seen:
            return _look(data, site)
        with installation().database.transaction() as session:
            done = place_loading.load(
                session, staff.officer(), now(), data, site, seen=seen, reason=typed.get("reason", "")
            )
    except Missing:
        abort(404)
    except place_loading.ChangedMeanwhile:
        return _look(data, site, say(MEANWHILE))
    except (SheetError, Refused) as wrong:
        return _page(say(wrong.sentence, **wrong.values), 422, site=site)
    return _page(done=done, site=site)


def _look(data: bytes, site: str, trouble: str = "") -> ResponseReturnValue:
    with installation().database.reading() as session:
        looked = place_loading.look(session, data, site)
    if looked.faults:
        return _page(say(WRONG), 422, site=site, looked=looked)
    text = write_places([*looked.new, *(after for _before, after in looked.changed)])
    return _page(trouble, 409 if trouble else 200, site=site, looked=looked, text=text)


def _page(
    trouble: str = "",
    status: int = 200,
    *,
    site: str = "",
    looked: Looked | None = None,
    text: str = "",
    done: Looked | None = None,
) -> ResponseReturnValue:
    with installation().database.reading() as session:
        sites: Any = things(session, "sites")
    page = render_template(
        "desk/admin/places.html",
        sites=[(one.slug, one.name) for one in sites.values()],
        site=site,
        trouble=trouble,
        looked=looked,
        done=done,
        text=text,
        faults=[(one.row, one.column, _why(one)) for one in looked.faults[:MOST_FAULTS]] if looked else [],
        changed=[(after, _differing(before, after)) for before, after in looked.changed[:MOST_SHOWN]] if looked else [],
        most_rows=MOST_ROWS,
        most_shown=MOST_SHOWN,
    )
    return page, status


def _why(fault: Fault) -> str:
    return say(fault.sentence, **fault.values)


def _differing(before: Any, after: Any) -> list[tuple[str, str, str]]:
    return changes.differing(before.model_dump(mode="json"), after.model_dump(mode="json"))
