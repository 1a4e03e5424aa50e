"""Reading one case: everything that an officer at the desk sees of it, in the order they need it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlmodel import Session, col, select

from engage import attachments, cases, reach, reports
from engage.accounts import Officer
from engage.models import Attachment, Case, CaseEvent, Message, Note, Poster, Queue, Report, ReportFinding, Staff
from engage.posters.register import Whereabouts
from engage.reach import Phone, Sending
from engage.taxonomy import AttachmentStatus, Channel, Direction, Happening


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text. `side` is `for` or `against` where its words decided, and empty elsewhere."""

    text: str
    side: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A picture or file that came with a message; `size` in bytes, once it is stored."""

    id: int
    status: AttachmentStatus
    content_type: str
    size: int | None


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a conversation; `by` is the officer's name, or None for the reporter.

    `sendings` are its ways to the reporter's phones, where it went to any; `files` came with it.
    """

    id: int
    text: str
    by: str | None
    channel: Channel
    at: datetime
    sendings: tuple[Sending, ...] = ()
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A report as staff see it: its words with those that decided, its finding, its place, its conversation.

    `phones` are those at which its reporter is answered; `files` came with the report itself. `opening_id` is the
    message that was moved here and opened it.
    """

    report: Report
    pieces: tuple[Piece, ...]
    finding: ReportFinding | None
    where: Whereabouts
    poster_code: str | None
    poster_retired: bool
    conversation: tuple[Said, ...]
    phones: tuple[Phone, ...] = ()
    files: tuple[File, ...] = ()
    opening_id: int | None = None

    @property
    def movable(self) -> bool:
        """Whether its messages may move to another case: its reporter can follow them there."""
        return bool(self.phones) or self.report.channel is Channel.CHAT


@dataclass(frozen=True, slots=True)
class Written:
    """A note, or a line of the history."""

    id: int
    by: str | None
    at: datetime
    text: str = ""
    what: Happening | None = None
    details: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One case with all that belongs to it. `queue_names` has the names of the authority's queues by their ids."""

    case: Case
    queue: Queue
    holder: str | None
    reports: tuple[ReportFile, ...]
    notes: tuple[Written, ...]
    history: tuple[Written, ...]
    other_queues: tuple[Queue, ...]
    queue_names: dict[int, str]

    @property
    def where(self) -> Whereabouts:
        """Where its first report was made."""
        return self.reports[0].where

    @property
    def last_line(self) -> int:
        """The newest line of its history, by which a later page knows what is new."""
        return self.history[-1].id if self.history else 0


def read(session: Session, officer: Officer, reference: str) -> CaseFile:
    """The case of a reference, or `CaseMissing` where there is none for this officer.

    For a session that only reads: what is given outlives it.
    """
    case = cases.find_case(session, officer, reference)
    other_queues = cases.queues_to_transfer_to(session, officer, case)
    queue = session.get_one(Queue, case.queue_id)
    staff = _Staff(session)
    file = CaseFile(
        case=case,
        queue=queue,
        holder=staff.name(case.holder_id),
        reports=tuple(_reports(session, case, staff)),
        notes=tuple(_notes(session, case, staff)),
        history=tuple(_history(session, case, staff)),
        other_queues=tuple(other_queues),
        queue_names={other.id or 0: other.name for other in (queue, *other_queues)},
    )
    session.expunge_all()
    return file


def marked(text: str, evidence: Sequence[dict[str, Any]]) -> tuple[Piece, ...]:
    """A text in pieces, the words of its evidence apart. Where pieces of evidence overlap, the weightier one shows."""
    inside = [one for one in evidence if 0 <= one["start"] < one["end"] <= len(text)]
    edges = sorted({0, len(text), *(one["start"] for one in inside), *(one["end"] for one in inside)})
    pieces: list[Piece] = []
    for start, end in pairwise(edges):
        over = [one["weight"] for one in inside if one["start"] <= start and end <= one["end"]]
        weightiest = max(over, key=lambda weight: (abs(weight), weight), default=0)
        side = "for" if weightiest > 0 else "against" if weightiest < 0 else ""
        if pieces and pieces[-1].side == side:
            pieces[-1] = Piece(pieces[-1].text + text[start:end], side)
        else:
            pieces.append(Piece(text[start:end], side))
    return tuple(pieces)


class _Staff:
    """The names of staff, each looked up once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def name(self, staff_id: int | None) -> str | None:
        return self._session.get_one(Staff, staff_id).name if staff_id is not None else None


#: The files of a case, by the report and the message they came with.
_Files = dict[tuple[int, int | None], list[File]]


def _reports(session: Session, case: Case, staff: _Staff) -> list[ReportFile]:
    found = session.exec(select(Report).where(Report.case_id == case.id).order_by(col(Report.id))).all()
    findings = {
        finding.report_id: finding
        for finding in session.exec(
            select(ReportFinding)
            .where(col(ReportFinding.report_id).in_([report.id for report in found]))
            .order_by(col(ReportFinding.id))
        )
    }
    files = _files(session, case)
    said = _conversations(session, case, staff, files)
    phones = reach.phones(session, [report.id or 0 for report in found])
    return [
        _report(
            session,
            report,
            findings.get(report.id or 0),
            said[report.id or 0],
            tuple(phones[report.id or 0]),
            files,
        )
        for report in found
    ]


def _report(
    session: Session,
    report: Report,
    finding: ReportFinding | None,
    said: list[Said],
    phones: tuple[Phone, ...],
    files: _Files,
) -> ReportFile:
    opening_id = next((one.id for one in said if _opens(report, one)), None)
    poster = session.get(Poster, report.poster_id) if report.poster_id else None
    return ReportFile(
        report=report,
        pieces=marked(report.text, finding.evidence if finding else ()),
        finding=finding,
        where=reports.whereabouts(session, report),
        poster_code=poster.code if poster else None,
        poster_retired=poster is not None and report.typed_code is not None,
        conversation=tuple(one for one in said if one.id != opening_id),
        phones=phones,
        files=(*files[report.id or 0, None], *(files[report.id or 0, opening_id] if opening_id else ())),
        opening_id=opening_id,
    )


def _opens(report: Report, said: Said) -> bool:
    """Whether a message is the one that opened the report after it was moved."""
    return said.by is None and (said.at, said.text) == (report.received_at, report.text)


def _files(session: Session, case: Case) -> _Files:
    found: _Files = defaultdict(list)
    for file in attachments.of_case(session, case.id or 0):
        found[file.report_id, file.message_id].append(_file(file))
    return found


def _file(file: Attachment) -> File:
    return File(file.id or 0, file.status, file.content_type, file.size)


def _conversations(session: Session, case: Case, staff: _Staff, files: _Files) -> dict[int, list[Said]]:
    said: dict[int, list[Said]] = defaultdict(list)
    sendings = reach.sendings(session, case.id or 0)
    for message in session.exec(select(Message).where(Message.case_id == case.id).order_by(col(Message.id))):
        by = None if message.direction is Direction.FROM_REPORTER else staff.name(message.staff_id) or ""
        said[message.report_id].append(
            Said(
                id=message.id or 0,
                text=message.text,
                by=by,
                channel=message.channel,
                at=message.sent_at,
                sendings=tuple(sendings[message.id or 0]),
                files=tuple(files[message.report_id, message.id]),
            )
        )
    return said


def _notes(session: Session, case: Case, staff: _Staff) -> list[Written]:
    found = session.exec(select(Note).where(Note.case_id == case.id).order_by(col(Note.id)))
    return [Written(note.id or 0, staff.name(note.staff_id), note.written_at, text=note.text) for note in found]


def _history(session: Session, case: Case, staff: _Staff) -> list[Written]:
    found = session.exec(select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(col(CaseEvent.id)))
    return [
        Written(event.id or 0, staff.name(event.staff_id), event.at, what=event.what, details=event.details)
        for event in found
    ]
