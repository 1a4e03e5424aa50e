"""Response targets at work: which one a case has, and what its columns become when the case changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from engage import promises
from engage.models import Calendar, Case, ResponseTarget
from engage.prepared import Prepared
from engage.promises import Mark, Target
from engage.taxonomy import CasePromise, CaseStatus, Severity

#: The column that says when a promise is due, and the one that says when it was kept.
DUE = {
    CasePromise.ACKNOWLEDGE: "acknowledge_by",
    CasePromise.RESPOND: "respond_by",
    CasePromise.RESOLVE: "resolve_by",
}
KEPT = {
    CasePromise.ACKNOWLEDGE: "acknowledged_at",
    CasePromise.RESPOND: "responded_at",
    CasePromise.RESOLVE: "closed_at",
}
#: A change of one of these may change what is due.
_MATTERS = frozenset({"status", "severity", "queue_id", "holder_id", "away_at", *KEPT.values()})


@dataclass(slots=True)
class _Clock:
    """The clock of a case while it changes: since when it runs, what does not count, and since when it stands still."""

    since: datetime
    paused: timedelta
    paused_at: datetime | None


def target_of(session: Session, queue_id: int, severity: Severity) -> Target:
    """The response target of a queue and severity: the queue's own, else that of all queues, else the usual one."""
    rows = _TARGETS.rows(session, queue_id=queue_id, severity=severity.value)
    row = next((one for one in rows if one.queue_id is not None), rows[0] if rows else None)
    if row is None:
        return promises.USUAL[severity]
    hours = promises.working_time(row.timezone, row.hours, row.holidays) if row.timezone else promises.ALWAYS
    return Target(row.acknowledge_minutes, row.respond_minutes, row.resolve_minutes, hours)


def at_opening(session: Session, queue_id: int, severity: Severity, now: datetime) -> dict[str, Any]:
    """What a new case promises, as the values of its columns."""
    target = target_of(session, queue_id, severity)
    dues = {promise: target.due(promise, now) for promise in CasePromise}
    found: dict[str, Any] = {DUE[promise]: due for promise, due in dues.items()}
    found |= _next(target, dues, now, promises.NOTHING)
    first = promises.marks(target, severity, tuple(CasePromise), now, promises.NOTHING)[0]
    return {**found, "promised_from": now, "alarm_at": first.at, "paused_at": None, "paused_seconds": 0}


def answered(case: Case, now: datetime) -> dict[str, Any]:
    """What becomes of a case when an officer has answered its reporter; an automatic word of Engage is no answer."""
    return {} if case.responded_at else {"responded_at": now}


def adjusted(session: Session, case: Case, values: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """What else changes of a case when these values of it do: its promises, and when it rings next.

    Who takes a case acknowledges it. While it waits for the reporter, or another authority has its work, its clock
    stands still; the reporter's next word, or any act that ends the waiting, lets it go on. Another queue or
    severity is reckoned from when the case was opened, and what is kept stays kept; a case that is reopened begins
    anew with what is not.
    """
    if not _MATTERS & values.keys():
        return {}
    after = _after(case, values, now)
    was_open, is_open = case.closed_at is None, after["closed_at"] is None
    severity, queue_id = after["severity"], after["queue_id"]
    target = target_of(session, queue_id, severity)
    moved = (severity, queue_id) != (case.severity, case.queue_id)
    before = target_of(session, case.queue_id, case.severity) if moved else target
    stands = after["status"] is CaseStatus.WAITING_FOR_REPORTER or after["away_at"] is not None
    clock = _clock(case, before, stands, was_open, is_open, now)
    open_promises = tuple(one for one in CasePromise if after[KEPT[one]] is None)
    dues = {one: target.due(one, clock.since, clock.paused) for one in open_promises}
    found: dict[str, Any] = {DUE[one]: due for one, due in dues.items()}
    found |= _next(target, dues if is_open else {}, clock.since, clock.paused)
    to_come = promises.marks(target, severity, open_promises, clock.since, clock.paused) if is_open else []
    return found | {
        "acknowledged_at": after["acknowledged_at"],
        "promised_from": clock.since,
        "paused_at": clock.paused_at,
        "paused_seconds": round(clock.paused.total_seconds()),
        # Another queue, or people who expected less, have not been rung for what is late already.
        "alarm_at": None if clock.paused_at else _first_at(to_come, None if moved else now),
    }


def marks_of(session: Session, case: Case) -> list[Mark]:
    """The moments at which a case rings by itself, past and to come, in their order; none while its clock is still."""
    if case.closed_at is not None or case.paused_at is not None:
        return []
    target = target_of(session, case.queue_id, case.severity)
    open_promises = tuple(one for one in CasePromise if getattr(case, KEPT[one]) is None)
    begin = case.promised_from or case.opened_at
    return promises.marks(target, case.severity, open_promises, begin, timedelta(seconds=case.paused_seconds))


def _after(case: Case, values: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The columns that matter here, as they are after a change."""
    names = ("status", "severity", "queue_id", "holder_id", "away_at", *KEPT.values())
    after = {name: values.get(name, getattr(case, name)) for name in names}
    if values.get("holder_id") is not None and after["acknowledged_at"] is None:
        after["acknowledged_at"] = now
    return after


def _clock(case: Case, before: Target, stands: bool, was_open: bool, is_open: bool, now: datetime) -> _Clock:
    """A case's clock after a change, with the time that it stood still until now; `stands`: it does from now on."""
    if is_open and not was_open:
        return _Clock(now, promises.NOTHING, now if stands else None)
    clock = _Clock(case.promised_from or case.opened_at, timedelta(seconds=case.paused_seconds), case.paused_at)
    if clock.paused_at is not None and not stands:
        clock.paused += before.hours.between(clock.paused_at, now)
        clock.paused_at = None
    elif clock.paused_at is None and stands:
        clock.paused_at = now
    return clock


def _next(
    target: Target, dues: Mapping[CasePromise, datetime], begin: datetime, paused: timedelta
) -> dict[str, datetime | None]:
    """The next promise that is not kept yet, as columns of the case."""
    first = promises.first_due(dues)
    if first is None:
        return {"due_at": None, "risk_at": None}
    return {"due_at": dues[first], "risk_at": target.at_risk(first, begin, paused)}


def _first_at(to_come: list[Mark], after: datetime | None) -> datetime | None:
    return next((mark.at for mark in to_come if after is None or mark.at > after), None)


_TARGETS = Prepared(
    sa.select(
        col(ResponseTarget.queue_id),
        col(ResponseTarget.acknowledge_minutes),
        col(ResponseTarget.respond_minutes),
        col(ResponseTarget.resolve_minutes),
        col(Calendar.timezone),
        col(Calendar.hours),
        col(Calendar.holidays),
    )
    .select_from(ResponseTarget)
    .outerjoin(Calendar, col(Calendar.id) == ResponseTarget.calendar_id)
    .where(
        col(ResponseTarget.severity) == sa.bindparam("severity"),
        sa.or_(col(ResponseTarget.queue_id).is_(None), col(ResponseTarget.queue_id) == sa.bindparam("queue_id")),
    )
    .order_by(col(ResponseTarget.id))
)
