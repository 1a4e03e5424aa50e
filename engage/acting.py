"""What the acts of the desk have in common: the open case, locked; the reason, as given; how an act is refused."""

from __future__ import annotations

from sqlmodel import Session, col, select

from engage import arrivals, cases
from engage.accounts import Officer
from engage.models import Case, Report

LONGEST_REASON = 1000
RETURN_PAGE = "/return"


def _(sentence: str) -> str:
    return sentence


class Refused(Exception):
    """The act does not fit the case as it stands; `sentence`, filled with `values`, says why. Another act may."""

    def __init__(self, sentence: str, **values: str) -> None:
        super().__init__(sentence % values)
        self.sentence, self.values = sentence, values


class AlreadyHeld(Refused):
    """Another officer holds the case; taking it over is an act of its own."""

    def __init__(self, holder: str) -> None:
        super().__init__(_("%(holder)s holds this case."), holder=holder)


def reports_of(session: Session, case: Case) -> list[Report]:
    """The reports of a case, the first one first."""
    return list(session.exec(select(Report).where(Report.case_id == case.id).order_by(col(Report.id))))


def find_open(session: Session, officer: Officer, reference: str) -> Case:
    """The case of a reference, locked; `cases.CaseMissing` for none, `Refused` for one that has ended."""
    case = cases.find_case(session, officer, reference)
    session.refresh(case, with_for_update=True)  # before anything that hangs on it, as reporters' messages lock it
    if not case.status.is_open:
        raise Refused(_("This case is ended: %(status)s. Reopen it first."), status=case.status)
    return case


def reason_given(typed: str) -> str:
    """A reason as it was typed, cut to `LONGEST_REASON` characters; `Refused` for none."""
    try:
        return arrivals.accepted_text(typed)[:LONGEST_REASON].strip()
    except arrivals.EmptyText:
        raise Refused(_("Give a reason; whoever reads the history will want it.")) from None


def id_of(case: Case) -> int:
    """The id of a stored case."""
    assert case.id is not None  # noqa: S101 - a stored row has an id
    return case.id
