"""Vouching that one is who one says: after the password, and again before what is grave (step-up)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import accounts, audit, passkeys, second_steps
from engage.accounts import Officer, Seat
from engage.db import add_row
from engage.models import PendingSignIn
from engage.passkeys import House, PasskeyRefused
from engage.second_steps import Checked
from engage.taxonomy import Act
from engage.vault import Vault

PENDING_LASTS = timedelta(minutes=10)
#: Wrong tries at the second step for one right password.
MOST_WRONG_TRIES = 5
#: What a passkey is asked for when nobody has said who they are yet.
SIGNING_IN = "sign-in"


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody gave to prove who they are: a code, a passkey's answer, or (who has no second step) a password.

    `known_device` is whether it came from a browser on which they have signed in before.
    """

    code: str = ""
    passkey: str = ""
    password: str = ""
    known_device: bool = False

    @property
    def anything(self) -> bool:
        """Whether they tried at all."""
        return bool(self.code or self.passkey or self.password)


class Outcome(StrEnum):
    """What a try did."""

    RIGHT = "right"
    WRONG = "wrong"
    TOO_MANY = "too_many"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Pending:
    """A sign-in that waits for its second step."""

    id: int
    officer: Officer

    @property
    def purpose(self) -> str:
        """What a passkey is asked for here."""
        return f"second-step:{self.id}"


def purpose_of_step_up(seat: Seat) -> str:
    """What a passkey is asked for when an officer proves again, in one session, who they are."""
    return f"step-up:{seat.id}"


def begin_waiting(session: Session, vault: Vault, officer: Officer, now: datetime) -> str:
    """The password was right: begin to wait for the second step, and give the token of that."""
    token = secrets.token_urlsafe(32)
    session.connection().execute(sa.delete(PendingSignIn).where(col(PendingSignIn.begun_at) < now - timedelta(days=1)))
    add_row(
        session,
        PendingSignIn,
        staff_id=officer.staff_id,
        token_hash=_token_hash(vault, token),
        begun_at=now,
        wrong_tries=0,
        ended_at=None,
    )
    return token


def pending(session: Session, vault: Vault, token: str, now: datetime) -> Pending | None:
    """The sign-in that waits under a token, unless it is over."""
    row = _waiting(session, vault, token, now)
    officer = accounts.officer_by_id(session, row.staff_id) if row else None
    return Pending(row.id or 0, officer) if row and officer else None


def still_waits(session: Session, vault: Vault, token: str, now: datetime) -> bool:
    """Whether a sign-in waits still; nobody else ends it before this transaction does."""
    return _waiting(session, vault, token, now, lock=True) is not None


def finish(
    session: Session, vault: Vault, house: House | None, token: str, given: Given, now: datetime
) -> tuple[Outcome, Officer | None]:
    """Try the second step of a pending sign-in; a right one ends the waiting and gives the officer."""
    row = _waiting(session, vault, token, now, lock=True)
    officer = accounts.officer_by_id(session, row.staff_id) if row else None
    if row is None or officer is None:
        return Outcome.OVER, None
    outcome = _try(session, vault, house, officer, given, Pending(row.id or 0, officer).purpose, now)
    if outcome is Outcome.RIGHT:
        row.ended_at = now
    else:
        row.wrong_tries += 1
        _record_failure(session, officer, now, "sign-in")
        outcome = Outcome.OVER if row.wrong_tries >= MOST_WRONG_TRIES else outcome
    session.add(row)
    session.flush()
    return outcome, officer if outcome is Outcome.RIGHT else None


def end(session: Session, vault: Vault, token: str, now: datetime) -> None:
    """A pending sign-in is over: it came to its end by another way."""
    session.connection().execute(
        sa.update(PendingSignIn).where(col(PendingSignIn.token_hash) == _token_hash(vault, token)).values(ended_at=now)
    )


def end_all(session: Session, staff_id: int, now: datetime) -> None:
    """Every sign-in of somebody that waits is over."""
    session.connection().execute(
        sa.update(PendingSignIn).where(col(PendingSignIn.staff_id) == staff_id).values(ended_at=now)
    )


def step_up(
    session: Session, vault: Vault, house: House | None, officer: Officer, seat: Seat, given: Given, now: datetime
) -> Outcome:
    """Prove again in a session who one is; who has no second step does it with the password."""
    if given.password and not second_steps.steps_of(session, officer.staff_id).any:
        right = accounts.has_password(session, officer, given.password)
        outcome = Outcome.RIGHT if right else Outcome.WRONG
    else:
        outcome = _try(session, vault, house, officer, given, purpose_of_step_up(seat), now)
    accounts.note_proof(session, seat.id, outcome is Outcome.RIGHT, now)
    if outcome is not Outcome.RIGHT:
        _record_failure(session, officer, now, "step-up")
    return outcome


def _try(
    session: Session, vault: Vault, house: House | None, officer: Officer, given: Given, purpose: str, now: datetime
) -> Outcome:
    if given.passkey and house:
        try:
            passkeys.opened_by(session, vault, house, officer.staff_id, purpose, given.passkey, now)
        except PasskeyRefused:
            return Outcome.WRONG
        return Outcome.RIGHT
    checked = second_steps.check(session, vault, officer.staff_id, given.code, now, given.known_device)
    return {Checked.WRONG: Outcome.WRONG, Checked.TOO_MANY: Outcome.TOO_MANY}.get(checked, Outcome.RIGHT)


def _record_failure(session: Session, officer: Officer, now: datetime, where: str) -> None:
    audit.record(
        session,
        now=now,
        act=Act.STAFF_SECOND_STEP_FAILED,
        staff_id=officer.staff_id,
        authority_id=officer.authority_id,
        about=f"staff:{officer.login}",
        details={"where": where},
    )


def _waiting(session: Session, vault: Vault, token: str, now: datetime, lock: bool = False) -> PendingSignIn | None:
    query = select(PendingSignIn).where(
        PendingSignIn.token_hash == _token_hash(vault, token), col(PendingSignIn.ended_at).is_(None)
    )
    row = session.exec(query.with_for_update() if lock else query).first()
    if row is None or abs(now - row.begun_at) >= PENDING_LASTS or row.wrong_tries >= MOST_WRONG_TRIES:
        return None
    return row


def _token_hash(vault: Vault, token: str) -> str:
    return vault.look_up_hash("pending-sign-in", token)
