"""Numbers for supervisors: what came, how fast it was answered and what became of it, drawn and as files."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from engage import numbers
from engage.cases import CaseMissing
from engage.numbers import Numbers
from engage.spreadsheets import csv_of
from engage.tallies import Pace
from engage.taxonomy import CasePromise
from engage.web import desk_words, number_tables, staff
from engage.web.case_acts import whole_number
from engage.web.frame import installation, now, say

door = Blueprint("numbers", __name__)
desk_words.teach(door)

USUAL_DAYS = 28


def _(sentence: str) -> str:
    return sentence


IGNORED = _("Such a length of time is not counted, so these are the last %(days)s days.")


@door.get("/desk/numbers")
def show() -> ResponseReturnValue:
    """The numbers of a window, each with its chart and its table."""
    days, unknown = _window()
    found = _read(days)
    tables = number_tables.all_of(found)
    answer = _pace_of(found, CasePromise.RESPOND)
    return render_template(
        "desk/numbers.html",
        found=found,
        tables=tables,
        windows=numbers.WINDOWS,
        most=numbers.MOST_READ,
        answered=number_tables.duration(answer.median).shown,
        kept=number_tables.share(answer.share).shown,
        unknown=say(IGNORED, days=days) if unknown else "",
    )


@door.get("/desk/numbers/<name>.csv")
def save(name: str) -> ResponseReturnValue:
    """One table as a file for spreadsheets."""
    days, _unknown = _window()
    with installation().database.transaction() as session:
        table = number_tables.all_of(numbers.save(session, staff.officer(), name, days, now())).get(name)
        if table is None:
            raise CaseMissing  # which leaves no entry either
    written = csv_of(table.header, [[cell.value for cell in row] for row in table.rows])
    response = Response(written, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="engage-{table.name}-{days}-days.csv"'
    return response


def _window() -> tuple[int, bool]:
    """The window that the address asks for, and whether it asks for one that there is none of."""
    asked = request.args.get("days", "").strip()
    days = whole_number(asked)
    return (days, False) if days in numbers.WINDOWS else (USUAL_DAYS, bool(asked))


def _read(days: int) -> Numbers:
    with installation().database.reading() as session:
        return numbers.read(session, staff.officer(), days, now())


def _pace_of(found: Numbers, promise: CasePromise) -> Pace:
    return found.tally.paces[promise, None]
