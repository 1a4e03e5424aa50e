"""Opening a report: its case in the queue that the rules choose, its history, and what its unit is told.

Further words are judged with the ones before: they may raise a case, and move it while nobody holds it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, select

from engage import alarms, cases, duty_rows, outbox, proposals, relays, reports, sealing, search
from engage.duty_table import tried
from engage.installation import Installation
from engage.models import Case, Message, Queue, Report, ReportFinding
from engage.posters import register
from engage.posters.register import Whereabouts
from engage.routing import SURE_FROM, Matter, Route, route
from engage.sameness import trace_of
from engage.taxonomy import CaseStatus, Category, Channel, Direction, FoundBy, Happening, ReporterKind, Severity
from engage.triage import Finding, triage
from engage.vault import Vault

#: Nobody has taken a case in one of these up, so it may still go to another queue by itself.
_UNTOUCHED = (CaseStatus.RECEIVED, CaseStatus.TRIAGED, CaseStatus.REOPENED)
LONGEST_JUDGED = 10_000  # characters of all that was said

log = structlog.get_logger()


class NoSite(Exception):
    """The installation has no site yet, so nobody would read a report. Loading a site helps."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a new report says and how it came; `entered_by` is the officer who wrote it down for its reporter."""

    text: str
    key: str
    channel: Channel
    language: str
    where: Whereabouts
    found_by: FoundBy
    finding: Finding | None
    typed_code: str | None = None
    reporter: ReporterKind | None = None
    entered_by: int | None = None

    @property
    def spoken(self) -> str:
        """The reporter's language: as the officer says who heard them, else as their words are written."""
        written = self.finding.language if self.finding and self.finding.language != "und" else self.language
        return written if self.entered_by is None else self.language


@dataclass(frozen=True, slots=True)
class Opened:
    """A report that is stored, with its case."""

    report_id: int
    reference: str
    access_code: str
    case_id: int
    category: Category
    severity: Severity
    authority: str
    queue_id: int


def find_out(installation: Installation, text: str) -> Finding | None:
    """What triage says, or None when it fails: a report must stand even then."""
    try:
        return triage(text, installation.lexicon)
    except Exception:
        log.exception("triage_failed")
        return None


def locate(
    session: Session, vault: Vault, code: str | None, tag: str | None, site: str | None
) -> tuple[Whereabouts, FoundBy, str | None]:
    """Where a reporter is, how they came, and the code they gave where it is not that of a poster in use.

    Raises `NoSite` where the installation has none.
    """
    where = register.find_poster(session, code) if code else None
    if where is not None:
        scanned = register.is_genuine_tag(vault, where, tag)
        return where, FoundBy.SCANNED if scanned else FoundBy.TYPED, where.code if where.retired else None
    known = register.find_site(session, site) or register.find_site(session, None)
    if known is None:
        raise NoSite
    return known, FoundBy.TYPED, (code or "")[:64].replace("\0", "␀") or None


def is_sure(finding: Finding | None) -> bool:
    """Whether anybody may rely on a finding before a person has read the report."""
    return finding is not None and finding.confidence >= SURE_FROM


def open_report(session: Session, vault: Vault, words: Words, now: datetime) -> Opened:
    """Store a report with its finding, case, history and notifications, in the caller's transaction."""
    finding, where = words.finding, words.where
    category = finding.category if finding else Category.QUESTION_FEEDBACK
    chosen = choose_queue(session, where, finding, now)
    post = cases.find_post(session, chosen.queue_id)
    reference = cases.free_reference(session)
    case_id = cases.open_case(
        session,
        reference=reference,
        post=post,
        site_id=where.site_id,
        place_id=where.place_id,
        status=CaseStatus.TRIAGED if is_sure(finding) else CaseStatus.RECEIVED,
        category=category,
        severity=chosen.severity,
        route_reason=chosen.reason,
        now=now,
    )
    kept = reports.write_report(
        session,
        vault,
        key=words.key,
        text=words.text,
        reference=reference,
        case_id=case_id,
        where=where,
        typed_code=words.typed_code,
        found_by=words.found_by,
        channel=words.channel,
        reporter=words.reporter,
        language=words.spoken,
        now=now,
    )
    _keep_what_was_found(session, kept.report_id, case_id, words, chosen, now)
    search.start(session, case_id, (words.text, reference, words.typed_code or "", *search.names_of(where)))
    write_history(
        session, case_id, words.channel, finding, chosen, now, entered_by=words.entered_by, digest=kept.digest
    )
    notify(session, case_id, reference, post, chosen.severity, now)
    return Opened(
        report_id=kept.report_id,
        reference=reference,
        access_code=kept.access_code,
        case_id=case_id,
        category=category,
        severity=chosen.severity,
        authority=post.authority,
        queue_id=post.queue_id,
    )


def _keep_what_was_found(
    session: Session, report_id: int, case_id: int, words: Words, chosen: Route, now: datetime
) -> None:
    """Write what triage said, which cases may be the same event, and what rules in the shadow would have done."""
    if words.finding:
        reports.write_finding(session, report_id, words.finding, now)
    proposals.propose(session, report_id, case_id, trace_of(words.text, words.finding), words.where, now)
    duty_rows.note_shadows(session, report_id, chosen, now)


def choose_queue(session: Session, where: Whereabouts, finding: Finding | None, now: datetime) -> Route:
    """The queue of the duty rules for a finding at a place; the site's fallback queue where triage failed."""
    if finding is None:
        return Route(
            where.fallback_queue_id,
            Severity.MEDIUM,
            "Triage failed, so a person must read it; it waits in the fallback queue.",
        )
    return _route(session, where, finding.category, finding.severity, finding.confidence, now)


def _route(
    session: Session, where: Whereabouts, category: Category, severity: Severity, confidence: float, now: datetime
) -> Route:
    local_time = now.astimezone(ZoneInfo(where.timezone)).time()
    matter = Matter(category, severity, where.site_id, where.zone_id, local_time, confidence=confidence)
    table = duty_rows.table_for(session, category, where.site_id)
    chosen = route(matter, table.duties, where.fallback_queue_id)
    if not table.shadows:
        return chosen
    return replace(chosen, otherwise=tried(matter, table.duties, table.shadows, where.fallback_queue_id))


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
    if not is_sure(finding) or not (urgent or unsure or _comes_to_light(session, case, report, finding)):
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
        chosen = _route(session, where, finding.category, severity, finding.confidence, now)
        post = cases.find_post(session, chosen.queue_id)
        stays = post.authority_id != case.authority_id or session.get_one(Queue, case.queue_id).sealed
        if stays or relays.is_tied(session, report.case_id):  # nobody is told of a case that they may not see
            post = cases.find_post(session, case.queue_id)
        notify(session, report.case_id, case.reference, post, severity, now)


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
    proposals.extend(session, report, trace_of(words, finding), reports.whereabouts(session, report), now)


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
    chosen = _route(session, where, case.category, case.severity, sure, now)
    if chosen.queue_id == case.queue_id:
        return
    post = cases.find_post(session, chosen.queue_id)
    cases.change(
        session, case, now, queue_id=chosen.queue_id, authority_id=post.authority_id, route_reason=chosen.reason
    )
    cases.record(session, case.id or 0, now, (Happening.ROUTED, {"queue_id": chosen.queue_id, "reason": chosen.reason}))
    notify(session, case.id or 0, case.reference, post, case.severity, now)


def notify(session: Session, case_id: int, reference: str, post: cases.Post, severity: Severity, now: datetime) -> None:
    """Tell the unit of an urgent case, without a word of what it is about: mail is read in many places.

    A critical one rings from now on until somebody acts on it.
    """
    if severity is Severity.CRITICAL:
        alarms.raise_new_critical(session, case_id, post.queue_id, now, told=post.mailbox is not None)
    if severity.rank > Severity.HIGH.rank or not post.mailbox:
        return
    outbox.put(
        session,
        case_id=case_id,
        recipient=post.mailbox,
        subject=f"{severity.capitalize()} case {reference} in {post.queue}",
        body=f"A {severity} case waits in the queue {post.queue}: {reference}. Sign in at the desk to read it.",
        severity=severity,
        now=now,
    )


def write_history(
    session: Session,
    case_id: int,
    channel: Channel,
    finding: Finding | None,
    chosen: Route,
    now: datetime,
    *,
    entered_by: int | None = None,
    digest: str = "",
) -> None:
    """The first lines of a case's history: how it came, what triage said, and where it went.

    `digest` is that of its words, which the trail holds.
    """
    triaged = (
        {"category": finding.category, "severity": finding.severity, "reason": finding.reason}
        if finding
        else {"reason": "Triage failed; nothing was lost."}
    )
    routed = {"queue_id": chosen.queue_id, "reason": chosen.reason}
    lines = ((Happening.TRIAGED, triaged), (Happening.ROUTED, routed))
    came = {"channel": channel} | ({"digest": digest} if digest else {})
    if entered_by is None:
        cases.record(session, case_id, now, (Happening.RECEIVED, came), *lines)
        return
    cases.record(session, case_id, now, (Happening.RECEIVED, {**came, "entered": True}), staff_id=entered_by)
    cases.record(session, case_id, now, *lines)
