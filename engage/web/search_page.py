"""Search: the cases that have every word of a question, wherever in them it stands."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engage import assigning, cases, found, labels, search_words
from engage.web import staff
from engage.web.case_acts import whole_number
from engage.web.frame import installation, now

door = Blueprint("search", __name__)
LONGEST_SHOWN = 200


@door.get("/desk/search")
def show() -> ResponseReturnValue:
    """One page of what was found."""
    question = request.args.get("q", "")
    terms = search_words.asked(question)
    after = whole_number(request.args.get("after"))
    officer = staff.officer()
    with installation().database.reading() as session:
        page = found.read_page(session, officer, terms, after)
        colleagues = assigning.colleagues(session, [queue.unit_id for queue in cases.queues_of(session, officer)])
        others = cases.queues_of_authority(session, officer)
        session.expunge_all()  # read after the session has ended
    question = question[:LONGEST_SHOWN]
    return render_template(
        "desk/search.html",
        question=question,
        asked=bool(terms),
        is_cut=len(terms) == search_words.MOST_ASKED,
        most=search_words.MOST_ASKED,
        page=page,
        is_first=after is None,
        here=url_for("search.show", q=question, after=after),
        colleagues=colleagues,
        others=others,
        labels=labels,
        now=now(),
    )
