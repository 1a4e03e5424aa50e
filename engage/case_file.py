"""Reading one case: everything that an officer at the desk sees of it, in the order they need it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from engage import cases, proposals, report_file
from engage.accounts import Officer
from engage.models import Case, CaseEvent, Note, Queue, Report
from engage.posters.register import Whereabouts
from engage.proposals import Proposed
from engage.report_file import MANY, MOST_FRESH, Names, ReportFile
from engage.sameness import Summary
from engage.taxonomy import Happening


@dataclass(frozen=True, slots=True)
class Written:
    """A note, or a line of the history; `of` is the reference of the merged case whose history it is from."""

    id: int
    by: str | None
    at: datetime
    text: str = ""
    what: Happening | None = None
    details: dict[str, Any] | None = None
    of: str = ""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One case with all that belongs to it. `queue_names` has the names of the authority's queues by their ids.

    `proposed` are cases that may be the same event; `summary` says what many reports say, where they are many;
    `merged_history` has the lines of the cases that were merged into this one.
    """

    case: Case
    queue: Queue
    holder: str | None
    reports: tuple[ReportFile, ...]
    notes: tuple[Written, ...]
    history: tuple[Written, ...]
    other_queues: tuple[Queue, ...]
    queue_names: dict[int, str]
    proposed: tuple[Proposed, ...] = ()
    summary: Summary | None = None
    merged_history: tuple[Written, ...] = ()

    @property
    def shown(self) -> tuple[ReportFile, ...]:
        """The reports to read: all of them or, where they are many, what is new, what adds something, and the first."""
        if len(self.reports) <= MANY:
            return self.reports
        fresh = sorted((one for one in self.reports if one.fresh), key=lambda one: one.last_heard, reverse=True)
        first, *others = self.reports
        chosen = [*fresh[:MOST_FRESH], *(one for one in others if one.adds and not one.fresh)]
        return tuple(chosen if first in chosen else [*chosen, first])

    @property
    def folded(self) -> tuple[ReportFile, ...]:
        """The others, which say no more."""
        shown = {one.number for one in self.shown}
        return tuple(one for one in self.reports if one.number not in shown)

    @property
    def tongues(self) -> tuple[str, ...]:
        """The languages of its reporters, each once."""
        return tuple(dict.fromkeys(one.report.language for one in self.reports))

    @property
    def where(self) -> Whereabouts:
        """Where its first report was made."""
        return self.reports[0].where

    @property
    def last_line(self) -> int:
        """The newest line of its history, by which a later page knows what is new."""
        return max((line.id for line in self.history), default=0)


def read(session: Session, officer: Officer, reference: str) -> CaseFile:
    """The case of a reference, or `CaseMissing` where there is none for this officer.

    For a session that only reads: what is given outlives it.
    """
    case = cases.find_case(session, officer, reference)
    other_queues = cases.queues_to_transfer_to(session, officer, case)
    queue = session.get_one(Queue, case.queue_id)
    staff = Names(session)
    read_reports, summary = report_file.weighed(session, report_file.of_case(session, case, staff))
    history = _history(session, case, staff)
    file = CaseFile(
        case=case,
        queue=queue,
        holder=staff.name(case.holder_id),
        reports=tuple(read_reports),
        notes=tuple(_notes(session, case, staff)),
        history=tuple(line for line in history if not line.of),
        other_queues=tuple(other_queues),
        queue_names={other.id or 0: other.name for other in (queue, *other_queues)},
        proposed=tuple(proposals.of_case(session, officer, case)),
        summary=summary,
        merged_history=tuple(line for line in history if line.of),
    )
    session.expunge_all()
    return file


def tongues_of(session: Session, case: Case) -> tuple[str, ...]:
    """The languages of a case's reporters, each once."""
    query = select(Report.language).where(Report.case_id == case.id).order_by(col(Report.id))
    return tuple(dict.fromkeys(session.exec(query)))


def _notes(session: Session, case: Case, staff: Names) -> list[Written]:
    found = session.exec(select(Note).where(Note.case_id == case.id).order_by(col(Note.id)))
    return [Written(note.id or 0, staff.name(note.staff_id), note.written_at, text=note.text) for note in found]


def newest_line(session: Session, officer: Officer, case: Case) -> tuple[Written | None, dict[int, str]]:
    """The newest line of a case's history, and the names of the queues that it may speak of."""
    event = session.exec(
        select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(col(CaseEvent.id).desc())
    ).first()
    queues = (session.get_one(Queue, case.queue_id), *cases.queues_to_transfer_to(session, officer, case))
    names = {queue.id or 0: queue.name for queue in queues}
    if event is None:
        return None, names
    by = Names(session).name(event.staff_id)
    return Written(event.id or 0, by, event.at, what=event.what, details=event.details), names


def _history(session: Session, case: Case, staff: Names) -> list[Written]:
    """The lines of a case and of those that were merged into it, in order of time."""
    merged = select(Case.id, Case.reference).where(Case.merged_into_id == case.id)
    references = dict(session.exec(merged).all())
    own = col(CaseEvent.case_id).in_([case.id, *references])
    found = session.exec(select(CaseEvent).where(own).order_by(col(CaseEvent.at), col(CaseEvent.id)))
    return [
        Written(
            event.id or 0,
            staff.name(event.staff_id),
            event.at,
            what=event.what,
            details=event.details,
            of=references.get(event.case_id, ""),
        )
        for event in found
    ]
