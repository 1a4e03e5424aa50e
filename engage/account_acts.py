"""What an officer does with their own account: ends sign-ins, names devices, changes the password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from engage import accounts, audit, passkeys, second_steps, vouching, watch_board
from engage.accounts import Limits, Officer, Seat
from engage.passkeys import KeptPasskey
from engage.second_steps import Steps
from engage.taxonomy import Act


@dataclass(frozen=True, slots=True)
class Account:
    """All that the page of an account shows, with the time zone its moments are told in."""

    seats: list[Seat]
    steps: Steps
    passkeys: list[KeptPasskey]
    timezone: str


def read(session: Session, officer: Officer, now: datetime, limits: Limits) -> Account:
    """An officer's account as it is now."""
    return Account(
        accounts.seats(session, officer.staff_id, now, limits),
        second_steps.steps_of(session, officer.staff_id),
        passkeys.keys_of(session, officer.staff_id),
        watch_board.timezone(session),
    )


def end_one(session: Session, officer: Officer, session_id: int, now: datetime) -> None:
    """End one of an officer's sign-ins; of one that has ended already, or is not theirs, nothing is said."""
    if accounts.end_session(session, officer, session_id, now):
        _record(session, officer, Act.STAFF_SESSIONS_ENDED, now)


def end_others(session: Session, officer: Officer, here: Seat, now: datetime) -> None:
    """End all sign-ins of an officer but this one, and those that wait for a second step."""
    vouching.end_all(session, officer.staff_id, now)
    if accounts.end_sessions(session, officer.staff_id, now, but=here.id):
        _record(session, officer, Act.STAFF_SESSIONS_ENDED, now)


def name_device(session: Session, officer: Officer, session_id: int, name: str) -> None:
    """Call a device of the officer's as they like; a name of nothing is no name."""
    accounts.name_device(session, officer, session_id, " ".join(name.replace("\0", "").split()))


def change_password(session: Session, officer: Officer, here: Seat, password_hash: str, now: datetime) -> None:
    """Give an officer a new password, and end every sign-in of theirs but this one."""
    accounts.set_password(session, officer.staff_id, password_hash)
    _record(session, officer, Act.STAFF_PASSWORD_CHANGED, now)
    end_others(session, officer, here, now)


def _record(session: Session, officer: Officer, act: Act, now: datetime) -> None:
    audit.record(
        session,
        now=now,
        act=act,
        staff_id=officer.staff_id,
        authority_id=officer.authority_id,
        about=f"staff:{officer.login}",
    )
