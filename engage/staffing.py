"""Staffing: who works here. New members, the list, and who may no longer sign in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import audit
from engage.db import add_row, add_rows
from engage.models import Authority, Invitation, Staff, StaffSession, StaffUnit, Unit
from engage.taxonomy import Act, Role

LOGIN = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")
LONGEST_LOGIN = 64


def _(sentence: str) -> str:
    return sentence


NO_LOGIN = _("%(login)s is no login: use small letters, digits, dots and dashes.")
LOGIN_TAKEN = _("There is a member of staff with the login %(login)s already.")
NO_MEMBER = _("There is no member of staff with the login %(login)s.")
NO_AUTHORITY = _("There is no authority %(slug)s. The authorities: %(known)s.")
NO_UNIT = _("%(authority)s has no unit %(missing)s. Its units: %(known)s.")


class StaffRefused(Exception):
    """A change of staff that cannot be made; the sentence says why. Another entry helps."""

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence % values if values else sentence)
        self.sentence = sentence
        self.values = values


@dataclass(frozen=True, slots=True)
class Member:
    """One member of staff, for a list."""

    login: str
    name: str
    authority: str
    role: Role
    units: tuple[str, ...]
    active: bool


def add_member(
    session: Session,
    *,
    login: str,
    name: str,
    authority: str,
    units: Sequence[str],
    role: Role,
    password_hash: str,
    active: bool = True,
) -> None:
    """Add a member of staff to an authority and to units of it, all named by their slugs. Raises `StaffRefused`."""
    if not LOGIN.fullmatch(login) or len(login) > LONGEST_LOGIN:
        raise StaffRefused(NO_LOGIN, login=login[:LONGEST_LOGIN])
    if session.exec(select(Staff.id).where(Staff.login == login)).first() is not None:
        raise StaffRefused(LOGIN_TAKEN, login=login)
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
        active=active,
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


def deactivate(session: Session, login: str, now: datetime, by: int | None = None) -> None:
    """End every session of a member of staff and let them sign in no more. What they wrote stays theirs.

    `by` is the administrator who did it; None: a command.
    """
    staff = session.exec(select(Staff).where(Staff.login == login)).first()
    if staff is None:
        raise StaffRefused(NO_MEMBER, login=login)
    staff.active = False
    session.add(staff)
    session.connection().execute(
        sa.update(StaffSession)
        .where(col(StaffSession.staff_id) == staff.id, col(StaffSession.ended_at).is_(None))
        .values(ended_at=now)
    )
    session.flush()
    revoke_invitations(session, staff.id or 0, now)
    audit.record(
        session,
        now=now,
        act=Act.STAFF_DEACTIVATED,
        staff_id=by,
        authority_id=staff.authority_id,
        about=f"staff:{staff.login}",
    )


def reactivate(session: Session, login: str, now: datetime, by: int | None = None) -> None:
    """Let a member of staff sign in again, with what they signed in with before; their old sessions stay ended."""
    staff = session.exec(select(Staff).where(Staff.login == login)).first()
    if staff is None:
        raise StaffRefused(NO_MEMBER, login=login)
    staff.active = True
    session.add(staff)
    session.flush()
    audit.record(
        session,
        now=now,
        act=Act.STAFF_REACTIVATED,
        staff_id=by,
        authority_id=staff.authority_id,
        about=f"staff:{staff.login}",
    )


def revoke_invitations(session: Session, staff_id: int, now: datetime) -> None:
    """Let no link of somebody open any more."""
    unused = sa.and_(col(Invitation.used_at).is_(None), col(Invitation.revoked_at).is_(None))
    session.connection().execute(
        sa.update(Invitation).where(col(Invitation.staff_id) == staff_id, unused).values(revoked_at=now)
    )


def _authority_id(session: Session, slug: str) -> int:
    known = dict(session.exec(select(Authority.slug, Authority.id)).all())
    if slug not in known:
        raise StaffRefused(NO_AUTHORITY, slug=slug, known=", ".join(sorted(known)) or "–")
    return known[slug] or 0


def _unit_ids(session: Session, authority: str, authority_id: int, slugs: Sequence[str]) -> list[int]:
    known = dict(session.exec(select(Unit.slug, Unit.id).where(Unit.authority_id == authority_id)).all())
    missing = [slug for slug in slugs if slug not in known]
    if missing:
        raise StaffRefused(
            NO_UNIT, authority=authority, missing=", ".join(missing), known=", ".join(sorted(known)) or "–"
        )
    return sorted({known[slug] or 0 for slug in slugs})
