"""Cases: opening one, changing it with a line in its history, and finding the ones an officer may see."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import alarms, arrivals, audit, permissions, relays, targets
from engage.accounts import Officer
from engage.db import add_row, add_rows
from engage.models import Authority, Case, CaseEvent, Queue, Report, Unit
from engage.permissions import Reach, Right
from engage.posters.codes import new_reference, normalise_reference
from engage.prepared import Prepared
from engage.taxonomy import Act, CaseStatus, Category, Happening, Severity
from engage.vault import Vault


class CaseMissing(Exception):
    """There is no such case, or not for this officer: nobody can tell which. Trying again does not help."""


class StaleCase(Exception):
    """The case has changed since the officer looked. Trying again after a look helps."""


def free_reference(session: Session) -> str:
    """A reference that no report has: four random characters or, where those are taken, seven."""
    short = new_reference()
    return new_reference(7) if _REFERENCE.rows(session, reference=short) else short


@dataclass(frozen=True, slots=True)
class Post:
    """A queue and who stands behind it, as intake needs them. `mailbox` receives the unit's notifications."""

    queue_id: int
    queue: str
    authority_id: int
    authority: str
    mailbox: str | None


def find_post(session: Session, queue_id: int) -> Post:
    """Who stands behind a queue that is known to exist."""
    (row,) = _POST.rows(session, queue_id=queue_id)
    return Post(*row)


def open_case(
    session: Session,
    *,
    reference: str,
    post: Post,
    site_id: int,
    place_id: int | None,
    status: CaseStatus,
    category: Category,
    severity: Severity,
    route_reason: str,
    now: datetime,
) -> int:
    """Open a case in a queue and give its id."""
    return add_row(
        session,
        Case,
        reference=reference,
        authority_id=post.authority_id,
        queue_id=post.queue_id,
        site_id=site_id,
        place_id=place_id,
        status=status,
        category=category,
        severity=severity,
        urgency=severity.urgency,
        holder_id=None,
        reporter_waits=True,
        route_reason=route_reason,
        opened_at=now,
        changed_at=now,
        closed_at=None,
        disposition=None,
        version=1,
        **_NOT_YET,
        **targets.at_opening(session, post.queue_id, severity, now),
    )


#: What a case has none of while it is new.
_NOT_YET: dict[str, Any] = {
    "acknowledged_at": None,
    "responded_at": None,
    "escalation": 0,
    "incident_at": None,
    "merged_into_id": None,
    "away_at": None,
}


def record(
    session: Session, case_id: int, now: datetime, *lines: tuple[Happening, dict[str, Any]], staff_id: int | None = None
) -> None:
    """Write lines into a case's history, in this order, and one entry into the trail.

    What an officer does about the case silences its alarm.
    """
    if staff_id is not None and any(what in alarms.SILENCED_BY for what, _details in lines):
        heard = alarms.silence(session, case_id, staff_id, now)
        lines = ((Happening.SILENCED, {}), *lines) if heard else lines
    add_rows(
        session,
        CaseEvent,
        [
            {"case_id": case_id, "at": now, "staff_id": staff_id, "what": what, "details": details}
            for what, details in lines
        ],
    )
    _tell_trail(session, case_id, now, lines, staff_id)


#: What lines hold that comes from a reporter's words: nothing of it may go where it can never be erased.
_NOT_FOR_THE_TRAIL = {"words", "problem", "reason"}


def _tell_trail(
    session: Session,
    case_id: int,
    now: datetime,
    lines: Sequence[tuple[Happening, dict[str, Any]]],
    staff_id: int | None,
) -> None:
    """One entry for what was done at once, named by its first line that is more than an alarm's end."""
    what, details = next((line for line in lines if line[0] is not Happening.SILENCED), lines[0])
    (case,) = _NAMED.rows(session, case_id=case_id)
    audit.record(
        session,
        now=now,
        act=Act(f"case.{what}"),
        staff_id=staff_id,
        authority_id=case.authority_id,
        about=audit.about_case(case.reference),
        reason=str(details.get("reason", "")) if staff_id is not None else "",
        details={name: value for name, value in details.items() if name not in _NOT_FOR_THE_TRAIL},
    )


def change(session: Session, case: Case, now: datetime, version: int | None = None, **values: Any) -> None:
    """Change a case and count its version up; its promises follow from what is changed.

    Where the officer acted on a page, `version` is the one they saw: `StaleCase` if another change came first.
    """
    seen = case.version if version is None else version
    values = {**targets.adjusted(session, case, values, now), **values}
    done = session.connection().execute(
        sa.update(Case)
        .where(col(Case.id) == case.id, col(Case.version) == seen)
        .values(version=seen + 1, changed_at=now, **values)
    )
    if done.rowcount != 1:
        raise StaleCase
    session.refresh(case)


def within(officer: Officer, right: Right) -> sa.ColumnElement[bool]:
    """The queues to which a right of an officer reaches, as `permissions.may_at` tells of each."""
    reached = permissions.reach(officer.role, right)
    if reached is Reach.NOWHERE:
        return sa.false()
    own = col(Queue.unit_id).in_(officer.unit_ids)
    in_reach = own if reached is Reach.OWN_UNITS else sa.or_(col(Queue.sealed).is_(False), own)
    return sa.and_(col(Queue.authority_id) == officer.authority_id, in_reach)


def visible_to(officer: Officer) -> sa.ColumnElement[bool]:
    """What an officer may see: the cases of their authority; those in sealed queues only as a member of the unit."""
    return within(officer, Right.SEE)


def find_case(session: Session, officer: Officer, reference: str) -> Case:
    """The case that holds a report of this reference, if the officer may see it; `CaseMissing` otherwise."""
    query = (
        select(Case)
        .join(Report, col(Report.case_id) == Case.id)
        .join(Queue, col(Queue.id) == Case.queue_id)
        .where(Report.reference == normalise_reference(reference), visible_to(officer))
    )
    case = session.exec(query.execution_options(populate_existing=True)).first()
    if case is None:
        raise CaseMissing
    return case


def visible_references(session: Session, officer: Officer, references: Collection[str]) -> set[str]:
    """Those of these references whose cases an officer may see."""
    query = (
        select(Case.reference)
        .join(Queue, col(Queue.id) == Case.queue_id)
        .where(col(Case.reference).in_(references), visible_to(officer))
    )
    return set(session.exec(query)) if references else set()


def once(
    session: Session,
    vault: Vault,
    officer: Officer,
    reference: str,
    now: datetime,
    *,
    key: str,
    words: str,
    act: Callable[[], Case],
) -> Case:
    """Do an act for the key of its form, or give the case as it is when that form came before, as by a double click.

    Raises `arrivals.KeyReused` when the form came before with other words, and what the act raises.
    """
    case = find_case(session, officer, reference)
    for below in relays.below(session, case.id or 0) if case.away_at else ():
        lock_case(session, below)
    session.refresh(
        case, with_for_update={"key_share": True}
    )  # the second of two clicks waits here until the first is done
    own = vault.look_up_hash("desk-form", f"{officer.staff_id} {case.id} {key}")
    if arrivals.find(session, vault, own, words) is None:
        first = session.exec(select(sa.func.min(Report.id)).where(Report.case_id == case.id)).one()
        act()
        arrivals.remember(session, vault, own, words, now, report_id=first)
    return case


def lock_case(session: Session, case_id: int) -> Case:
    """A case that nobody else changes until this transaction ends."""
    # Rows that hang on the case, as proposals of other cases do, may be added meanwhile: else two would wait in a ring.
    return session.exec(select(Case).where(Case.id == case_id).with_for_update(key_share=True)).one()


def queues_of(session: Session, officer: Officer) -> list[Queue]:
    """The queues an officer works: those of their units; for a supervisor every open one of the authority too."""
    open_cases = sa.exists().where(col(Case.queue_id) == Queue.id, col(Case.closed_at).is_(None))
    in_use = sa.or_(col(Queue.retired_at).is_(None), open_cases)  # a case of a retired queue may be reopened
    query = select(Queue).where(within(officer, Right.WORK), in_use).order_by(col(Queue.name))
    return list(session.exec(query))


def queues_of_authority(session: Session, officer: Officer) -> list[Queue]:
    """Every queue in use of an officer's authority, the sealed ones too: cases can be sent there, if not seen."""
    own = select(Queue).where(Queue.authority_id == officer.authority_id, col(Queue.retired_at).is_(None))
    return list(session.exec(own.order_by(col(Queue.name))))


def queues_to_transfer_to(session: Session, officer: Officer, case: Case) -> list[Queue]:
    """The other queues of the same authority. A sealed one takes cases from anyone, who then sees them no more."""
    query = select(Queue).where(Queue.authority_id == officer.authority_id, Queue.id != case.queue_id)
    query = query.where(col(Queue.retired_at).is_(None))
    return list(session.exec(query.order_by(col(Queue.name))))


_NAMED = Prepared(sa.select(col(Case.reference), col(Case.authority_id)).where(col(Case.id) == sa.bindparam("case_id")))

_REFERENCE = Prepared(sa.select(col(Report.id)).where(col(Report.reference) == sa.bindparam("reference")))

_POST = Prepared(
    sa.select(
        col(Queue.id).label("queue_id"),
        col(Queue.name).label("queue"),
        col(Queue.authority_id),
        col(Authority.name).label("authority"),
        col(Unit.mailbox),
    )
    .join(Unit, col(Unit.id) == Queue.unit_id)
    .join(Authority, col(Authority.id) == Queue.authority_id)
    .where(col(Queue.id) == sa.bindparam("queue_id"))
)
