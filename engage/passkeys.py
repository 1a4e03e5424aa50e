"""Passkeys (WebAuthn, level 3): a device proves who its owner is, as a second step or instead of the password.

What we ask a device to sign carries its own proof: for what and until when it was asked, under a key of ours. So
nothing is kept while a page waits; only what was answered is, so that no answer counts twice.
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

import sqlalchemy as sa
import webauthn
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select
from webauthn.helpers import bytes_to_base64url, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from engage import audit
from engage.accounts import Officer
from engage.db import add_row
from engage.models import Passkey, UsedChallenge
from engage.taxonomy import Act
from engage.vault import Vault

ANSWER_WITHIN = timedelta(minutes=10)
LONGEST_ANSWER = 20_000
LONGEST_NAME = 80
MOST_PASSKEYS = 20
#: A credential's id in base64url, as long as it may be (WebAuthn: 1,023 bytes).
_ID = re.compile(r"[\w-]{1,1364}", re.ASCII)
_NONCE_BYTES = 16
_MAC_BYTES = 32
_INSERT: Final[dict[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class PasskeyRefused(Exception):
    """What a device answered does not open: too late, for another page, already used, or of a key that is not ours."""


@dataclass(frozen=True, slots=True)
class House:
    """Whose passkeys these are: the host (WebAuthn's RP id) and the address in front of which they open."""

    host: str
    origin: str

    @classmethod
    def at(cls, public_url: str) -> House | None:
        """The house at an address, or None where its host is a number: browsers give no passkeys to those."""
        host = urlsplit(public_url).hostname or ""
        try:
            ip_address(host)
        except ValueError:
            return cls(host, public_url)
        return None


@dataclass(frozen=True, slots=True)
class KeptPasskey:
    """A passkey, for its owner's list."""

    id: int
    name: str
    added_at: datetime
    used_at: datetime | None


def keys_of(session: Session, staff_id: int) -> list[KeptPasskey]:
    """Somebody's passkeys, oldest first."""
    rows = session.exec(select(Passkey).where(Passkey.staff_id == staff_id).order_by(col(Passkey.id)))
    return [KeptPasskey(row.id or 0, row.name, row.added_at, row.used_at) for row in rows]


def question_for_new(
    session: Session, vault: Vault, house: House, officer: Officer, purpose: str, now: datetime
) -> str:
    """What a browser needs to make a passkey for an officer, as JSON (PublicKeyCredentialCreationOptionsJSON)."""
    options = webauthn.generate_registration_options(
        rp_id=house.host,
        rp_name="Engage",
        user_name=officer.login,
        user_id=bytes.fromhex(vault.look_up_hash("passkey-owner", str(officer.staff_id))),
        user_display_name=officer.name,
        challenge=_challenge(vault, purpose, now),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=_descriptors(session, officer.staff_id),
    )
    return webauthn.options_to_json(options)


def question(session: Session, vault: Vault, house: House, staff_id: int | None, purpose: str, now: datetime) -> str:
    """What a browser needs to answer with a passkey, as JSON; without a `staff_id`, with anybody's."""
    options = webauthn.generate_authentication_options(
        rp_id=house.host,
        challenge=_challenge(vault, purpose, now),
        allow_credentials=_descriptors(session, staff_id) if staff_id else [],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def add(
    session: Session, vault: Vault, house: House, officer: Officer, purpose: str, answer: str, name: str, now: datetime
) -> None:
    """Keep the passkey that a browser made. Raises `PasskeyRefused`."""
    credential, challenge = _read(vault, purpose, answer, now)
    try:
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=house.host,
            expected_origin=house.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError):
        raise PasskeyRefused from None
    credential_id = bytes_to_base64url(made.credential_id)
    taken = session.exec(select(Passkey.id).where(Passkey.credential_id == credential_id)).first()
    if taken is not None or len(keys_of(session, officer.staff_id)) >= MOST_PASSKEYS:
        raise PasskeyRefused
    _use_up(session, vault, challenge, now)
    add_row(
        session,
        Passkey,
        staff_id=officer.staff_id,
        credential_id=credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        name=name[:LONGEST_NAME],
        added_at=now,
        used_at=None,
    )
    _record(session, officer, Act.STAFF_PASSKEY_ADDED, now)


def opened_by(
    session: Session, vault: Vault, house: House, staff_id: int | None, purpose: str, answer: str, now: datetime
) -> int:
    """Whose passkey answered, for this purpose, once: of `staff_id`, where it is given. Raises `PasskeyRefused`."""
    credential, challenge = _read(vault, purpose, answer, now)
    kept = session.exec(select(Passkey).where(Passkey.credential_id == credential["id"]).with_for_update()).first()
    if kept is None or (staff_id is not None and kept.staff_id != staff_id):
        raise PasskeyRefused
    try:
        proven = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=house.host,
            expected_origin=house.origin,
            credential_public_key=kept.public_key,
            credential_current_sign_count=kept.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError):
        raise PasskeyRefused from None
    _use_up(session, vault, challenge, now)
    kept.sign_count, kept.used_at = proven.new_sign_count, now
    session.add(kept)
    session.flush()
    return kept.staff_id


def remove(session: Session, officer: Officer, passkey_id: int, now: datetime) -> None:
    """Take one of an officer's own passkeys away; of one that is not theirs nothing is said."""
    row = session.exec(select(Passkey).where(Passkey.id == passkey_id, Passkey.staff_id == officer.staff_id)).first()
    if row is None:
        return
    session.delete(row)
    session.flush()
    _record(session, officer, Act.STAFF_PASSKEY_REMOVED, now)


def _record(session: Session, officer: Officer, act: Act, now: datetime) -> None:
    audit.record(
        session,
        now=now,
        act=act,
        staff_id=officer.staff_id,
        authority_id=officer.authority_id,
        about=f"staff:{officer.login}",
    )


def _descriptors(session: Session, staff_id: int) -> list[PublicKeyCredentialDescriptor]:
    ids = session.exec(select(Passkey.credential_id).where(Passkey.staff_id == staff_id).order_by(col(Passkey.id)))
    return [PublicKeyCredentialDescriptor(id=webauthn.base64url_to_bytes(one)) for one in ids]


def _challenge(vault: Vault, purpose: str, now: datetime) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    until = int((now + ANSWER_WITHIN).timestamp()).to_bytes(8)
    return nonce + until + _mac(vault, purpose, nonce + until)


def _mac(vault: Vault, purpose: str, signed: bytes) -> bytes:
    return bytes.fromhex(vault.look_up_hash("passkey-question", f"{purpose}:{signed.hex()}"))


def _read(vault: Vault, purpose: str, answer: str, now: datetime) -> tuple[dict[str, Any], bytes]:
    """The answer of a browser and the question it answers, if that was ours, for this purpose, and not too old."""
    if len(answer) > LONGEST_ANSWER:
        raise PasskeyRefused
    try:
        credential = json.loads(answer)
        client_data = webauthn.base64url_to_bytes(credential["response"]["clientDataJSON"])
        challenge = parse_client_data_json(client_data).challenge
    except (WebAuthnException, ValueError, TypeError, KeyError, RecursionError):
        raise PasskeyRefused from None
    if not isinstance(credential.get("id"), str) or not _ID.fullmatch(credential["id"]):
        raise PasskeyRefused
    signed, mac = challenge[:-_MAC_BYTES], challenge[-_MAC_BYTES:]
    if len(signed) != _NONCE_BYTES + 8 or not hmac.compare_digest(mac, _mac(vault, purpose, signed)):
        raise PasskeyRefused
    left = int.from_bytes(signed[_NONCE_BYTES:]) - now.timestamp()
    if not 0 < left <= ANSWER_WITHIN.total_seconds() + 10:
        raise PasskeyRefused
    return credential, challenge


def _use_up(session: Session, vault: Vault, challenge: bytes, now: datetime) -> None:
    session.connection().execute(sa.delete(UsedChallenge).where(col(UsedChallenge.used_at) < now - 2 * ANSWER_WITHIN))
    insert = _INSERT[session.get_bind().dialect.name](UsedChallenge).values(
        challenge_hash=vault.look_up_hash("used-challenge", challenge.hex()), used_at=now
    )
    if not session.connection().execute(insert.on_conflict_do_nothing()).rowcount:
        raise PasskeyRefused
