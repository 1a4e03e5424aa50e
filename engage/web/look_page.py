"""Two officers at one case see each other: the page says now and then that it is open, and hears who else looks."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from engage import case_file, cases, looks
from engage.accounts import Officer
from engage.looks import Colleague
from engage.models import Case
from engage.web import desk_words, forms, staff
from engage.web.case_acts import whole_number
from engage.web.frame import installation, now, say

door = Blueprint("looks", __name__)


def _(sentence: str) -> str:
    return sentence


LOOKS = _("%(name)s is looking at this case.")
WRITES = _("%(name)s is looking at this case, and writing.")
CHANGED = _("This case has changed since you opened it: %(line)s")


@door.post("/desk/cases/<reference>/look")
def look(reference: str) -> ResponseReturnValue:
    """Keep that the officer looks, and say who else does and whether the case is still the one on their page."""
    typed, officer, moment = forms.sent(), staff.officer(), now()
    if not staff.is_own_form():
        return jsonify(said=[], changed=""), 403
    with installation().database.transaction() as session:
        case = cases.find_case(session, officer, reference)
        if "leaving" in typed:
            looks.leave(session, case.id or 0, officer.staff_id)
            return jsonify(said=[], changed="")
        looks.look(session, case.id or 0, officer.staff_id, moment, typing=typed.get("typing") == "1")
        others = looks.others(session, case.id or 0, officer.staff_id, moment)
        seen = whole_number(typed.get("version"))
        changed = _what_changed(session, case, officer) if seen is not None and seen != case.version else ""
    return jsonify(said=said_of(others), changed=changed)


def said_of(others: list[Colleague]) -> list[str]:
    """A sentence for each colleague who looks."""
    return [say(WRITES if one.typing else LOOKS, name=one.name) for one in others]


def _what_changed(session: Session, case: Case, officer: Officer) -> str:
    line, names = case_file.newest_line(session, officer, case)
    return say(CHANGED, line=desk_words.history_sentence(line, names)) if line else ""
