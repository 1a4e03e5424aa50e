"""The staff's side of one event: merging two cases, saying that they are not the same, taking a report out again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, select

from engage import cases, merging, proposals, sealing, search
from engage.accounts import Officer
from engage.acting import Refused, check_here, check_untied, find_open
from engage.models import Case, Report
from engage.taxonomy import Verdict


def _(sentence: str) -> str:
    return sentence


def merge(
    session: Session, officer: Officer, reference: str, now: datetime, *, other: str, version: int | None = None
) -> Case:
    """Make two open cases one: the reports of the newer go to the older, which is given back.

    The officer must see both. `split` takes a report out again. Raises `cases.StaleCase` where the case on the page
    has changed since `version`, or somebody changes the other one right now.
    """
    case = find_open(session, officer, reference, leaves=True)
    second = _other(session, officer, case, other)
    if version is not None and version != case.version:
        raise cases.StaleCase
    older, newer = _merge(session, officer, case, second, now)
    search.refresh(session, [newer.id or 0, older.id or 0])
    return older


def _merge(session: Session, officer: Officer, case: Case, second: Case, now: datetime) -> tuple[Case, Case]:
    """The older of two cases, which has the reports of both now, and the newer one."""
    older, newer = sorted((case, second), key=lambda one: one.id or 0)
    merging.merge(session, newer, older, now, staff_id=officer.staff_id)
    return older, newer


def merge_all(
    session: Session,
    officer: Officer,
    reference: str,
    now: datetime,
    *,
    others: Sequence[str],
    version: int | None = None,
) -> Case:
    """Make one case of this and all the others, as after a surge; what became a part of it meanwhile is passed over.

    All of them or none: raises what `merge` raises, of the first that cannot be merged.
    """
    case = find_open(session, officer, reference, leaves=True)
    if version is not None and version != case.version:
        raise cases.StaleCase
    changed = {case.id or 0}
    for other in others:
        if not _is_part_of(session, officer, other, case):
            case, newer = _merge(session, officer, case, _other(session, officer, case, other), now)
            changed |= {case.id or 0, newer.id or 0}
    search.refresh(session, sorted(changed))
    return case


def _is_part_of(session: Session, officer: Officer, reference: str, case: Case) -> bool:
    try:
        return cases.find_case(session, officer, reference).id == case.id
    except cases.CaseMissing:
        return False


def dismiss(
    session: Session, officer: Officer, reference: str, now: datetime, *, other: str, version: int | None = None
) -> Case:
    """Say that two cases are not one event; that changes neither of them, so it is never stale."""
    del version
    case = cases.find_case(session, officer, reference)
    found = [one for one in proposals.of_case(session, officer, case) if one.reference == other]
    if not found:
        raise Refused(_("This was decided already."))
    proposals.decide(session, found[0].id, case, Verdict.DIFFERENT, officer.staff_id, now)
    return case


def split(
    session: Session, officer: Officer, reference: str, now: datetime, *, report: str, version: int | None = None
) -> Case:
    """Take a report out of a case, by its reference, into a case of its own. Merging them again undoes it."""
    case = find_open(session, officer, reference, leaves=True)
    found = session.exec(select(Report).where(Report.case_id == case.id, Report.reference == report)).first()
    if found is None:
        raise Refused(_("That report is not in this case any more."))
    if found.reference == case.reference:
        raise Refused(_("The first report stays, because the case has its reference. Take out the others."))
    if version is not None and version != case.version:
        raise cases.StaleCase
    merging.split(session, case, found, now, staff_id=officer.staff_id)
    return case


def _other(session: Session, officer: Officer, case: Case, reference: str) -> Case:
    """The case that is to be one with this one, locked."""
    try:
        other = cases.find_case(session, officer, reference)
    except cases.CaseMissing:
        raise Refused(_("You see no case with this reference.")) from None
    if other.id == case.id:
        raise Refused(_("That is this case."))
    # Without waiting: two officers who merge the same two cases from both ends would wait for each other for ever.
    try:
        other = session.exec(select(Case).where(Case.id == other.id).with_for_update(nowait=True, key_share=True)).one()
    except sa.exc.OperationalError:
        raise cases.StaleCase from None
    if not other.status.is_open:
        raise Refused(_("The case %(reference)s has ended. Reopen it first."), reference=other.reference)
    check_here(session, other)
    check_untied(session, other)
    if sealing.parts(session, case, other):
        raise Refused(_("What is in a sealed queue stays there: both cases must be in the same queue."))
    return other
