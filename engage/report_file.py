"""Reading the reports of a case: their words with those that decided, their conversations, and what is new in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

from sqlmodel import Session, col, select

from engage import attachments, proposals, reach, reports
from engage.models import Attachment, Case, Message, Place, Poster, Report, ReportFinding, Staff
from engage.posters.register import Named, Whereabouts
from engage.reach import Phone, Sending
from engage.sameness import Summary, sum_up
from engage.taxonomy import AttachmentStatus, Channel, Direction

#: A case of more reports than this shows what is new and folds the rest; so many new ones stand open at most.
MANY: Final = 4
MOST_FRESH: Final = 10


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text. `side` is `for` or `against` where its words decided, and empty elsewhere."""

    text: str
    side: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A picture or file that came with a message; `size` in bytes, once it is stored.

    `shown`: it is a picture, drawn anew. `unread`: it is no picture that can be drawn; like what is kept as `evidence`
    it is opened as it came, for a reason.
    """

    id: int
    status: AttachmentStatus
    content_type: str
    size: int | None
    shown: bool = False
    unread: bool = False
    evidence: bool = False


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
    message that was moved here and opened it. `number` counts the reports of the case from 1. `fresh`: its reporter
    wrote after the last answer; `adds`: it tells what few others do.
    """

    report: Report
    pieces: tuple[Piece, ...]
    finding: ReportFinding | None
    where: Whereabouts
    poster_code: str | None
    poster_retired: bool
    poster_place: Named | None
    conversation: tuple[Said, ...]
    phones: tuple[Phone, ...] = ()
    files: tuple[File, ...] = ()
    opening_id: int | None = None
    number: int = 1
    fresh: bool = False
    adds: bool = False

    @property
    def last_heard(self) -> datetime:
        """When its reporter last wrote."""
        return max([self.report.received_at, *(said.at for said in self.conversation if said.by is None)])

    @property
    def movable(self) -> bool:
        """Whether its messages may move to another case: its reporter can follow them there."""
        return bool(self.phones) or self.report.channel is Channel.CHAT


class Names:
    """The names of staff, each looked up once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def name(self, staff_id: int | None) -> str | None:
        """The name of one, or None for nobody."""
        return self._session.get_one(Staff, staff_id).name if staff_id is not None else None


#: The files of a case, by the report and the message they came with.
_Files = dict[tuple[int, int | None], list[File]]


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


def of_case(session: Session, case: Case, staff: Names) -> list[ReportFile]:
    """The reports of a case as staff see them, the first one first; what is new in them says `weighed`."""
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
        poster_place=_registered(session, poster) if poster and poster.place_id != report.place_id else None,
        conversation=tuple(one for one in said if one.id != opening_id),
        phones=phones,
        files=(*files[report.id or 0, None], *(files[report.id or 0, opening_id] if opening_id else ())),
        opening_id=opening_id,
    )


def _registered(session: Session, poster: Poster) -> Named:
    """Where a poster hangs as far as the register knows."""
    place = session.get_one(Place, poster.place_id)
    return Named(place.name, place.names)


def _opens(report: Report, said: Said) -> bool:
    """Whether a message is the one that opened the report after it was moved."""
    return said.by is None and (said.at, said.text) == (report.received_at, report.text)


def _files(session: Session, case: Case) -> _Files:
    found: _Files = defaultdict(list)
    for file in attachments.of_case(session, case.id or 0):
        found[file.report_id, file.message_id].append(_file(file))
    return found


def _file(file: Attachment) -> File:
    unread = file.status is AttachmentStatus.STORED and file.problem is not None
    shown = file.digest is not None and not unread and file.content_type.startswith("image/")
    return File(
        file.id or 0, file.status, file.content_type, file.size, shown, unread, bool(file.as_evidence) or unread
    )


def _conversations(session: Session, case: Case, staff: Names, files: _Files) -> dict[int, list[Said]]:
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


def weighed(session: Session, found: list[ReportFile]) -> tuple[list[ReportFile], Summary | None]:
    """Reports with what is new in them and, where they are many, what they say in sum."""
    answers = [said.at for one in found for said in one.conversation if said.by]
    last_answer = max(answers, default=None)
    summary, adding = None, set()
    if len(found) > MANY:
        traces = proposals.traces_of(session, [one.report.id or 0 for one in found])
        summary = sum_up(traces.values())
        adding = {report_id for report_id, trace in traces.items() if not summary.rare.isdisjoint(trace.terms)}
    weighed = [
        replace(
            one,
            number=number,
            fresh=last_answer is not None and one.last_heard > last_answer,
            adds=one.report.id in adding,
        )
        for number, one in enumerate(found, 1)
    ]
    return weighed, summary
