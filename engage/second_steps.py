"""The second step of a sign-in: codes of an authenticator app (TOTP, RFC 6238) and ten recovery codes.

A code of the app opens once. Recovery codes are for the day the phone is lost; they are long enough that nobody guesses
one, so they open also while wrong codes of the app are being tried from elsewhere.
"""

from __future__ import annotations

import hmac
import secrets
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import pyotp
import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import audit, base32
from engage.accounts import Officer
from engage.db import add_row, add_rows
from engage.models import Passkey, RecoveryCode, SecondStep
from engage.taxonomy import Act
from engage.vault import Unsealable, Vault

SECONDS = 30
DIGITS = 6
#: So many steps of 30 seconds may the clocks of phone and server differ.
WINDOW = 1
RECOVERY_CODES = 10
#: 60 bits.
RECOVERY_CHARACTERS = 12
#: Wrong codes of one officer from browsers they never signed in on, in an hour: at three good codes in a million, a
#: guesser who has the password already gets one in some 17,000 hours.
MOST_WRONG = 20
WRONG_COUNT_FOR = timedelta(hours=1)
LONGEST_TYPED = 100


class WrongCode(Exception):
    """A code that does not fit the secret of a new app. The next one may."""


class Checked(StrEnum):
    """What a code did: it opened, or it did not and why."""

    APP = "app"
    RECOVERY_CODE = "recovery_code"
    WRONG = "wrong"
    #: So many wrong codes were tried that the app's codes open nothing for a while; recovery codes and passkeys do.
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class Steps:
    """What second steps somebody has."""

    app: bool
    passkeys: int
    recovery_codes: int

    @property
    def any(self) -> bool:
        """Whether they have a second step at all."""
        return self.app or self.passkeys > 0


def steps_of(session: Session, staff_id: int) -> Steps:
    """The second steps of a member of staff."""
    counted = select(sa.func.count())
    app = session.exec(counted.where(SecondStep.staff_id == staff_id)).one()
    passkeys = session.exec(counted.where(Passkey.staff_id == staff_id)).one()
    left = session.exec(counted.where(RecoveryCode.staff_id == staff_id, col(RecoveryCode.used_at).is_(None))).one()
    return Steps(app > 0, passkeys, left)


def new_secret() -> str:
    """A fresh secret for an app: 160 random bits in base 32."""
    return pyotp.random_base32()


def address(secret: str, login: str, issuer: str) -> str:
    """What the QR code of a secret says (`otpauth://…`)."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)


def step_of(secret: str, typed: str, now: datetime) -> int | None:
    """Which 30 seconds a code is of, as counted since 1970, or None for a wrong code. Newer ones are tried first."""
    current = int(now.timestamp()) // SECONDS
    app, code = pyotp.TOTP(secret), _code(typed)
    fitting = (step for step in _near(current) if hmac.compare_digest(app.at(step * SECONDS).encode(), code.encode()))
    return next(fitting, None)


def offer(vault: Vault, staff_id: int, secret: str) -> str:
    """A secret as a form carries it while it is not confirmed: sealed, for this member of staff only."""
    return vault.seal(_offered(staff_id), secret.encode()).hex()


def offered(vault: Vault, staff_id: int, sealed: str) -> str | None:
    """The secret of an offer, or None where it is no offer of ours to them."""
    try:
        return vault.unseal(_offered(staff_id), bytes.fromhex(sealed[:1000])).decode()
    except (Unsealable, ValueError):
        return None


def confirm(session: Session, vault: Vault, officer: Officer, secret: str, typed: str, now: datetime) -> list[str]:
    """Make this secret an officer's second step once its code is right; give their new recovery codes.

    Raises `WrongCode`. Another app, and the codes of before, open nothing from then on.
    """
    step = step_of(secret, typed[:LONGEST_TYPED], now)
    if step is None:
        raise WrongCode
    session.connection().execute(sa.delete(SecondStep).where(col(SecondStep.staff_id) == officer.staff_id))
    add_row(
        session,
        SecondStep,
        staff_id=officer.staff_id,
        sealed_secret=vault.seal(_kept(officer.staff_id), secret.encode()),
        added_at=now,
        last_step=step,
        wrong_codes=0,
        wrong_since=None,
    )
    _record(session, officer, Act.STAFF_SECOND_STEP_SET, now)
    return _make_codes(session, vault, officer.staff_id)


def check(session: Session, vault: Vault, staff_id: int, typed: str, now: datetime, known_device: bool) -> Checked:
    """Let a code of the app or a recovery code open, once. A known device may also try while others guess."""
    typed = typed[:LONGEST_TYPED]
    if len(_code(typed)) != DIGITS:
        return _use_recovery_code(session, vault, staff_id, typed, now)
    row = session.exec(select(SecondStep).where(SecondStep.staff_id == staff_id).with_for_update()).first()
    if row is None:
        return Checked.WRONG
    guessing = row.wrong_since is not None and abs(now - row.wrong_since) < WRONG_COUNT_FOR
    if guessing and row.wrong_codes >= MOST_WRONG and not known_device:
        return Checked.TOO_MANY
    step = step_of(_secret(vault, row), typed, now)
    right = step is not None and step > row.last_step
    if step is not None and right:
        row.last_step, row.wrong_codes, row.wrong_since = step, 0, None
    else:
        row.wrong_codes, row.wrong_since = (row.wrong_codes + 1, row.wrong_since) if guessing else (1, now)
    session.add(row)
    session.flush()
    return Checked.APP if right else Checked.WRONG


def new_recovery_codes(session: Session, vault: Vault, officer: Officer, now: datetime) -> list[str]:
    """Ten new recovery codes, to be shown once; those of before open nothing any more."""
    _record(session, officer, Act.STAFF_RECOVERY_CODES_MADE, now)
    return _make_codes(session, vault, officer.staff_id)


def drop(session: Session, officer: Officer, now: datetime, passkeys_too: bool) -> None:
    """Take away an officer's app and recovery codes, and perhaps their passkeys."""
    for table in (SecondStep, RecoveryCode, *((Passkey,) if passkeys_too else ())):
        session.connection().execute(sa.delete(table).where(col(table.staff_id) == officer.staff_id))
    _record(session, officer, Act.STAFF_SECOND_STEP_DROPPED, now)


def _make_codes(session: Session, vault: Vault, staff_id: int) -> list[str]:
    session.connection().execute(sa.delete(RecoveryCode).where(col(RecoveryCode.staff_id) == staff_id))
    codes = [
        base32.encode(secrets.randbits(5 * RECOVERY_CHARACTERS), RECOVERY_CHARACTERS) for _ in range(RECOVERY_CODES)
    ]
    hashes = [_recovery_hash(vault, staff_id, code) for code in codes]
    add_rows(session, RecoveryCode, [{"code_hash": one, "staff_id": staff_id, "used_at": None} for one in hashes])
    return ["-".join(code[at : at + 4] for at in range(0, RECOVERY_CHARACTERS, 4)) for code in codes]


def _use_recovery_code(session: Session, vault: Vault, staff_id: int, typed: str, now: datetime) -> Checked:
    value = _recovery_hash(vault, staff_id, typed)
    used = session.connection().execute(
        sa.update(RecoveryCode)
        .where(col(RecoveryCode.code_hash) == value, col(RecoveryCode.used_at).is_(None))
        .values(used_at=now)
    )
    return Checked.RECOVERY_CODE if used.rowcount else Checked.WRONG


def _record(session: Session, officer: Officer, act: Act, now: datetime) -> None:
    audit.record(
        session,
        now=now,
        act=act,
        staff_id=officer.staff_id,
        authority_id=officer.authority_id,
        about=f"staff:{officer.login}",
    )


def _secret(vault: Vault, row: SecondStep) -> str:
    return vault.unseal(_kept(row.staff_id), row.sealed_secret).decode()


def _code(typed: str) -> str:
    """The digits of a code, from digits of any script; empty where there is anything but digits, spaces and dashes."""
    plain = [sign for sign in typed if not (sign.isspace() or sign in "-–·.")]
    digits = [unicodedata.digit(sign, None) for sign in plain]
    return "" if None in digits else "".join(str(digit) for digit in digits)


def _near(current: int) -> Iterator[int]:
    yield from range(current + WINDOW, current - WINDOW - 1, -1)


def _recovery_hash(vault: Vault, staff_id: int, typed: str) -> str:
    return vault.look_up_hash("recovery-code", f"{staff_id}:{base32.plain(typed)}")


def _offered(staff_id: int) -> str:
    return f"second-step-offer:{staff_id}"


def _kept(staff_id: int) -> str:
    return f"second-step:{staff_id}"
