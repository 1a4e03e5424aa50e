"""Pages of the trail, for the supervisors of an authority: who did or saw what, when and why, the newest first.

What is told of a case in a sealed queue is read by members of its unit alone, whoever did it and when.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import audit
from engage.accounts import Officer
from engage.models import AuditEntry, Case, Queue, Referral, Report, Staff
from engage.posters.codes import normalise_reference
from engage.taxonomy import Act

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the trail is asked for; empty means all."""

    case: str = ""
    login: str = ""
    act: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as it is read; `by` is empty where a reporter or Engage itself acted. `case` is a reference."""

    number: int
    at: datetime
    act: str
    by: str
    case: str
    about: str
    reason: str
    details: dict[str, Any]
    hash: str


@dataclass(frozen=True, slots=True)
class TrailPage:
    """One page; `next` is the number of its last entry, where there are more."""

    lines: tuple[Line, ...]
    next: int | None


def open_page(session: Session, officer: Officer, asked: Asked, now: datetime, before: int | None = None) -> TrailPage:
    """A page of 50 entries, from the one before a number on. That it was read is an entry itself, once an hour."""
    page = read_page(session, officer, asked, before)
    about = f"trail:{asked.case or '*'} {asked.login or '*'} {asked.act or '*'}"
    audit.record_once_an_hour(
        session,
        now=now,
        act=Act.TRAIL_READ,
        staff_id=officer.staff_id,
        authority_id=officer.authority_id,
        about=about,
    )
    return page


def read_page(session: Session, officer: Officer, asked: Asked, before: int | None = None) -> TrailPage:
    """The same, without a trace."""
    query = select(AuditEntry).where(AuditEntry.authority_id == officer.authority_id, _not_sealed_off(officer))
    if asked.case:
        query = query.where(AuditEntry.about == audit.about_case(normalise_reference(asked.case)))
    if asked.login:
        own = select(Staff.id).where(Staff.login == asked.login, Staff.authority_id == officer.authority_id)
        query = query.where(AuditEntry.staff_id == own.scalar_subquery())
    if asked.act:
        query = query.where(AuditEntry.act == asked.act)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    found = session.exec(query.order_by(col(AuditEntry.id).desc()).limit(PAGE + 1)).all()
    names = _names(session, {one.staff_id for one in found if one.staff_id})
    lines = tuple(_line(one, names) for one in found[:PAGE])
    return TrailPage(lines, lines[-1].number if len(found) > PAGE else None)


def colleagues(session: Session, officer: Officer) -> list[tuple[str, str]]:
    """The logins and names of an authority's staff, those who left too."""
    query = select(Staff.login, Staff.name).where(Staff.authority_id == officer.authority_id)
    return list(session.exec(query.order_by(col(Staff.name))).all())


def of_references(session: Session, references: list[str]) -> list[AuditEntry]:
    """Every entry about some cases, the oldest first."""
    own = [audit.about_case(reference) for reference in references]
    return list(session.exec(select(AuditEntry).where(col(AuditEntry.about).in_(own)).order_by(col(AuditEntry.id))))


@dataclass(frozen=True, slots=True)
class Held:
    """By which a reporter holds us to their report: the entry of its arrival, and how its words are found in it.

    `salt` followed by the text of the report has the SHA-256 that the entry holds. `published_at` is when a head that
    covers it was first given to others, empty where none was.
    """

    number: int
    hash: str
    at: datetime
    salt: str
    digest: str
    published_at: datetime | None


def held_by(session: Session, report: Report) -> Held | None:
    """What the trail holds of a report's arrival; None for one that came before there was a trail."""
    own = select(AuditEntry).where(AuditEntry.about == audit.about_case(report.reference))
    came = session.exec(own.where(AuditEntry.act == Act.CASE_RECEIVED.value).order_by(col(AuditEntry.id))).first()
    if came is None:
        return None
    published = select(AuditEntry.at).where(AuditEntry.act == Act.HEAD_PUBLISHED.value, AuditEntry.id > came.id)
    first = session.exec(published.order_by(col(AuditEntry.id))).first()
    digest = json.loads(came.details).get("digest", "")
    return Held(came.id, came.hash, came.at, report.access_salt.hex(), digest, first)


def _not_sealed_off(officer: Officer) -> sa.ColumnElement[bool]:
    """Not about a case in a sealed queue of a unit that the officer is not of, nor about a sealed offer to one."""
    sealed_off = (
        sa.select(sa.literal(1))
        .select_from(Report)
        .join(Case, col(Case.id) == col(Report.case_id))
        .join(Queue, col(Queue.id) == col(Case.queue_id))
        .where(sa.literal("case:") + col(Report.reference) == col(AuditEntry.about))
        .where(col(Queue.sealed).is_(True), col(Queue.unit_id).not_in(officer.unit_ids))
    )
    sealed_offer = (
        sa.select(sa.literal(1))
        .select_from(Referral)
        .where(sa.literal("referral:") + sa.cast(col(Referral.id), sa.String) == col(AuditEntry.about))
        .where(col(Referral.is_sealed).is_(True))
    )
    own = sa.select(sa.literal(1)).where(col(Queue.sealed).is_(True), col(Queue.unit_id).in_(officer.unit_ids))
    return sa.and_(~sealed_off.exists(), sa.or_(own.exists(), ~sealed_offer.exists()))


def _names(session: Session, ids: set[int]) -> dict[int, str]:
    query = select(Staff.id, Staff.name).where(col(Staff.id).in_(ids))
    return {staff_id: name for staff_id, name in session.exec(query) if staff_id is not None}


def _line(entry: AuditEntry, names: dict[int, str]) -> Line:
    kind, _, name = entry.about.partition(":")
    return Line(
        number=entry.id,
        at=entry.at,
        act=entry.act,
        by=names.get(entry.staff_id or 0, "") or (f"#{entry.staff_id}" if entry.staff_id else ""),
        case=name if kind == "case" else "",
        about="" if kind in ("case", "trail") else entry.about,
        reason=entry.reason,
        details=json.loads(entry.details),
        hash=entry.hash,
    )
