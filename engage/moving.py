"""Moving a reporter's message to the case that it belongs to.

It goes into the report there of the same person: the one it was in before, else one with the same phone. Where there
is none it opens a report of its own, because nobody's words may come into another person's thread. Such a report has
the message's words and moment; the message stays a row, so that moving it back is the same act the other way, and
nothing is lost. From then on the reporter's conversation is about the report that the message is in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import cases, contacts, conversations, opening, reports, sealing, search
from engage.doing import ACCESS_KEY
from engage.models import Arrival, Attachment, Case, CaseEvent, Message, Report, ReportContact
from engage.routing import Route
from engage.taxonomy import CaseStatus, Category, Direction, Happening, Severity
from engage.triage import Finding
from engage.vault import Vault


class OutOfReach(Exception):
    """Its reporter could not read on where it went: they hold the code of this report alone. Nothing else helps."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A message of a case, with its report, that is to move. `finding` is what triage says of its words."""

    case: Case
    report: Report
    message: Message
    finding: Finding | None


def find(session: Session, case: Case, message_id: int | None) -> Message | None:
    """A reporter's message of a case, or None where it has no such one."""
    query = (
        select(Message)
        .join(Report, col(Report.id) == Message.report_id)
        .where(Message.id == message_id, Message.case_id == case.id, Report.case_id == case.id)
    )
    return session.exec(query.where(Message.direction == Direction.FROM_REPORTER).with_for_update(of=Message)).first()


def move(
    session: Session,
    vault: Vault,
    moved: Moved,
    target: Case | None,
    now: datetime,
    *,
    staff_id: int,
    version: int | None,
) -> None:
    """Move a message to another case or, without one, to a new case in the same queue. The caller may see both.

    Raises `OutOfReach`, or `cases.StaleCase` where the case that it leaves has changed since `version`.
    """
    cases.change(session, moved.case, now, version)
    report = _report_of_same_person(session, moved, target) if target else None
    if report is None:
        _check_reach(session, moved.report)
        target = target or _open_case(session, moved, now)
        report = _open_report(session, vault, moved, target, now)
    assert target is not None  # noqa: S101 - given, or just opened
    _rehome(session, moved.message, report)
    conversations.turn_to(session, moved.report, report, target.category)
    goes_on = CaseStatus.IN_PROGRESS if target.status is CaseStatus.WAITING_FOR_REPORTER else target.status
    cases.change(session, target, now, status=goes_on, reporter_waits=True)
    _record(session, moved, target, report, now, staff_id)
    search.refresh(session, [moved.case.id or 0, target.id or 0])


def _report_of_same_person(session: Session, moved: Moved, target: Case) -> Report | None:
    there = select(Report).where(Report.case_id == target.id).order_by(col(Report.id))
    before = _report_it_was_in(session, moved.message, target)
    if before is not None:
        return session.exec(there.where(Report.id == before)).first()
    theirs = sa.select(col(ReportContact.contact_id)).where(col(ReportContact.report_id) == moved.report.id)
    tied = sa.select(col(ReportContact.report_id)).where(col(ReportContact.contact_id).in_(theirs))
    return session.exec(there.where(col(Report.id).in_(tied))).first()


def _report_it_was_in(session: Session, message: Message, target: Case) -> int | None:
    """The report of a case in which a message was before it was moved, as the case's history has it."""
    lines = select(CaseEvent.details).where(CaseEvent.case_id == target.id, CaseEvent.what == Happening.MOVED)
    found = [details for details in session.exec(lines) if details.get("message_id") == message.id]
    return int(found[-1]["report_id"]) if found else None


def _check_reach(session: Session, report: Report) -> None:
    if not contacts.of_report(session, report.id or 0) and not conversations.talks_about(session, report):
        raise OutOfReach


def _open_case(session: Session, moved: Moved, now: datetime) -> Case:
    """A case of its own in the same queue, unless it must be sealed: where else it belongs, an officer decides."""
    finding, old = moved.finding, moved.case
    reference = cases.free_reference(session)
    severity = finding.severity if finding else Severity.MEDIUM
    category = finding.category if finding else Category.QUESTION_FEEDBACK
    stays = Route(old.queue_id, severity, f"A message of {moved.report.reference} became a case of its own.")
    chosen = sealing.way_for_new(session, old, category, severity, now) or stays
    post = cases.find_post(session, chosen.queue_id)
    case_id = cases.open_case(
        session,
        reference=reference,
        post=post,
        site_id=moved.report.site_id,
        place_id=moved.report.place_id,
        status=CaseStatus.TRIAGED if opening.is_sure(finding) else CaseStatus.RECEIVED,
        category=category,
        severity=severity,
        route_reason=chosen.reason,
        now=now,
    )
    opening.write_history(session, case_id, moved.message.channel, finding, chosen, now)
    opening.notify(session, case_id, reference, post, severity, now)
    return session.get_one(Case, case_id)


def _open_report(session: Session, vault: Vault, moved: Moved, target: Case, now: datetime) -> Report:
    """A report with the words and the moment of the message; all phones of its reporter are answered about it."""
    old, message = moved.report, moved.message
    is_first = session.exec(select(Report.id).where(Report.case_id == target.id)).first() is None
    report_id = reports.write_report(
        session,
        vault,
        key=ACCESS_KEY,
        text=message.text,
        reference=target.reference if is_first else cases.free_reference(session),
        case_id=target.id or 0,
        where=reports.whereabouts(session, old),
        typed_code=old.typed_code,
        found_by=old.found_by,
        channel=message.channel,
        reporter=old.reporter,
        language=old.language,
        now=message.sent_at,
    ).report_id
    if moved.finding:
        reports.write_finding(session, report_id, moved.finding, now)
    for contact in contacts.of_report(session, old.id or 0):
        contacts.tie(session, report_id, contact.id or 0)
    return session.get_one(Report, report_id)


def _rehome(session: Session, message: Message, report: Report) -> None:
    """The message with its files, and the key that it came with, belong to another report."""
    connection = session.connection()
    for table in (Attachment, Arrival):
        own = col(table.message_id) == message.id
        connection.execute(sa.update(table).where(own).values(report_id=report.id))
    message.report_id, message.case_id = report.id or 0, report.case_id
    session.add(message)
    session.flush()


def _record(session: Session, moved: Moved, target: Case, report: Report, now: datetime, staff_id: int) -> None:
    here, there = moved.case, target
    left = {"to": there.reference, "message_id": moved.message.id, "report_id": moved.report.id}
    came = {"from_case": here.reference, "message_id": moved.message.id, "report_id": report.id}
    cases.record(session, here.id or 0, now, (Happening.MOVED, left), staff_id=staff_id)
    cases.record(session, there.id or 0, now, (Happening.MOVED, came), staff_id=staff_id)
