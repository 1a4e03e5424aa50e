"""Staff accounts: passwords, sign-in sessions that can be ended, and who an officer is to the desk."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from engage.db import add_row
from engage.models import Authority, Staff, StaffSession, StaffUnit
from engage.taxonomy import Role
from engage.vault import Vault

SESSION_IDLE = timedelta(hours=2)
SESSION_LENGTH = timedelta(hours=14)
#: How old `seen_at` may grow before a page writes it again, so that reading pages seldom write.
SEEN_EVERY = timedelta(minutes=5)
LONGEST_PASSWORD = 1024

#: 19 MiB and two passes: what OWASP's Password Storage Cheat Sheet names for argon2id, so that sixteen sign-ins at once
#: cost 300 MB and not a gigabyte.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@dataclass(frozen=True, slots=True)
class Officer:
    """Who is at the desk, and what they may see."""

    staff_id: int
    login: str
    name: str
    role: Role
    authority_id: int
    authority_name: str
    unit_ids: frozenset[int]


def hash_password(password: str) -> str:
    """The argon2id hash of a password, with its salt and costs (RFC 9106)."""
    return _hasher.hash(password)


def check_password(session: Session, login: str, password: str) -> Officer | None:
    """The officer with this login and password, or None. Takes the same time whether or not the login exists."""
    staff = session.exec(select(Staff).where(Staff.login == _as_kept(login))).first()
    try:
        _hasher.verify(staff.password_hash if staff else _nobodys_hash(), password[:LONGEST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return None
    return _officer(session, staff) if staff and staff.active else None


def _as_kept(login: str) -> str:
    """A login as it is kept, from one typed in any letter case; PostgreSQL cannot even be asked for a NUL."""
    return login.strip().lower().replace("\0", "␀")


def officer_by_login(session: Session, login: str) -> Officer | None:
    """The active officer of a login, without a password: for commands, never for doors."""
    staff = session.exec(select(Staff).where(Staff.login == login, col(Staff.active).is_(True))).first()
    return _officer(session, staff) if staff else None


@cache
def _nobodys_hash() -> str:
    """Verified when nobody has the login, so that an unknown name takes as long as a wrong password."""
    return _hasher.hash(secrets.token_urlsafe(16))


def sign_in(session: Session, vault: Vault, officer: Officer, now: datetime) -> str:
    """Begin a session for an officer and give its token, which is kept nowhere here."""
    token = secrets.token_urlsafe(32)
    add_row(
        session,
        StaffSession,
        staff_id=officer.staff_id,
        token_hash=vault.look_up_hash("staff-session", token),
        started_at=now,
        seen_at=now,
        ended_at=None,
    )
    return token


def officer_of_session(session: Session, vault: Vault, token: str, now: datetime) -> Officer | None:
    """The officer of a session that has neither ended nor grown too old."""
    row = session.exec(_live(vault, token, now)).first()
    staff = session.get(Staff, row.staff_id) if row else None
    return _officer(session, staff) if staff and staff.active else None


def is_long_unseen(session: Session, vault: Vault, token: str, now: datetime) -> bool:
    """Whether a live session should be marked as seen."""
    row = session.exec(_live(vault, token, now)).first()
    return row is not None and now - row.seen_at >= SEEN_EVERY


def mark_seen(session: Session, vault: Vault, token: str, now: datetime) -> None:
    """Note that a session is in use."""
    session.connection().execute(
        sa.update(StaffSession)
        .where(col(StaffSession.token_hash) == vault.look_up_hash("staff-session", token))
        .values(seen_at=now)
    )


def sign_out(session: Session, vault: Vault, token: str, now: datetime) -> None:
    """End a session; its token opens nothing from now on."""
    session.connection().execute(
        sa.update(StaffSession)
        .where(
            col(StaffSession.token_hash) == vault.look_up_hash("staff-session", token),
            col(StaffSession.ended_at).is_(None),
        )
        .values(ended_at=now)
    )


def _live(vault: Vault, token: str, now: datetime) -> SelectOfScalar[StaffSession]:
    return select(StaffSession).where(
        StaffSession.token_hash == vault.look_up_hash("staff-session", token),
        col(StaffSession.ended_at).is_(None),
        StaffSession.seen_at > now - SESSION_IDLE,
        StaffSession.started_at > now - SESSION_LENGTH,
    )


def _officer(session: Session, staff: Staff) -> Officer:
    assert staff.id is not None  # noqa: S101 - a stored row has an id
    units = session.exec(select(StaffUnit.unit_id).where(StaffUnit.staff_id == staff.id)).all()
    authority = session.get_one(Authority, staff.authority_id)
    return Officer(staff.id, staff.login, staff.name, staff.role, staff.authority_id, authority.name, frozenset(units))
