"""What the acts of the desk have in common: the open case, locked; the reason, as given; how an act is refused."""

from __future__ import annotations

from sqlmodel import Session, col, select

from engage import arrivals, cases, relays
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


def find_open(
    session: Session, officer: Officer, reference: str, *, leaves: bool = False, speaks: bool = False
) -> Case:
    """The case of a reference, locked; `cases.CaseMissing` for none, `Refused` for one that has ended or is away.

    `leaves`: the act ends the case or lets a part of it go, which a case that is offered or came from elsewhere may
    not. `speaks`: the act answers the reporter, which only the sender can where the receiver has no account here.
    """
    case = cases.find_case(session, officer, reference)
    session.refresh(
        case, with_for_update={"key_share": True}
    )  # before anything that hangs on it, as reporters' messages lock it
    if not case.status.is_open:
        raise Refused(_("This case is ended: %(status)s. Reopen it first."), status=case.status)
    check_here(session, case, speaks=speaks)
    if leaves:
        check_untied(session, case)
    return case


def check_here(session: Session, case: Case, *, speaks: bool = False) -> None:
    """Refuse to act on a case whose work another authority has."""
    tie = relays.offered_or_away(session, id_of(case)) if case.away_at is not None else None
    if tie is not None and not (speaks and tie.by_link):
        raise Refused(_("%(name)s has taken this case over. Take it back first, or write to them."), name=tie.name)


def check_untied(session: Session, case: Case) -> None:
    """Refuse to let a case go, or a part of it, that another authority is asked to take or waits for."""
    if not relays.is_tied(session, id_of(case)):
        return
    offered = relays.offered_or_away(session, id_of(case))
    if offered is not None:
        raise Refused(_("This case is offered to %(name)s. Take the offer back first."), name=offered.name)
    came = relays.received(session, id_of(case))
    name = came.name if came else ""
    raise Refused(_("%(name)s referred this case to you. Complete it or give it back instead."), name=name)


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
