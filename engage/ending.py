"""How a case ends, and how it is taken up again; a last word to the reporter may go with it."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from engage import arrivals, cases, contacts, conversations, relays, speaking, targets
from engage.accounts import Officer
from engage.acting import RETURN_PAGE, Refused, check_here, check_untied, id_of, reason_given, reports_of
from engage.dialogue import Pending, Saying, sentences
from engage.models import Case
from engage.taxonomy import CaseStatus, Disposition, Happening


def _(sentence: str) -> str:
    return sentence


def resolve(
    session: Session,
    officer: Officer,
    reference: str,
    now: datetime,
    *,
    disposition: Disposition,
    text: str = "",
    version: int | None = None,
    return_address: str = RETURN_PAGE,
) -> Case:
    """The matter is dealt with; a last word to the reporter may go with it. It can still be closed or reopened."""
    return _end(session, officer, reference, now, CaseStatus.RESOLVED, disposition, text, version, return_address)


def close(
    session: Session,
    officer: Officer,
    reference: str,
    now: datetime,
    *,
    disposition: Disposition,
    text: str = "",
    version: int | None = None,
    return_address: str = RETURN_PAGE,
) -> Case:
    """Nothing more is to be done; a last word to the reporter may go with it. A message of theirs reopens it."""
    return _end(session, officer, reference, now, CaseStatus.CLOSED, disposition, text, version, return_address)


def reopen(
    session: Session, officer: Officer, reference: str, now: datetime, *, reason: str, version: int | None = None
) -> Case:
    """Take up an ended case again."""
    case = cases.find_case(session, officer, reference)
    if case.status.is_open:
        raise Refused(_("This case is open."))
    came = relays.received(session, id_of(case))
    if came is not None:
        raise Refused(_("This case went back to %(name)s, who has it now."), name=came.name)
    why = reason_given(reason)
    cases.change(
        session,
        case,
        now,
        version,
        status=CaseStatus.REOPENED,
        closed_at=None,
        disposition=None,
        holder_id=officer.staff_id,
    )
    cases.record(session, id_of(case), now, (Happening.REOPENED, {"reason": why}), staff_id=officer.staff_id)
    return case


_ENDED = {CaseStatus.RESOLVED: Happening.RESOLVED, CaseStatus.CLOSED: Happening.CLOSED}
_LAST_WORD = {CaseStatus.RESOLVED: sentences.RESOLVED, CaseStatus.CLOSED: sentences.CLOSED}


def _end(
    session: Session,
    officer: Officer,
    reference: str,
    now: datetime,
    status: CaseStatus,
    disposition: Disposition,
    text: str,
    version: int | None,
    return_address: str,
) -> Case:
    case = cases.find_case(session, officer, reference)
    if case.status is status or case.status is CaseStatus.CLOSED:
        raise Refused(_("This case is already ended: %(status)s."), status=case.status)
    check_here(session, case)
    check_untied(session, case)
    words = arrivals.accepted_text(text) if text.strip() else ""
    was_open = case.status.is_open
    cases.change(
        session,
        case,
        now,
        version,
        status=status,
        closed_at=now,
        disposition=disposition,
        reporter_waits=False,
        holder_id=case.holder_id or officer.staff_id,
        **(targets.answered(case, now) if words else {}),
    )
    for report in reports_of(session, case):
        asks = was_open and conversations.expect(session, report, Pending.HELPED)
        ending = (Saying(_LAST_WORD[status]), Saying(sentences.DID_IT_HELP)) if asks else ()
        speaking.answer(
            session,
            report,
            officer.staff_id,
            words,
            severity=case.severity,
            now=now,
            return_address=return_address,
            ending=ending,
        )
        contacts.forget_notice(session, report.id or 0)
    if words:
        cases.record(session, id_of(case), now, (Happening.ANSWERED, {"wait": False}), staff_id=officer.staff_id)
    cases.record(session, id_of(case), now, (_ENDED[status], {"disposition": disposition}), staff_id=officer.staff_id)
    return case
