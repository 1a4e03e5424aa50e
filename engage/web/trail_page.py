"""The trail, for supervisors: who did and saw what in their authority, by case, person and act."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from engage import trail, watch_board
from engage.trail import Asked
from engage.web import desk_words, staff, trail_words
from engage.web.act_fields import whole_number
from engage.web.frame import installation, now, say

door = Blueprint("trail", __name__)
desk_words.teach(door)
LONGEST = 100


@door.get("/desk/trail")
def show() -> str:
    """A page of it, the newest entries first."""
    asked = Asked(*(request.args.get(name, "").strip()[:LONGEST].replace("\0", "") for name in ("case", "who", "act")))
    before, officer = whole_number(request.args.get("before")), staff.officer()
    with installation().database.transaction() as session:
        page = trail.open_page(session, officer, asked, now(), before)
        people, timezone = trail.colleagues(session, officer), watch_board.timezone(session)
    acts = sorted(((act, say(words)) for act, words in trail_words.ACTS.items()), key=lambda each: each[1])
    return render_template(
        "desk/trail.html",
        page=page,
        asked=asked,
        people=people,
        acts=acts,
        is_first=before is None,
        timezone=timezone,
        words=lambda act: say(trail_words.sentence(act)),
    )
