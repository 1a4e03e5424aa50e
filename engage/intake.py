"""The reporters' side: what arrives is deduplicated, triaged, routed and stored in one transaction, then acknowledged.

Nothing is decided here: triage and routing decide. What is done here is done once for each key.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from engage import arrivals, cases, outbox, reports
from engage.installation import Installation
from engage.models import Case, Report
from engage.posters import register
from engage.posters.register import Whereabouts
from engage.routing import SURE_FROM, Matter, Route, route
from engage.taxonomy import CaseStatus, Category, Channel, FoundBy, Happening, ReporterKind, Severity
from engage.triage import Finding, triage
from engage.vault import Vault

#: How often an arrival that lost a race for a key or a reference is tried again; each try sees what won.
TRIES = 4

log = structlog.get_logger()
Result = TypeVar("Result")


class NoSite(Exception):
    """The installation has no site yet, so nobody would read a report. Loading a site helps."""


@dataclass(frozen=True, slots=True)
class ReportArrival:
    """A report at the door: its words, its idempotency key, and what is known of its place and reporter."""

    text: str
    key: str
    code: str | None = None
    tag: str | None = None
    site: str | None = None
    channel: Channel = Channel.WEB
    language: str = "en"
    reporter: ReporterKind | None = None


@dataclass(frozen=True, slots=True)
class MessageArrival:
    """A further message at the door, for the report whose access code or earlier key it names."""

    text: str
    key: str
    access_hash: str | None = None
    earlier_key: str | None = None
    channel: Channel = Channel.WEB


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a reporter is told once the report is safe. `repeated` when the same report had come before."""

    reference: str
    access_code: str
    access_hash: str
    category: Category
    severity: Severity
    authority: str
    where: Whereabouts
    repeated: bool = False


def take_report(installation: Installation, arrival: ReportArrival, now: datetime) -> Receipt:
    """Store a report with its finding, case, history and notifications; committed when this returns.

    Raises `arrivals.TextRefused`, `arrivals.KeyReused` or `NoSite`; then nothing is stored.
    """
    text = arrivals.accepted_text(arrival.text)
    finding = _find_out(installation, text)

    def once(session: Session) -> Receipt:
        earlier = arrivals.find(session, installation.vault, arrival.key, arrival.text)
        if earlier is not None:
            return _receipt_again(session, installation.vault, arrival.key, earlier)
        return _open(session, installation.vault, arrival, text, finding, now)

    return _committed(installation, once)


def take_message(installation: Installation, arrival: MessageArrival, now: datetime) -> str:
    """Store a reporter's further message, and give the reference of its report; committed when this returns.

    Raises `arrivals.TextRefused`, `arrivals.KeyReused` or `reports.ThreadMissing`; then nothing is stored.
    """
    text = arrivals.accepted_text(arrival.text)

    def once(session: Session) -> str:
        report = _report_of(session, installation.vault, arrival)
        earlier = arrivals.find(session, installation.vault, arrival.key, arrival.text)
        if earlier is not None and earlier.report_id != report.id:
            raise arrivals.KeyReused(earlier)
        if earlier is None:
            message_id = reports.add_reporter_message(session, report, text=text, channel=arrival.channel, now=now)
            arrivals.remember(
                session,
                installation.vault,
                arrival.key,
                arrival.text,
                now,
                report_id=report.id,
                message_id=message_id,
            )
        return report.reference

    return _committed(installation, once)


def _committed(installation: Installation, once: Callable[[Session], Result]) -> Result:
    for remaining in reversed(range(TRIES)):
        try:
            with installation.database.transaction() as session:
                return once(session)
        except IntegrityError:
            if not remaining:
                raise
    raise AssertionError("unreachable: the last try returns or raises")


def _find_out(installation: Installation, text: str) -> Finding | None:
    """What triage says, or None when it fails: a report must stand even then."""
    try:
        return triage(text, installation.lexicon)
    except Exception:
        log.exception("triage_failed")
        return None


def _open(
    session: Session, vault: Vault, arrival: ReportArrival, text: str, finding: Finding | None, now: datetime
) -> Receipt:
    where, found_by, typed_code = _locate(session, vault, arrival)
    category = finding.category if finding else Category.QUESTION_FEEDBACK
    chosen = _choose_queue(session, where, finding, now) if finding else _untriaged(where)
    sure = finding is not None and finding.confidence >= SURE_FROM
    post = cases.find_post(session, chosen.queue_id)
    reference = cases.free_reference(session)
    case_id = cases.open_case(
        session,
        reference=reference,
        post=post,
        site_id=where.site_id,
        place_id=where.place_id,
        status=CaseStatus.TRIAGED if sure else CaseStatus.RECEIVED,
        category=category,
        severity=chosen.severity,
        route_reason=chosen.reason,
        now=now,
    )
    report_id, access_code = reports.write_report(
        session,
        vault,
        key=arrival.key,
        text=text,
        reference=reference,
        case_id=case_id,
        where=where,
        typed_code=typed_code,
        found_by=found_by,
        channel=arrival.channel,
        reporter=arrival.reporter,
        language=_language(finding, arrival.language),
        now=now,
    )
    if finding:
        reports.write_finding(session, report_id, finding, now)
    _write_history(session, case_id, arrival.channel, finding, chosen, now)
    _notify(session, case_id, reference, post, chosen.severity, now)
    arrivals.remember(session, vault, arrival.key, arrival.text, now, report_id=report_id)
    return Receipt(
        reference, access_code, vault.access_hash(access_code), category, chosen.severity, post.authority, where
    )


def _locate(session: Session, vault: Vault, arrival: ReportArrival) -> tuple[Whereabouts, FoundBy, str | None]:
    """Where the reporter is, how they came, and the code they gave where it is not that of a poster in use."""
    where = register.find_poster(session, arrival.code) if arrival.code else None
    if where is not None:
        scanned = register.is_genuine_tag(vault, where, arrival.tag)
        return where, FoundBy.SCANNED if scanned else FoundBy.TYPED, where.code if where.retired else None
    site = register.find_site(session, arrival.site) or register.find_site(session, None)
    if site is None:
        raise NoSite
    return site, FoundBy.TYPED, (arrival.code or "")[:64].replace("\0", "␀") or None


def _choose_queue(session: Session, where: Whereabouts, finding: Finding, now: datetime) -> Route:
    local_time = now.astimezone(ZoneInfo(where.timezone)).time()
    matter = Matter(
        finding.category, finding.severity, where.site_id, where.zone_id, local_time, confidence=finding.confidence
    )
    return route(matter, cases.duties_for(session, finding.category, where.site_id), where.fallback_queue_id)


def _untriaged(where: Whereabouts) -> Route:
    return Route(
        where.fallback_queue_id,
        Severity.MEDIUM,
        "Triage failed, so a person must read it; it waits in the fallback queue.",
    )


def _language(finding: Finding | None, page_language: str) -> str:
    return finding.language if finding and finding.language != "und" else page_language


def _write_history(
    session: Session, case_id: int, channel: Channel, finding: Finding | None, chosen: Route, now: datetime
) -> None:
    triaged = (
        {"category": finding.category, "severity": finding.severity, "reason": finding.reason}
        if finding
        else {"reason": "Triage failed; nothing was lost."}
    )
    cases.record(
        session,
        case_id,
        now,
        (Happening.RECEIVED, {"channel": channel}),
        (Happening.TRIAGED, triaged),
        (Happening.ROUTED, {"queue_id": chosen.queue_id, "reason": chosen.reason}),
    )


def _notify(
    session: Session, case_id: int, reference: str, post: cases.Post, severity: Severity, now: datetime
) -> None:
    """Tell the unit of an urgent case, without a word of what it is about: mail is read in many places."""
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


def _receipt_again(session: Session, vault: Vault, key: str, earlier: arrivals.Earlier) -> Receipt:
    """The same receipt as the first time. A key that came with a later message is no report's key."""
    if earlier.message_id is not None:
        raise arrivals.KeyReused(earlier)
    report = session.get_one(Report, earlier.report_id)
    case = session.get_one(Case, report.case_id)
    access_code = vault.access_code(report.access_salt, key)
    return Receipt(
        report.reference,
        access_code,
        report.access_hash,
        case.category,
        case.severity,
        cases.find_post(session, case.queue_id).authority,
        reports.whereabouts(session, report),
        repeated=True,
    )


def _report_of(session: Session, vault: Vault, arrival: MessageArrival) -> Report:
    if arrival.access_hash is not None:
        return reports.find_by_access(session, arrival.access_hash)
    earlier = arrivals.find_by_key(session, vault, arrival.earlier_key or "")
    report = session.get(Report, earlier.report_id) if earlier else None
    if report is None:
        raise reports.ThreadMissing
    return report
