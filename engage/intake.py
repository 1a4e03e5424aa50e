"""The reporters' side: what arrives is deduplicated, triaged, routed and stored in one transaction, then acknowledged.

Nothing is decided here: triage and routing decide. What is done here is done once for each key.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from engage import arrivals, cases, contacts, further, opening, relays, reports
from engage.installation import Installation
from engage.models import Case, Report
from engage.opening import NoSite, Words, locate
from engage.posters import register
from engage.posters.register import Whereabouts
from engage.taxonomy import Carrier, Category, Channel, FoundBy, ReporterKind, Severity
from engage.triage import Finding
from engage.vault import Vault

__all__ = ["MessageArrival", "NoSite", "Receipt", "ReportArrival", "take_message", "take_report"]


#: Who reports so speaks to an officer, and sees no page.
TOLD_BY = (Channel.PHONE, Channel.WALK_IN)


@dataclass(frozen=True, slots=True)
class ReportArrival:
    """A report at the door: its words, its idempotency key, and what is known of its place and reporter.

    `place` is a place of `site`, where no code is given, or where their reporter stands who says that they are
    `elsewhere` than the poster should hang. `entered_by` is the officer who wrote it down for a reporter
    who speaks `language`, whatever language it is written in; `notice` is where its reporter hears of an answer.
    """

    text: str
    key: str
    code: str | None = None
    tag: str | None = None
    site: str | None = None
    place: str | None = None
    elsewhere: bool = False
    channel: Channel = Channel.WEB
    language: str = "en"
    reporter: ReporterKind | None = None
    entered_by: int | None = None
    notice: tuple[Carrier, str] | None = None


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
    queue_id: int
    repeated: bool = False


def take_report(installation: Installation, arrival: ReportArrival, now: datetime) -> Receipt:
    """Store a report with its finding, case, history and notifications; committed when this returns.

    Raises `arrivals.TextRefused`, `arrivals.KeyReused` or `NoSite`; then nothing is stored.
    """
    text = arrivals.accepted_text(arrival.text)
    finding = opening.find_out(installation, text)

    def once(session: Session) -> Receipt:
        earlier = arrivals.find(session, installation.vault, arrival.key, arrival.text)
        if earlier is not None:
            return _receipt_again(session, installation.vault, arrival.key, earlier)
        return _open(session, installation.vault, arrival, text, finding, now)

    return arrivals.committed(installation.database, once)


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
            words = further.all_words(session, relays.held(session, report), text)
            message_id = reports.add_reporter_message(session, report, text=text, channel=arrival.channel, now=now)
            finding = opening.find_out(installation, words)
            if finding is not None:
                further.judge_again(session, relays.held(session, report), finding, now)
            further.compare_again(session, relays.held(session, report), words, finding, now)
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

    return arrivals.committed(installation.database, once)


def _open(
    session: Session, vault: Vault, arrival: ReportArrival, text: str, finding: Finding | None, now: datetime
) -> Receipt:
    where, found_by, typed_code = _whereabouts(session, vault, arrival)
    if arrival.entered_by is not None or arrival.channel in TOLD_BY:
        found_by = FoundBy.TOLD
    words = Words(
        text=text,
        key=arrival.key,
        channel=arrival.channel,
        language=arrival.language,
        where=where,
        found_by=found_by,
        finding=finding,
        typed_code=typed_code,
        reporter=arrival.reporter,
        entered_by=arrival.entered_by,
    )
    opened = opening.open_report(session, vault, words, now)
    arrivals.remember(session, vault, arrival.key, arrival.text, now, report_id=opened.report_id)
    if arrival.notice:
        contacts.keep_notice(session, vault, opened.report_id, *arrival.notice, arrival.language)
    code = opened.access_code
    return Receipt(
        reference=opened.reference,
        access_code=code,
        access_hash=vault.access_hash(code),
        category=opened.category,
        severity=opened.severity,
        authority=opened.authority,
        where=where,
        queue_id=opened.queue_id,
    )


def _whereabouts(session: Session, vault: Vault, arrival: ReportArrival) -> tuple[Whereabouts, FoundBy, str | None]:
    """Where the report is about, from its code or, where none is given, from the place of its site."""
    named = not arrival.code and arrival.site and arrival.place
    where = register.find_place_named(session, arrival.site or "", arrival.place or "") if named else None
    if where is not None:
        return where, FoundBy.TYPED, None
    where, found_by, typed_code = locate(session, vault, arrival.code, arrival.tag, arrival.site)
    if arrival.elsewhere and where.poster_id is not None:
        where = register.standing_elsewhere(session, where, arrival.place)
    return where, found_by, typed_code


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
        case.queue_id,
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
