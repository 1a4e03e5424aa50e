"""Staff accounts: passwords, sign-in sessions that can be ended, and who an officer is to the desk.

A session's age is what passed while it was looked at: where the machine's clock jumps back, the session is moved back
with it, so that it neither gains the time of the jump nor ends for it.
"""

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

from engage import audit
from engage.db import add_row
from engage.models import Authority, Staff, StaffSession, StaffUnit
from engage.taxonomy import Act, Role
from engage.vault import Vault

SESSION_IDLE = timedelta(hours=2)
SESSION_LENGTH = timedelta(hours=14)
#: How old `seen_at` may grow before a page writes it again, so that reading pages seldom write.
SEEN_EVERY = timedelta(minutes=5)
#: How long a proof of who one is opens what asks for one.
PROOF_LASTS = timedelta(minutes=5)
#: So many wrong proofs end a session: whoever sits there must sign in.
MOST_WRONG_PROOFS = 5
#: So far may the clocks of two machines differ.
CLOCKS_DIFFER = timedelta(seconds=10)
LONGEST_DEVICE = 80
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


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lasts without a page, and at most."""

    idle: timedelta = SESSION_IDLE
    length: timedelta = SESSION_LENGTH


USUAL_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Seat:
    """A live session: where an officer is signed in."""

    id: int
    device: str
    started_at: datetime
    seen_at: datetime
    proven_at: datetime | None

    def is_proven(self, now: datetime) -> bool:
        """Whether the officer proved lately, in this session, that they are who they are."""
        return self.proven_at is not None and -CLOCKS_DIFFER <= now - self.proven_at < PROOF_LASTS

    def is_long_unseen(self, now: datetime) -> bool:
        """Whether it should be marked as seen: it is time, or the clock has jumped back."""
        return abs(now - self.seen_at) >= SEEN_EVERY


def hash_password(password: str) -> str:
    """The argon2id hash of a password, with its salt and costs (RFC 9106)."""
    return _hasher.hash(password)


def check_password(session: Session, login: str, password: str) -> Officer | None:
    """The officer with this login and password, or None. Takes the same time whether or not the login exists."""
    staff = session.exec(select(Staff).where(Staff.login == _as_kept(login))).first()
    if not _is_right(staff.password_hash if staff else "", password):
        return None
    return _officer(session, staff) if staff and staff.active else None


def has_password(session: Session, officer: Officer, password: str) -> bool:
    """Whether this is the password of an officer who is signed in already."""
    return _is_right(session.get_one(Staff, officer.staff_id).password_hash, password)


def _is_right(kept: str, password: str) -> bool:
    # Who was invited and has not come yet has no password; that takes as long as a wrong one.
    try:
        return _hasher.verify(kept or _nobodys_hash(), password[:LONGEST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return False


def set_password(session: Session, staff_id: int, password_hash: str) -> None:
    """Give a member of staff a password; an empty hash takes theirs away, and none opens."""
    session.connection().execute(sa.update(Staff).where(col(Staff.id) == staff_id).values(password_hash=password_hash))


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


def officer_by_id(session: Session, staff_id: int) -> Officer | None:
    """The active officer of an id."""
    staff = session.get(Staff, staff_id)
    return _officer(session, staff) if staff and staff.active else None


def sign_in(session: Session, vault: Vault, officer: Officer, now: datetime, device: str = "") -> str:
    """Begin a session for an officer who just proved who they are; give its token, which is kept nowhere here."""
    token = secrets.token_urlsafe(32)
    add_row(
        session,
        StaffSession,
        staff_id=officer.staff_id,
        token_hash=_token_hash(vault, token),
        started_at=now,
        seen_at=now,
        ended_at=None,
        device=device[:LONGEST_DEVICE],
        proven_at=now,
        wrong_proofs=0,
    )
    audit.record(
        session,
        now=now,
        act=Act.STAFF_SIGNED_IN,
        staff_id=officer.staff_id,
        authority_id=officer.authority_id,
        about=f"staff:{officer.login}",
    )
    return token


def present(
    session: Session, vault: Vault, token: str, now: datetime, limits: Limits = USUAL_LIMITS
) -> tuple[Officer, Seat] | None:
    """Who is there with a token, and in which session, unless it has ended or grown too old."""
    row = session.exec(_unended(vault, token)).first()
    if row is None or not _lasts(row, now, limits):
        return None
    staff = session.get(Staff, row.staff_id)
    return (_officer(session, staff), _seat(row)) if staff and staff.active else None


def officer_of_session(
    session: Session, vault: Vault, token: str, now: datetime, limits: Limits = USUAL_LIMITS
) -> Officer | None:
    """The officer of a session that has neither ended nor grown too old."""
    there = present(session, vault, token, now, limits)
    return there[0] if there else None


def mark_seen(session: Session, vault: Vault, token: str, now: datetime) -> None:
    """Note that a session is in use; one from the future is moved back with the clock, its age kept."""
    row = session.exec(_unended(vault, token).with_for_update()).first()
    if row is None:
        return
    if now < row.seen_at:
        row.started_at -= row.seen_at - now
    row.seen_at = now
    session.add(row)
    session.flush()


def sign_out(session: Session, vault: Vault, token: str, now: datetime) -> None:
    """End a session; its token opens nothing from now on."""
    _end(session, now, col(StaffSession.token_hash) == _token_hash(vault, token))


def seats(session: Session, staff_id: int, now: datetime, limits: Limits = USUAL_LIMITS) -> list[Seat]:
    """Where somebody is signed in, the newest first."""
    query = select(StaffSession).where(StaffSession.staff_id == staff_id, col(StaffSession.ended_at).is_(None))
    rows = session.exec(query.order_by(col(StaffSession.id).desc()))
    return [_seat(row) for row in rows if _lasts(row, now, limits)]


def end_session(session: Session, officer: Officer, session_id: int, now: datetime) -> bool:
    """End one of an officer's own sessions; false where there is none such."""
    return _end(session, now, col(StaffSession.id) == session_id, col(StaffSession.staff_id) == officer.staff_id) > 0


def end_sessions(session: Session, staff_id: int, now: datetime, but: int | None = None) -> int:
    """End every session of somebody but one, and give how many there were."""
    others = [col(StaffSession.id) != but] if but is not None else []
    return _end(session, now, col(StaffSession.staff_id) == staff_id, *others)


def name_device(session: Session, officer: Officer, session_id: int, name: str) -> None:
    """Call the device of an officer's own session as they like."""
    session.connection().execute(
        sa.update(StaffSession)
        .where(col(StaffSession.id) == session_id, col(StaffSession.staff_id) == officer.staff_id)
        .values(device=name[:LONGEST_DEVICE])
    )


def note_proof(session: Session, session_id: int, right: bool, now: datetime) -> None:
    """Note that an officer proved in a session who they are, or failed to; too many failures end the session."""
    row = session.exec(select(StaffSession).where(StaffSession.id == session_id).with_for_update()).one()
    row.wrong_proofs = 0 if right else row.wrong_proofs + 1
    if right:
        row.proven_at = now
    elif row.wrong_proofs >= MOST_WRONG_PROOFS:
        row.ended_at = now
    session.add(row)
    session.flush()


def _lasts(row: StaffSession, now: datetime, limits: Limits) -> bool:
    at = max(now, row.seen_at)
    return at - row.seen_at < limits.idle and at - row.started_at < limits.length


def _seat(row: StaffSession) -> Seat:
    assert row.id is not None  # noqa: S101 - a stored row has an id
    return Seat(row.id, row.device, row.started_at, row.seen_at, row.proven_at)


def _end(session: Session, now: datetime, *which: sa.ColumnElement[bool]) -> int:
    ended = session.connection().execute(
        sa.update(StaffSession).where(*which, col(StaffSession.ended_at).is_(None)).values(ended_at=now)
    )
    return ended.rowcount


def _unended(vault: Vault, token: str) -> SelectOfScalar[StaffSession]:
    return select(StaffSession).where(
        StaffSession.token_hash == _token_hash(vault, token), col(StaffSession.ended_at).is_(None)
    )


def _token_hash(vault: Vault, token: str) -> str:
    return vault.look_up_hash("staff-session", token)


def _officer(session: Session, staff: Staff) -> Officer:
    assert staff.id is not None  # noqa: S101 - a stored row has an id
    units = session.exec(select(StaffUnit.unit_id).where(StaffUnit.staff_id == staff.id)).all()
    authority = session.get_one(Authority, staff.authority_id)
    return Officer(staff.id, staff.login, staff.name, staff.role, staff.authority_id, authority.name, frozenset(units))
