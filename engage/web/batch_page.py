"""One act on several chosen cases: each once, by the version on the officer's screen, and a table of what came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from engage import arrivals, assigning, case_rows, cases, desk, labels
from engage.case_rows import Row
from engage.web import case_acts, case_page, forms, staff
from engage.web.frame import installation, now, say

door = Blueprint("batch", __name__)


def _(sentence: str) -> str:
    return sentence


DONE = {
    "claim": _("Taken."),
    "assign": _("Given."),
    "transfer": _("Moved."),
    "close": _("Closed."),
}
STALE = _("This case changed while you looked at it, so nothing was done.")
GONE = _("You see no case with this reference.")
NOTHING_CHOSEN = _("No case was chosen, so nothing was done.")
NOT_AN_ACT = _("There is no such act, so nothing was done.")
MOST_CHOSEN = 200
LONGEST_BACK = 1000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one case. A case that was refused is shown again, as it is now, to try once more."""

    reference: str
    done: bool
    sentence: str
    row: Row | None = None


@door.post("/desk/batch")
def take() -> ResponseReturnValue:
    """Do one act to every chosen case, and tell of each."""
    typed = forms.sent()
    chosen = list(dict.fromkeys(typed.getlist("case")))[:MOST_CHOSEN]
    if not staff.is_own_form():
        return _page(typed, [_refused(one, say(case_page.OLD_FORM)) for one in chosen], say(case_page.OLD_FORM)), 403
    act = typed.get("act", "")
    if act not in DONE:
        return _page(typed, [], say(NOT_AN_ACT)), 422
    if not chosen:
        return _page(typed, [], say(NOTHING_CHOSEN)), 422
    return _page(typed, [_take(one, act, typed) for one in chosen])


def _take(one: str, act: str, typed: Mapping[str, str]) -> Outcome:
    """One act in a transaction of its own: what is refused for one case is done for the next."""
    opened, officer, moment = installation(), staff.officer(), now()
    reference, _dot, version = one.partition(".")
    fields = {**_fields(act, typed), "version": version, "key": typed.get("key", "")}
    note = typed.get("close_reason", "").strip() if act == "close" else ""
    try:
        with opened.database.transaction() as session:
            case = case_acts.take(session, opened, officer, reference, moment, act=act, fields=fields)
            reference = case.reference
            if note:
                about = {"text": note, "key": fields["key"] and f"{fields['key']} note"}
                case_acts.take(session, opened, officer, reference, moment, act="note", fields=about)
    except cases.CaseMissing:
        return Outcome(reference[:20], False, say(GONE))
    except cases.StaleCase:
        return _refused(one, say(STALE))
    except arrivals.KeyReused:
        return _refused(one, say(case_page.SENT_BEFORE))
    except (desk.Refused, arrivals.TextRefused) as refused:
        return _refused(one, case_page.why(refused))
    return Outcome(reference, True, say(DONE[act]))


def _fields(act: str, typed: Mapping[str, str]) -> dict[str, str]:
    """The fields of an act, as its own form on the page of one case has them."""
    named = {
        "claim": {},
        "assign": {"to": "to"},
        "transfer": {"queue": "queue", "reason": "move_reason"},
        "close": {"disposition": "disposition"},
    }[act]
    return {name: typed.get(field, "") for name, field in named.items()}


def _refused(one: str, sentence: str) -> Outcome:
    """A case that stands as it stood, with its row as it is now, if the officer may see it."""
    reference = one.partition(".")[0]
    with installation().database.reading() as session:
        try:
            case = cases.find_case(session, staff.officer(), reference)
        except cases.CaseMissing:
            return Outcome(reference[:20], False, say(GONE))
        (row,) = case_rows.read(session, [case.id or 0])
    return Outcome(row.reference, False, sentence, row)


def _page(typed: Mapping[str, str], outcomes: list[Outcome], trouble: str = "") -> str:
    officer = staff.officer()
    with installation().database.reading() as session:
        colleagues = assigning.colleagues(session, [queue.unit_id for queue in cases.queues_of(session, officer)])
        others = cases.queues_of_authority(session, officer)
        session.expunge_all()  # read after the session has ended
    return render_template(
        "desk/batch.html",
        outcomes=outcomes,
        trouble=trouble,
        done=sum(one.done for one in outcomes),
        typed=typed,
        back=_back(typed.get("back", "")),
        colleagues=colleagues,
        others=others,
        labels=labels,
        now=now(),
    )


def _back(wanted: str) -> str:
    """Where the officer came from: a page of cases of ours, and nowhere else."""
    own = wanted.startswith(("/desk/queues/", "/desk/search")) and wanted.isascii() and wanted.isprintable()
    return wanted if own and "\\" not in wanted and len(wanted) <= LONGEST_BACK else url_for("queues.mine")
