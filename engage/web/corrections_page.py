"""What officers say that triage should have said, for supervisors: how often they agree, and the newest corrections."""

from __future__ import annotations

from flask import Blueprint, render_template

from engage import corrections
from engage.web import desk_words, staff
from engage.web.frame import installation

door = Blueprint("corrections", __name__)
desk_words.teach(door)


@door.get("/desk/corrections")
def show() -> str:
    """Agreement by category, and the newest corrections."""
    with installation().database.reading() as session:
        agreement = corrections.agreement(session, staff.officer())
        newest = corrections.newest(session, staff.officer())
    return render_template("desk/corrections.html", agreement=agreement, newest=newest, most=corrections.MOST_JUDGED)
