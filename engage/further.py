"""What is learnt of a report after it was opened: further words, judged and compared with those before, and its place.

They may raise a case, and move it while nobody holds it.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import cases, opening, proposals, relays, reports, sealing, search
from engage.models import Case, Message, Queue, Report, ReportFinding
from engage.posters.register import Whereabouts
from engage.taxonomy import CaseStatus, Direction, Happening
from engage.triage import Finding

#: Nobody has taken a case in one of these up, so it may still go to another queue by itself.
_UNTOUCHED = (CaseStatus.RECEIVED, CaseStatus.TRIAGED, CaseStatus.REOPENED)
LONGEST_JUDGED = 10_000  # characters of all that was said


def all_words(session: Session, report: Report, further: str) -> str:
    """All that a reporter has said in a report, with further words, as far as triage reads."""
    query = select(Message.text).where(Message.report_id == report.id, Message.direction == Direction.FROM_REPORTER)
    query = query.where(sa.not_(reports.opens_with(report)))
    said = [report.text, *session.exec(query.order_by(col(Message.id))), further]
    return "\n".join(said)[-LONGEST_JUDGED:]


def judge_again(session: Session, report: Report, finding: Finding, now: datetime) -> None:
    """Let further words raise a case, or say what it is where nothing was sure; while nobody holds it, it may move.

    Nothing is ever lowered, and what an officer has classified is left as it is but for its severity. Words that
    turn out to be about insiders take an untouched case to its sealed queue; of one that is held, the history says so.
    """
    case = session.get_one(Case, report.case_id)
    urgent = finding.severity.urgency > case.severity.urgency
    unsure = case.status is CaseStatus.RECEIVED and finding.category is not case.category
    if not opening.is_sure(finding) or not (urgent or unsure or _comes_to_light(session, case, report, finding)):
        return
    untouched = case.holder_id is None and case.status in _UNTOUCHED
    category = finding.category if untouched else case.category
    severity = finding.severity if urgent else case.severity
    reports.write_finding(session, report.id or 0, finding, now)
    said = {"category": category, "severity": severity, "reason": finding.reason}
    cases.change(session, case, now, category=category, severity=severity, urgency=severity.urgency)
    cases.record(session, report.case_id, now, (Happening.TRIAGED, said))
    where = reports.whereabouts(session, report)
    if untouched:
        cases.change(session, case, now, status=CaseStatus.TRIAGED)
        _move(session, case, where, now)
    if urgent:
        chosen = opening.route_to(session, where, finding.category, severity, finding.confidence, now)
        post = cases.find_post(session, chosen.queue_id)
        stays = post.authority_id != case.authority_id or session.get_one(Queue, case.queue_id).sealed
        if stays or relays.is_tied(session, report.case_id):  # nobody is told of a case that they may not see
            post = cases.find_post(session, case.queue_id)
        opening.notify(session, report.case_id, case.reference, post, severity, now)


def _comes_to_light(session: Session, case: Case, report: Report, finding: Finding) -> bool:
    """Whether it is said for the first time that a report is about insiders, of a case in an open queue."""
    if sealing.confided(session, case.queue_id, finding.category):
        return False
    before = select(ReportFinding.id).where(
        ReportFinding.report_id == report.id, ReportFinding.category == finding.category
    )
    return session.exec(before.limit(1)).first() is None


def compare_again(session: Session, report: Report, words: str, finding: Finding | None, now: datetime) -> None:
    """Propose what all that a reporter has said by now has in common with other cases."""
    proposals.extend(session, report, opening.trace(words, finding), reports.whereabouts(session, report), now)


def place_report(session: Session, report: Report, where: Whereabouts, now: datetime) -> None:
    """Where a report is about has become known; while nobody holds its case, it goes where that place belongs.

    Whoever has it meanwhile, and the one who referred it, both know.
    """
    for link in relays.way(session, report):
        _place(session, link.report, where, now)


def _place(session: Session, report: Report, where: Whereabouts, now: datetime) -> None:
    report.site_id, report.place_id, report.poster_id = where.site_id, where.place_id, where.poster_id
    report.typed_code = None
    session.add(report)
    case = session.get_one(Case, report.case_id)
    cases.change(session, case, now, site_id=where.site_id, place_id=where.place_id)
    cases.record(session, report.case_id, now, (Happening.PLACED, {"place_id": where.place_id}))
    search.add(session, report.case_id, "\n".join(search.names_of(where)))
    if case.holder_id is None and case.status in _UNTOUCHED:
        _move(session, case, where, now)
    for trace in proposals.traces_of(session, [report.id or 0]).values():
        proposals.extend(session, report, trace, where, now)


def _move(session: Session, case: Case, where: Whereabouts, now: datetime) -> None:
    """Put an untouched case into the queue that the rules choose for it now.

    Out of a sealed queue nothing moves, nor does a case that one authority has offered to another.
    """
    if session.get_one(Queue, case.queue_id).sealed or relays.is_tied(session, case.id or 0):
        return
    sure = 1.0 if case.status is CaseStatus.TRIAGED else 0.0
    chosen = opening.route_to(session, where, case.category, case.severity, sure, now)
    if chosen.queue_id == case.queue_id:
        return
    post = cases.find_post(session, chosen.queue_id)
    cases.change(
        session, case, now, queue_id=chosen.queue_id, authority_id=post.authority_id, route_reason=chosen.reason
    )
    cases.record(session, case.id or 0, now, (Happening.ROUTED, {"queue_id": chosen.queue_id, "reason": chosen.reason}))
    opening.notify(session, case.id or 0, case.reference, post, case.severity, now)
