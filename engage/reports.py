"""Reports: writing one down, finding it again by its access code, and the thread its reporter sees."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import cases, relays, search
from engage.db import add_row
from engage.models import Case, Message, Report, ReportFinding
from engage.posters import register
from engage.posters.register import Whereabouts
from engage.taxonomy import (
    CaseStatus,
    Channel,
    Direction,
    FoundBy,
    Happening,
    ReporterKind,
)
from engage.triage import Evidence, Finding
from engage.vault import Vault


class ThreadMissing(Exception):
    """No report has this access code: wrong, erased and malformed codes are all alike. Another code may help."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A report that is written down, with its access code, which is kept nowhere, and the digest of its text."""

    report_id: int
    access_code: str
    digest: str


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a thread as its reporter sees it. Engage itself speaks where neither they nor an officer do."""

    from_reporter: bool
    text: str
    at: datetime
    by_officer: bool = False


@dataclass(frozen=True, slots=True)
class Thread:
    """What a reporter sees of their report: no name of an officer, no note, nothing that staff think."""

    report_id: int
    case_id: int
    queue_id: int
    reference: str
    status: CaseStatus
    held: bool
    where: Whereabouts
    messages: tuple[Said, ...]
    received_at: datetime

    @property
    def awaits_answer(self) -> bool:
        """Whether the case is open and no officer has answered yet."""
        return self.status.is_open and not any(said.by_officer for said in self.messages)


def write_report(
    session: Session,
    vault: Vault,
    *,
    key: str,
    text: str,
    reference: str,
    case_id: int,
    where: Whereabouts,
    typed_code: str | None,
    found_by: FoundBy,
    channel: Channel,
    reporter: ReporterKind | None,
    language: str,
    now: datetime,
) -> Kept:
    """Write a report down."""
    salt = secrets.token_bytes(16)
    access_code = vault.access_code(salt, key)
    report_id = add_row(
        session,
        Report,
        reference=reference,
        case_id=case_id,
        site_id=where.site_id,
        place_id=where.place_id,
        poster_id=where.poster_id,
        typed_code=typed_code,
        found_by=found_by,
        channel=channel,
        reporter=reporter,
        language=language,
        text=text,
        access_salt=salt,
        access_hash=vault.access_hash(access_code),
        received_at=now,
    )
    return Kept(report_id, access_code, digest_of(salt, text))


def digest_of(salt: bytes, text: str) -> str:
    """By which the trail holds what a reporter wrote, without a word of it: SHA-256 of the report's salt and the text.

    Nobody can guess words from it, and when the report is erased, its salt is gone as well.
    """
    return hashlib.sha256(salt + text.encode("utf-8", "surrogatepass")).hexdigest()


def write_finding(session: Session, report_id: int, finding: Finding, now: datetime) -> None:
    """Keep what triage said of a report."""
    add_row(
        session,
        ReportFinding,
        report_id=report_id,
        category=finding.category,
        second=finding.second,
        severity=finding.severity,
        language=finding.language,
        confidence=finding.confidence,
        reason=finding.reason,
        evidence=[_kept(piece) for piece in finding.evidence],
        found_at=now,
    )


def _kept(piece: Evidence) -> dict[str, object]:
    return piece._asdict()


def find_by_access(session: Session, access_hash: str) -> Report:
    """The report of an access code's hash; `ThreadMissing` where there is none."""
    report = session.exec(select(Report).where(Report.access_hash == access_hash)).first()
    if report is None:
        raise ThreadMissing
    return report


def opens_with(report: Report) -> sa.ColumnElement[bool]:
    """Whether a message is the one whose words opened a report, after staff moved it: it is not read twice."""
    return sa.and_(
        col(Message.direction) == Direction.FROM_REPORTER,
        col(Message.sent_at) == report.received_at,
        col(Message.text) == report.text,
    )


def is_opening(report: Report, message: Message) -> bool:
    """The same of a message that is at hand."""
    from_reporter = message.direction is Direction.FROM_REPORTER
    return from_reporter and (message.sent_at, message.text) == (report.received_at, report.text)


def read_thread(session: Session, access_hash: str) -> Thread:
    """The thread of an access code's hash, oldest message first; `ThreadMissing` where there is none."""
    report = find_by_access(session, access_hash)
    case = relays.held_case(session, report)
    written = session.exec(select(Message).where(Message.report_id == report.id).order_by(col(Message.id)))
    said = [
        Said(message.direction is Direction.FROM_REPORTER, message.text, message.sent_at, message.staff_id is not None)
        for message in written
        if not is_opening(report, message)
    ]
    return Thread(
        report_id=report.id or 0,
        case_id=report.case_id,
        queue_id=case.queue_id,
        reference=report.reference,
        status=case.status,
        held=case.holder_id is not None,
        where=whereabouts(session, report),
        messages=(Said(True, report.text, report.received_at), *said),
        received_at=report.received_at,
    )


def whereabouts(session: Session, report: Report) -> Whereabouts:
    """Where a report was made, as far as is known."""
    where = register.find_place(session, report.place_id) if report.place_id else None
    return where or register.find_site_by_id(session, report.site_id)


def add_reporter_message(
    session: Session, report: Report, *, text: str, channel: Channel, now: datetime, reopens: bool = True
) -> int:
    """Write down what a reporter adds. It reopens an ended case, and one that waited for the reporter goes on.

    Without `reopens` an ended case stays ended, as after a word of thanks. While another authority has the case, it
    is theirs that goes on; a sender who reads along finds it in the history.
    """
    # Locked before the message is written: its foreign key shares the case, and two sharers who both want it deadlock.
    case = _lock_held(session, report)
    message_id = _write_message(session, report, text, channel, now)
    wrote = {"channel": channel, "digest": digest_of(report.access_salt, text)}
    for case_id in (case.id or 0, *relays.sees_along(session, report)):
        cases.record(session, case_id, now, (Happening.REPORTER_WROTE, wrote))
    if not case.status.is_open:
        if reopens:
            cases.change(
                session, case, now, status=CaseStatus.REOPENED, closed_at=None, disposition=None, reporter_waits=True
            )
            cases.record(session, case.id or 0, now, (Happening.REOPENED, {"reason": "The reporter wrote again."}))
    elif case.status is CaseStatus.WAITING_FOR_REPORTER:
        cases.change(session, case, now, status=CaseStatus.IN_PROGRESS, reporter_waits=True)
    else:
        cases.change(session, case, now, reporter_waits=True)
    return message_id


def add_aside(session: Session, report: Report, *, text: str, channel: Channel, now: datetime) -> int:
    """Write down what a reporter said to Engage itself, such as STATUS: nobody need act on it."""
    _lock_held(session, report)
    return _write_message(session, report, text, channel, now)


def _lock_held(session: Session, report: Report) -> Case:
    """The case in which a report is worked on, locked; where it went elsewhere while we waited, that one."""
    while True:
        case = cases.lock_case(session, relays.held(session, report).case_id)
        session.refresh(session.get_one(Case, report.case_id))
        if relays.held(session, report).case_id == case.id:
            return case


def _write_message(session: Session, report: Report, text: str, channel: Channel, now: datetime) -> int:
    """The message in the reporter's own thread, whose id is given, and in the copies of it that others work on."""
    way = relays.way(session, report)
    for case_id in {link.case_id for link in way}:
        search.add(session, case_id, text)
    (message_id, *_copies) = [
        add_row(
            session,
            Message,
            case_id=link.case_id,
            report_id=link.report.id,
            direction=Direction.FROM_REPORTER,
            channel=channel,
            staff_id=None,
            text=text,
            sent_at=now,
        )
        for link in way
    ]
    return message_id
