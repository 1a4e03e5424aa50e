"""The shared copy: what of a case another authority gets to see, chosen piece by piece, and nothing else.

Words are never edited, so a piece names its row. A report's own words always go along; its messages, its finding and
its files as they are chosen. Notes never do, and how to reach the reporter only where that is ticked, with a reason.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from engage import attachments, cases, contacts, relays, reports, search
from engage.db import add_row, add_rows
from engage.models import Attachment, Case, Message, Referral, Report, ReportCopy, ReportFinding, SharedPiece
from engage.posters.register import Whereabouts
from engage.taxonomy import AttachmentStatus, Channel, Direction, ReferralState
from engage.vault import Vault


@dataclass(frozen=True, slots=True)
class Chosen:
    """What an officer ticks: messages and files by their ids, and whether what triage found goes along."""

    messages: frozenset[int] = frozenset()
    files: frozenset[int] = frozenset()
    evidence: bool = False


@dataclass(frozen=True, slots=True)
class SharedMessage:
    """One message of the copy."""

    from_reporter: bool
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SharedFile:
    """One file of the copy, by its number in the sender's case; `size` in bytes."""

    id: int
    content_type: str
    size: int | None


@dataclass(frozen=True, slots=True)
class SharedReport:
    """One report of the copy. `finding` is what triage said, where that is shared."""

    text: str
    language: str
    channel: Channel
    received_at: datetime
    where: Whereabouts
    messages: tuple[SharedMessage, ...]
    files: tuple[SharedFile, ...]
    finding: ReportFinding | None


def choose(session: Session, referral_id: int, case: Case, chosen: Chosen) -> int:
    """Write down what is shared of a case, and give how many pieces; what is not of the case is left out."""
    rows: list[dict[str, int | None]] = []
    for report in _reports(session, case.id or 0):
        rows.append(_piece(referral_id, report.id))
        rows += [_piece(referral_id, report.id, message_id=one.id) for one in _own(session, report, chosen.messages)]
        finding = _newest_finding(session, report) if chosen.evidence else None
        if finding is not None:
            rows.append(_piece(referral_id, report.id, finding_id=finding.id))
    for file in attachments.of_case(session, case.id or 0):
        if file.id in chosen.files and file.status is AttachmentStatus.STORED:
            rows.append(_piece(referral_id, file.report_id, attachment_id=file.id))
    add_rows(session, SharedPiece, rows)
    return len(rows)


def read(session: Session, referral: Referral) -> list[SharedReport]:
    """What is shared, report by report; for a session that only reads, and outlives it."""
    pieces = _pieces(session, referral)
    files = {file.id: file for file in _files(session, referral)}
    found = []
    for report_id in dict.fromkeys(piece.report_id for piece in pieces):
        report = session.get_one(Report, report_id)
        own = [piece for piece in pieces if piece.report_id == report_id]
        findings = [piece.finding_id for piece in own if piece.finding_id is not None]
        found.append(
            SharedReport(
                text=report.text,
                language=report.language,
                channel=report.channel,
                received_at=report.received_at,
                where=reports.whereabouts(session, report),
                messages=tuple(_said(session.get_one(Message, one.message_id)) for one in own if one.message_id),
                files=tuple(
                    SharedFile(file.id or 0, file.content_type, file.size)
                    for file in files.values()
                    if file.report_id == report_id
                ),
                finding=session.get(ReportFinding, findings[0]) if findings else None,
            )
        )
    session.expunge_all()
    return found


def open_file(session: Session, vault: Vault, referral: Referral, file_id: int) -> tuple[bytes, str] | None:
    """The content and type of a shared file, or None for one that is not shared."""
    if file_id not in {file.id for file in _files(session, referral)}:
        return None
    report = session.get_one(Report, session.get_one(Attachment, file_id).report_id)
    return attachments.opened(session, vault, report.case_id, file_id)


def copy(session: Session, vault: Vault, referral: Referral, case_id: int, reference: str) -> None:
    """Write the copy into the receiver's case, as reports with a conversation of their own.

    Nobody knows their access codes. The first one has the case's reference.
    """
    pieces = _pieces(session, referral)
    for position, report_id in enumerate(dict.fromkeys(piece.report_id for piece in pieces)):
        original = session.get_one(Report, report_id)
        own_reference = cases.free_reference(session) if position else reference
        copy_id = _copy_report(session, vault, referral, original, case_id, own_reference)
        own = [piece for piece in pieces if piece.report_id == report_id]
        for piece in own:
            if piece.message_id:
                _copy_message(session, session.get_one(Message, piece.message_id), copy_id, case_id)
            if piece.finding_id:
                _copy_finding(session, session.get_one(ReportFinding, piece.finding_id), copy_id)
        add_row(session, ReportCopy, copy_id=copy_id, original_id=report_id, referral_id=referral.id)
        if referral.shares_identity:
            for contact in contacts.of_report(session, relays.told(session, original).id or 0):
                contacts.tie(session, copy_id, contact.id or 0)
    search.refresh(session, [case_id])


def _copy_report(
    session: Session, vault: Vault, referral: Referral, original: Report, case_id: int, reference: str
) -> int:
    return reports.write_report(
        session,
        vault,
        key=secrets.token_urlsafe(32),
        text=original.text,
        reference=reference,
        case_id=case_id,
        where=reports.whereabouts(session, original),
        typed_code=None,
        found_by=original.found_by,
        channel=original.channel,
        reporter=original.reporter if referral.shares_identity else None,
        language=original.language,
        now=original.received_at,
    ).report_id


def _copy_message(session: Session, message: Message, copy_id: int, case_id: int) -> None:
    add_row(
        session,
        Message,
        case_id=case_id,
        report_id=copy_id,
        direction=message.direction,
        channel=message.channel,
        staff_id=message.staff_id,
        text=message.text,
        sent_at=message.sent_at,
    )


def _copy_finding(session: Session, finding: ReportFinding, copy_id: int) -> None:
    add_row(
        session,
        ReportFinding,
        report_id=copy_id,
        category=finding.category,
        second=finding.second,
        severity=finding.severity,
        language=finding.language,
        confidence=finding.confidence,
        reason=finding.reason,
        evidence=finding.evidence,
        found_at=finding.found_at,
    )


def _files(session: Session, referral: Referral) -> list[Attachment]:
    """The files that were ticked, and those that came since the receiver has the case."""
    pieces = _pieces(session, referral)
    ticked = {piece.attachment_id for piece in pieces if piece.attachment_id}
    since = referral.changed_at if referral.state is ReferralState.ACCEPTED else None
    found = []
    for report_id in dict.fromkeys(piece.report_id for piece in pieces):
        report = session.get_one(Report, report_id)
        for file in attachments.of_case(session, report.case_id):
            is_new = since is not None and file.arrived_at >= since and file.status is AttachmentStatus.STORED
            if file.report_id == report_id and (file.id in ticked or is_new):
                found.append(file)
    return found


def _pieces(session: Session, referral: Referral) -> list[SharedPiece]:
    query = select(SharedPiece).where(SharedPiece.referral_id == referral.id).order_by(col(SharedPiece.id))
    return list(session.exec(query))


def _piece(
    referral_id: int,
    report_id: int | None,
    *,
    message_id: int | None = None,
    finding_id: int | None = None,
    attachment_id: int | None = None,
) -> dict[str, int | None]:
    return {
        "referral_id": referral_id,
        "report_id": report_id,
        "message_id": message_id,
        "finding_id": finding_id,
        "attachment_id": attachment_id,
    }


def _reports(session: Session, case_id: int) -> list[Report]:
    return list(session.exec(select(Report).where(Report.case_id == case_id).order_by(col(Report.id))))


def _own(session: Session, report: Report, message_ids: Collection[int]) -> list[Message]:
    query = select(Message).where(Message.report_id == report.id, Message.case_id == report.case_id)
    return list(session.exec(query.where(col(Message.id).in_(message_ids)).order_by(col(Message.id))))


def _newest_finding(session: Session, report: Report) -> ReportFinding | None:
    query = select(ReportFinding).where(ReportFinding.report_id == report.id)
    return session.exec(query.order_by(col(ReportFinding.id).desc())).first()


def _said(message: Message) -> SharedMessage:
    return SharedMessage(message.direction is Direction.FROM_REPORTER, message.text, message.sent_at)
