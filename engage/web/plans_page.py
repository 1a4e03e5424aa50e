"""Floor plans at the desk: what there is at each place, drawn on the plan and told in a table beside it."""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from engage.plans import keeping, showing
from engage.plans.keeping import PlanMissing
from engage.taxonomy import Severity
from engage.web import desk_words, staff
from engage.web.case_acts import whole_number
from engage.web.frame import installation, now
from engage.web.saved_files import FILE_POLICY

door = Blueprint("plans", __name__)
desk_words.teach(door)

#: On plans with more pins their names would cover each other; the table has them.
MOST_NAMED = 40


@door.get("/desk/plans")
def mine() -> ResponseReturnValue:
    """The plans of the authority's sites."""
    with installation().database.reading() as session:
        found = keeping.listed(session, staff.officer().authority_id)
    return render_template("desk/plans.html", found=found)


@door.get("/desk/plans/<number>")
def show(number: str) -> ResponseReturnValue:
    """One plan with what there is at its places, as far as this officer works there."""
    officer = staff.officer()
    try:
        with installation().database.reading() as session:
            plan = keeping.find(session, officer.authority_id, whole_number(number) or 0)
            there = showing.there(session, officer, plan, now())
            others = [one for one in keeping.listed(session, officer.authority_id) if one.site_id == plan.site_id]
    except PlanMissing:
        abort(404)
    return render_template(
        "desk/plan.html",
        plan=plan,
        there=there,
        others=others,
        chosen=request.args.get("place", ""),
        days=showing.DAYS,
        severities=list(Severity),
        most_named=MOST_NAMED,
    )


@door.get("/desk/plans/<number>/drawing")
def drawing(number: str) -> ResponseReturnValue:
    """The drawing itself: shown as a picture only, in which a browser runs and loads nothing."""
    opened = installation()
    try:
        with opened.database.reading() as session:
            wanted = whole_number(number) or 0
            content, kind = keeping.content(session, opened.vault, staff.officer().authority_id, wanted)
    except PlanMissing:
        abort(404)
    response = Response(content, content_type=kind)
    response.headers["Content-Security-Policy"] = FILE_POLICY
    response.headers["Cache-Control"] = "private, no-cache"  # large, so it may be kept, but never shown unasked
    response.add_etag()
    return response.make_conditional(request)
