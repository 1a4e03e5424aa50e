"""Ringing: what the clock asks for. Promises that came to stand worse raise alarms; alarms ring again and go up.

Everything is found by an index and taken by a conditional UPDATE, so that several workers do not ring twice. A mailbox
gets one mail a look for all that rings there, and an alarm sends no more mails once it rang often enough at the top.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import alarms, cases, outbox, targets
from engage.accounts import Officer
from engage.db import Database
from engage.models import Alarm, Authority, Case, Queue, Staff, StaffUnit, Unit, Watch
from engage.permissions import Right
from engage.promises import Mark
from engage.taxonomy import AlarmKind, AlarmLevel, Happening, Promise, Role, Severity

#: How many cases and alarms one look takes up; the next look goes on.
MOST_AT_ONCE: Final = 200
#: An alarm goes up after so many rings, and at the top is silent by mail after so many.
RINGS_BEFORE_UP: Final = 2
RINGS_AT_TOP: Final = 4
WATCH, SUPERVISOR, DUTY_MANAGER = 0, 1, 2
#: At the desk it goes on, but no mail is sent any more: behind every moment that will come.
NEVER: Final = datetime(9999, 12, 31, tzinfo=UTC)
MOST_NAMED: Final = 20

_LEVELS = {SUPERVISOR: AlarmLevel.SUPERVISOR, DUTY_MANAGER: AlarmLevel.DUTY_MANAGER}
_KINDS = {Promise.AT_RISK: AlarmKind.AT_RISK, Promise.BREACHED: AlarmKind.BREACHED}
_WHY = {
    AlarmKind.NEW_CRITICAL: "critical and new",
    AlarmKind.AT_RISK: "soon late",
    AlarmKind.BREACHED: "late",
    AlarmKind.UNANSWERED_OFFER: "offered to another authority, which did not answer",
}


@dataclass(frozen=True, slots=True)
class Ringing:
    """An alarm as the desk shows it. `mine`: the officer who looks has the watch of its queue."""

    reference: str
    kind: AlarmKind
    severity: Severity
    queue: str
    raised_at: datetime
    level: int
    rings: int
    mine: bool


def ring_what_is_due(database: Database, now: datetime) -> int:
    """Raise what came to stand worse, and ring what is due to ring; give how often it rang."""
    with database.transaction() as session:
        _raise_due(session, now)
    with database.transaction() as session:
        rung = [alarm for alarm in _due_alarms(session, now) if _take(session, alarm, now)]
        _send(session, rung, now)
    return len(rung)


def ringing_for(session: Session, officer: Officer) -> list[Ringing]:
    """What rings in the queues that an officer works, the gravest and oldest first; at most 20."""
    mine = sa.func.coalesce(col(Watch.staff_id) == officer.staff_id, sa.false()).label("mine")
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            col(Case.reference),
            col(Alarm.kind),
            col(Case.severity),
            col(Queue.name).label("queue"),
            col(Alarm.raised_at),
            col(Alarm.level),
            col(Alarm.rings),
            mine,
        )
        .select_from(Alarm)
        .join(Case, col(Case.id) == Alarm.case_id)
        .join(Queue, col(Queue.id) == Case.queue_id)
        .outerjoin(Watch, sa.and_(col(Watch.queue_id) == Queue.id, col(Watch.ended_at).is_(None)))
        .where(col(Alarm.silenced_at).is_(None), cases.within(officer, Right.WORK))
        .order_by(col(Case.urgency).desc(), col(Alarm.id))
        .limit(MOST_NAMED)
    )
    return [Ringing(**{**row._mapping, "mine": bool(row.mine)}) for row in session.connection().execute(query)]


def see(session: Session, officer: Officer, reference: str, now: datetime) -> Case:
    """An officer has seen that a case rings: it stops, and the case stays as it is. `cases.CaseMissing` for none."""
    case = cases.find_case(session, officer, reference)
    case_id = case.id or 0
    if alarms.ringing_of(session, case_id):
        alarms.silence(session, case_id, officer.staff_id, now)
        cases.record(session, case_id, now, (Happening.SILENCED, {"seen": True}), staff_id=officer.staff_id)
    return case


# ── promises that came to stand worse ────────────────────────────────────────────────────────────────────────────────


def _raise_due(session: Session, now: datetime) -> None:
    due = select(Case.id).where(col(Case.alarm_at) <= now).order_by(col(Case.alarm_at), col(Case.id))
    for case in _locked(session, session.exec(due.limit(MOST_AT_ONCE)).all()):
        if case.alarm_at is None or case.alarm_at > now:  # somebody acted while we waited for it
            continue
        since = case.alarm_at
        found = targets.marks_of(session, case)
        following = next((mark.at for mark in found if mark.at > now), None)
        taken = sa.update(Case).where(col(Case.id) == case.id, col(Case.alarm_at) == since).values(alarm_at=following)
        if session.connection().execute(taken).rowcount == 1:
            _raise(session, case, [mark for mark in found if since <= mark.at <= now], now)


def _locked(session: Session, case_ids: Sequence[int | None]) -> list[Case]:
    """Cases that nobody else changes until this transaction ends, in one order for everybody.

    An officer's act changes a case and then its alarm; whoever did it the other way round would stand in their way.
    """
    own = select(Case).where(col(Case.id).in_(case_ids)).order_by(col(Case.id)).with_for_update(key_share=True)
    return list(session.exec(own.execution_options(populate_existing=True))) if case_ids else []


def _raise(session: Session, case: Case, reached: Sequence[Mark], now: datetime) -> None:
    """Ring for the gravest of the marks that a case has reached, and write down each promise that is broken."""
    broken = [mark for mark in reached if mark.state is Promise.BREACHED]
    lines = [(Happening.BREACHED, {"promise": mark.promise, "due": mark.at.isoformat()}) for mark in broken]
    if lines:
        cases.record(session, case.id or 0, now, *lines)
    if reached:
        alarms.ring(session, case.id or 0, _KINDS[Promise.BREACHED if broken else Promise.AT_RISK], now)


# ── alarms that ring ─────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Due:
    """An alarm that is due to ring, with what it needs to be heard. `level` is where it rings now."""

    alarm_id: int
    case_id: int
    rings_at: datetime
    rings: int
    level: int
    kind: AlarmKind
    reference: str
    severity: Severity
    queue: str
    sealed: bool
    unit_id: int
    authority_id: int
    mailbox: str | None
    duty_mailbox: str | None
    watched: bool


def _due_alarms(session: Session, now: datetime) -> list[_Due]:
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            col(Alarm.id).label("alarm_id"),
            col(Alarm.case_id),
            col(Alarm.rings_at),
            col(Alarm.rings),
            col(Alarm.level),
            col(Alarm.kind),
            col(Case.reference),
            col(Case.severity),
            col(Queue.name).label("queue"),
            col(Queue.sealed),
            col(Queue.unit_id),
            col(Queue.authority_id),
            col(Unit.mailbox),
            col(Authority.duty_mailbox),
            col(Watch.id).is_not(None).label("watched"),
        )
        .select_from(Alarm)
        .join(Case, col(Case.id) == Alarm.case_id)
        .join(Queue, col(Queue.id) == Case.queue_id)
        .join(Unit, col(Unit.id) == Queue.unit_id)
        .join(Authority, col(Authority.id) == Queue.authority_id)
        .outerjoin(Watch, sa.and_(col(Watch.queue_id) == Queue.id, col(Watch.ended_at).is_(None)))
        .where(col(Alarm.silenced_at).is_(None), col(Alarm.rings_at) <= now)
        .order_by(col(Alarm.rings_at), col(Alarm.id))
        .limit(MOST_AT_ONCE)
    )
    found = [_Due(**row._mapping) for row in session.connection().execute(query)]
    _locked(session, [due.case_id for due in found])
    return found


def _take(session: Session, due: _Due, now: datetime) -> bool:
    """Count a ring, at the next level where it is time for that; False where another worker was first."""
    level, rings = due.level, due.rings
    if level < DUTY_MANAGER and (rings >= RINGS_BEFORE_UP or (level == WATCH and not due.watched)):
        level, rings = level + 1, 0
    over = level == DUTY_MANAGER and rings + 1 >= RINGS_AT_TOP
    taken = (
        sa.update(Alarm)
        .where(col(Alarm.id) == due.alarm_id, col(Alarm.rings_at) == due.rings_at, col(Alarm.silenced_at).is_(None))
        .values(level=level, rings=rings + 1, rings_at=NEVER if over else now + alarms.again_after(due.severity))
    )
    if session.connection().execute(taken).rowcount != 1:
        return False
    if level > due.level:
        due.level = level
        _write_up(session, due, now)
    return True


def _write_up(session: Session, due: _Due, now: datetime) -> None:
    """An alarm went up: the case shows how far, and its history says so."""
    higher = sa.and_(col(Case.id) == due.case_id, col(Case.escalation) < due.level)
    session.connection().execute(sa.update(Case).where(higher).values(escalation=due.level))
    cases.record(session, due.case_id, now, (Happening.ESCALATED, {"level": _LEVELS[due.level], "by_itself": True}))


def _send(session: Session, rung: Sequence[_Due], now: datetime) -> None:
    """One mail to each mailbox for all that rings there now."""
    by_mailbox: dict[str, list[_Due]] = defaultdict(list)
    for due in rung:
        for mailbox in _mailboxes(session, due):
            by_mailbox[mailbox].append(due)
    for mailbox, heard in by_mailbox.items():
        gravest = min(heard, key=lambda due: due.severity.rank)
        outbox.put(
            session,
            case_id=gravest.case_id,
            recipient=mailbox,
            subject=_subject(heard),
            body=_body(heard),
            severity=gravest.severity,
            now=now,
        )


def _mailboxes(session: Session, due: _Due) -> set[str]:
    """Where an alarm is heard at its level. What is sealed is told to nobody outside of its unit."""
    own = {due.mailbox} if due.mailbox else set()
    if due.level == DUTY_MANAGER and due.duty_mailbox and not due.sealed:
        return {due.duty_mailbox}
    return own if due.level == WATCH else _of_supervisors(session, due) or own


def _of_supervisors(session: Session, due: _Due) -> set[str]:
    query = sa.select(col(Staff.mailbox)).where(
        col(Staff.authority_id) == due.authority_id,
        col(Staff.role) == Role.SUPERVISOR,
        col(Staff.active).is_(True),
        col(Staff.mailbox).is_not(None),
    )
    if due.sealed:
        in_unit = sa.select(col(StaffUnit.staff_id)).where(col(StaffUnit.unit_id) == due.unit_id)
        query = query.where(col(Staff.id).in_(in_unit))
    return {str(mailbox) for mailbox in session.connection().scalars(query)}


def _subject(heard: Sequence[_Due]) -> str:
    (first, *others) = heard
    return f"Alarm: {len(heard)} cases" if others else f"Alarm: case {first.reference} in {first.queue}"


def _body(heard: Sequence[_Due]) -> str:
    """What rings, without a word of what it is about: mail is read in many places."""
    lines = [f"{due.reference} in {due.queue}: {due.severity}, {_WHY[due.kind]}{_gone_up(due)}" for due in heard]
    if len(lines) > MOST_NAMED:
        lines[MOST_NAMED:] = [f"and {len(lines) - MOST_NAMED} more"]
    return "\n".join([*lines, "Sign in at the desk and take the case, or say that you have seen it; then it stops."])


def _gone_up(due: _Due) -> str:
    how = {SUPERVISOR: "nobody acted on the alarm", DUTY_MANAGER: "nobody acted, nor the supervisors"}
    if due.level == SUPERVISOR and not due.watched:
        return ", nobody has the watch"
    return f", {how[due.level]}" if due.level in how else ""
