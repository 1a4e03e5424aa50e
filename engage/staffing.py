"""Staffing: who works here. New members, the list, and who may no longer sign in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage.accounts import LONGEST_PASSWORD
from engage.db import add_row, add_rows
from engage.models import Authority, Staff, StaffSession, StaffUnit, Unit
from engage.taxonomy import Role

#: What NIST SP 800-63B-4, 3.1.1.2 asks for where the password is the only factor.
SHORTEST_PASSWORD = 15
LOGIN = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")
LONGEST_LOGIN = 64


class StaffRefused(Exception):
    """A change of staff that cannot be made; the message says why. Another entry helps."""


@dataclass(frozen=True, slots=True)
class Member:
    """One member of staff, for a list."""

    login: str
    name: str
    authority: str
    role: Role
    units: tuple[str, ...]
    active: bool


def check_new_password(password: str) -> None:
    """Refuse a password that is too short to be the only factor, or too long to be one."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise StaffRefused(f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.")


def add_member(
    session: Session, *, login: str, name: str, authority: str, units: Sequence[str], role: Role, password_hash: str
) -> None:
    """Add a member of staff to an authority and to units of it, all named by their slugs. Raises `StaffRefused`."""
    if not LOGIN.fullmatch(login) or len(login) > LONGEST_LOGIN:
        raise StaffRefused(f"{login} is no login: use small letters, digits, dots and dashes.")
    if session.exec(select(Staff.id).where(Staff.login == login)).first() is not None:
        raise StaffRefused(f"There is a member of staff with the login {login} already.")
    authority_id = _authority_id(session, authority)
    unit_ids = _unit_ids(session, authority, authority_id, units)
    staff_id = add_row(
        session,
        Staff,
        login=login,
        name=name,
        authority_id=authority_id,
        role=role,
        password_hash=password_hash,
        active=True,
    )
    add_rows(session, StaffUnit, [{"staff_id": staff_id, "unit_id": unit_id} for unit_id in unit_ids])


def members(session: Session) -> list[Member]:
    """All staff, by authority and login."""
    query = (
        select(Staff, Authority)
        .join(Authority, col(Authority.id) == Staff.authority_id)
        .order_by(col(Authority.slug), col(Staff.login))
    )
    in_units = select(StaffUnit.staff_id, Unit.slug).join(Unit, col(Unit.id) == StaffUnit.unit_id)
    pairs = session.exec(in_units.order_by(col(Unit.slug))).all()
    return [
        Member(
            login=staff.login,
            name=staff.name,
            authority=authority.slug,
            role=staff.role,
            units=tuple(slug for staff_id, slug in pairs if staff_id == staff.id),
            active=staff.active,
        )
        for staff, authority in session.exec(query)
    ]


def deactivate(session: Session, login: str, now: datetime) -> None:
    """End every session of a member of staff and let them sign in no more. What they wrote stays theirs."""
    staff = session.exec(select(Staff).where(Staff.login == login)).first()
    if staff is None:
        raise StaffRefused(f"There is no member of staff with the login {login}.")
    staff.active = False
    session.add(staff)
    session.connection().execute(
        sa.update(StaffSession)
        .where(col(StaffSession.staff_id) == staff.id, col(StaffSession.ended_at).is_(None))
        .values(ended_at=now)
    )
    session.flush()


def _authority_id(session: Session, slug: str) -> int:
    known = dict(session.exec(select(Authority.slug, Authority.id)).all())
    if slug not in known:
        raise StaffRefused(f"There is no authority {slug}. The authorities: {', '.join(sorted(known)) or 'none yet'}.")
    return known[slug] or 0


def _unit_ids(session: Session, authority: str, authority_id: int, slugs: Sequence[str]) -> list[int]:
    known = dict(session.exec(select(Unit.slug, Unit.id).where(Unit.authority_id == authority_id)).all())
    missing = [slug for slug in slugs if slug not in known]
    if missing:
        raise StaffRefused(
            f"{authority} has no unit {', '.join(missing)}. Its units: {', '.join(sorted(known)) or 'none'}."
        )
    return sorted({known[slug] or 0 for slug in slugs})
