"""Opening a report: its case in the queue that the rules choose, its history, and what its unit is told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog
from sqlmodel import Session

from engage import alarms, cases, duty_rows, outbox, proposals, reports, search
from engage.duty_table import tried
from engage.installation import Installation
from engage.posters import register
from engage.posters.register import Whereabouts
from engage.routing import SURE_FROM, Matter, Route, route
from engage.sameness import Trace, trace_of
from engage.taxonomy import CaseStatus, Category, Channel, FoundBy, Happening, ReporterKind, Severity
from engage.triage import Finding, triage
from engage.vault import Vault

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


def trace(text: str, finding: Finding | None) -> Trace:
    """By what a text is compared with others; by nothing when that fails: a report must stand even then."""
    try:
        return trace_of(text, finding)
    except Exception:
        log.exception("trace_failed")
        return Trace("und", finding.category if finding else Category.QUESTION_FEEDBACK, {})


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
    proposals.propose(session, report_id, case_id, trace(words.text, words.finding), words.where, now)
    duty_rows.note_shadows(session, report_id, chosen, now)


def choose_queue(session: Session, where: Whereabouts, finding: Finding | None, now: datetime) -> Route:
    """The queue of the duty rules for a finding at a place; the site's fallback queue where triage failed."""
    if finding is None:
        return Route(
            where.fallback_queue_id,
            Severity.MEDIUM,
            "Triage failed, so a person must read it; it waits in the fallback queue.",
        )
    return route_to(session, where, finding.category, finding.severity, finding.confidence, now)


def route_to(
    session: Session, where: Whereabouts, category: Category, severity: Severity, confidence: float, now: datetime
) -> Route:
    """The queue of the duty rules for what is known of a matter at a place, and what rules in the shadow would do."""
    local_time = now.astimezone(ZoneInfo(where.timezone)).time()
    matter = Matter(category, severity, where.site_id, where.zone_id, local_time, confidence=confidence)
    table = duty_rows.table_for(session, category, where.site_id)
    chosen = route(matter, table.duties, where.fallback_queue_id)
    if not table.shadows:
        return chosen
    return replace(chosen, otherwise=tried(matter, table.duties, table.shadows, where.fallback_queue_id))


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
