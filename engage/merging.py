"""Making two cases one, and taking a report out again: what belongs to a report goes where it goes, nothing is lost.

The reports of the newer case, with their conversations, and its notes and alarms go to the older one; its own history
stays with it and is read there. Reporters notice nothing: they are answered as before, blind to each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from engage import cases, proposals, sealing, search
from engage.models import Alarm, Case, CaseEvent, Correction, Message, Note, Outgoing, Proposal, Report, ReportFinding
from engage.routing import Route
from engage.taxonomy import CaseStatus, Disposition, Happening, Verdict

_UNHELD = (CaseStatus.RECEIVED, CaseStatus.TRIAGED, CaseStatus.REOPENED)


def merge(session: Session, merged: Case, into: Case, now: datetime, *, staff_id: int) -> None:
    """Let the reports of one open case go to another, and close it as a duplicate. Both are locked by the caller.

    What is searched of them does not follow by itself: `search.refresh` does that, once for however many.
    """
    merged_id, into_id = merged.id or 0, into.id or 0
    note_ids = list(session.exec(select(Note.id).where(Note.case_id == merged_id).order_by(col(Note.id))))
    report_ids = list(session.exec(select(Report.id).where(Report.case_id == merged_id).order_by(col(Report.id))))
    given = {"into": into.reference, "report_ids": report_ids, "note_ids": note_ids}
    taken = {"from_case": merged.reference, "count": len(report_ids)}
    cases.record(session, merged_id, now, (Happening.MERGED, given), staff_id=staff_id)
    for table in (Report, Message, Note, Correction, Outgoing, Alarm):
        _rehome(session, table, table.case_id == merged_id, into_id)
    earlier = sa.update(Case).where(col(Case.merged_into_id) == merged_id).values(merged_into_id=into_id)
    session.connection().execute(earlier)
    joined = _joined(merged, into)
    cases.change(
        session,
        merged,
        now,
        status=CaseStatus.CLOSED,
        closed_at=now,
        disposition=Disposition.DUPLICATE,
        merged_into_id=into_id,
        reporter_waits=False,
    )
    cases.change(session, into, now, **joined)
    cases.record(session, into_id, now, (Happening.MERGED, taken), staff_id=staff_id)
    proposals.follow(session, merged, into, staff_id, now)


def _joined(merged: Case, into: Case) -> dict[str, Any]:
    """What becomes of the older case: the graver severity stands, and whoever held either of them holds it."""
    severity = min(into.severity, merged.severity, key=lambda one: one.rank)
    waits = into.reporter_waits or merged.reporter_waits
    holder_id = into.holder_id if into.holder_id is not None else merged.holder_id
    status = into.status
    if holder_id is not None and status in _UNHELD:
        status = CaseStatus.ASSIGNED
    if status is CaseStatus.WAITING_FOR_REPORTER and waits:
        status = CaseStatus.IN_PROGRESS
    return {
        "severity": severity,
        "urgency": severity.urgency,
        "reporter_waits": waits,
        "holder_id": holder_id,
        "status": status,
        "place_id": into.place_id if into.place_id is not None else merged.place_id,
        "incident_at": into.incident_at or merged.incident_at,
    }


def split(session: Session, case: Case, report: Report, now: datetime, *, staff_id: int) -> Case:
    """Take a report out of a case: into the one it came from, where that was merged, else into one of its own."""
    before = select(Case).where(Case.reference == report.reference, Case.merged_into_id == case.id)
    found = session.exec(before.with_for_update()).first()
    target = _take_up(session, found, now) if found else _open_case(session, case, report, now)
    case_id, target_id, report_id = case.id or 0, target.id or 0, report.id or 0
    ours = sa.select(col(Message.id)).where(col(Message.report_id) == report_id)
    _rehome(session, Outgoing, col(Outgoing.message_id).in_(ours), target_id)
    for table in (Message, Correction):
        _rehome(session, table, table.report_id == report_id, target_id)
    _rehome(session, Report, col(Report.id) == report_id, target_id)
    if found:
        _rehome(session, Note, col(Note.id).in_(_notes_of(session, found)), target_id)
    _mark_different(session, case_id, target_id, staff_id, now)
    cases.change(session, case, now)
    cases.record(session, case_id, now, (Happening.MERGED, {"split_to": target.reference}), staff_id=staff_id)
    cases.record(session, target_id, now, (Happening.MERGED, {"split_from": case.reference}), staff_id=staff_id)
    search.refresh(session, [case_id, target_id])
    return target


def _rehome(session: Session, table: type[SQLModel], which: Any, case_id: int) -> None:
    session.flush()
    session.connection().execute(sa.update(table).where(which).values(case_id=case_id))
    session.expire_all()


def _take_up(session: Session, case: Case, now: datetime) -> Case:
    """The case that was merged, open again; nobody holds it."""
    cases.change(
        session,
        case,
        now,
        status=CaseStatus.REOPENED,
        closed_at=None,
        disposition=None,
        merged_into_id=None,
        holder_id=None,
        reporter_waits=True,
    )
    return case


def _open_case(session: Session, case: Case, report: Report, now: datetime) -> Case:
    """A new case for a report, as triage found it, in the queue where it was read, unless it must be sealed."""
    query = select(ReportFinding).where(ReportFinding.report_id == report.id).order_by(col(ReportFinding.id).desc())
    finding = session.exec(query).first()
    category = finding.category if finding else case.category
    severity = finding.severity if finding else case.severity
    stays = Route(case.queue_id, severity, f"The report {report.reference} was taken out of {case.reference}.")
    chosen = sealing.way_for_new(session, case, category, severity, now) or stays
    case_id = cases.open_case(
        session,
        reference=report.reference,
        post=cases.find_post(session, chosen.queue_id),
        site_id=report.site_id,
        place_id=report.place_id,
        status=CaseStatus.TRIAGED,
        category=category,
        severity=severity,
        route_reason=chosen.reason,
        now=now,
    )
    return session.get_one(Case, case_id)


def _notes_of(session: Session, merged: Case) -> Sequence[int]:
    """The notes that a case had when it was last merged."""
    lines = select(CaseEvent.details).where(CaseEvent.case_id == merged.id, CaseEvent.what == Happening.MERGED)
    found = [details for details in session.exec(lines.order_by(col(CaseEvent.id))) if "note_ids" in details]
    return list(found[-1]["note_ids"]) if found else []


def _mark_different(session: Session, one: int, other: int, staff_id: int, now: datetime) -> None:
    """Staff say that the two are not one event, so they are not proposed again."""
    pair = sa.and_(col(Proposal.case_id) == max(one, other), col(Proposal.other_case_id) == min(one, other))
    different = sa.update(Proposal).where(pair)
    session.connection().execute(different.values(verdict=Verdict.DIFFERENT, decided_by=staff_id, decided_at=now))
