"""Invitations: a link by which somebody comes to the staff, or by which a member of staff sets a new password.

A link opens once, for 72 hours, until it is revoked or another is made for the same person. Its secret is kept as a
keyed hash; the link is signed over its row, so that a row that somebody changed, or copied, opens nothing.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from engage import accounts, audit, inviting, second_steps, staffing, vouching
from engage.accounts import Officer
from engage.db import add_row
from engage.inviting import NAMELESS, NOBODY, InvitationRefused
from engage.models import Authority, Invitation, Staff
from engage.taxonomy import Act, Role
from engage.vault import Vault

LASTS = timedelta(hours=72)
LONGEST_LINK = 300
MOST_LISTED = 500


class InvitationClosed(Exception):
    """A link that opens nothing: forged, used, revoked, expired, or of somebody who is gone. A new one helps."""


@dataclass(frozen=True, slots=True)
class Invited:
    """Whom a link is for."""

    staff_id: int
    login: str
    name: str
    authority_name: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """An invitation in the list of those who invite."""

    id: int
    login: str
    name: str
    by: str | None
    invited_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None

    def is_open(self, now: datetime) -> bool:
        """Whether its link still opens."""
        return self.used_at is None and self.revoked_at is None and now < self.expires_at


def invite(
    session: Session,
    vault: Vault,
    by: Officer | None,
    now: datetime,
    *,
    login: str,
    name: str,
    authority: str,
    units: Sequence[str],
    role: Role,
) -> str:
    """Invite somebody new, and give the secret of their link. Raises `InvitationRefused` and `StaffRefused`.

    Without an officer it is a command that invites, which may do all. Whoever catches a refusal lets the transaction
    end with it.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= inviting.LONGEST_NAME or "\0" in name:
        raise InvitationRefused(NAMELESS, most=inviting.LONGEST_NAME)
    if by is not None:
        inviting.check_reach(session, by, authority, role)
    staffing.add_member(
        session,
        login=login,
        name=name,
        authority=authority,
        units=units,
        role=role,
        password_hash="",
        active=False,
    )
    if by is not None:  # only now do we know that the units are of this authority, and may say so
        inviting.check_seal(session, by, units)
    return _link(session, vault, by, session.exec(select(Staff).where(Staff.login == login)).one(), now, False)


def invite_again(
    session: Session, vault: Vault, by: Officer | None, now: datetime, login: str, renews_second_step: bool
) -> str:
    """Let somebody set a new password by a new link: every session of theirs ends, the old password opens nothing.

    Whoever was taken off the staff comes back by it. Raises `InvitationRefused`.
    """
    staff = session.exec(select(Staff).where(Staff.login == login.strip().lower().replace("\0", "␀"))).first()
    if staff is None or (by is not None and not inviting.may_invite_again(session, by, staff)):
        raise InvitationRefused(NOBODY)
    accounts.set_password(session, staff.id or 0, "")
    accounts.end_sessions(session, staff.id or 0, now)
    vouching.end_all(session, staff.id or 0, now)
    return _link(session, vault, by, staff, now, renews_second_step)


def whom(session: Session, vault: Vault, link: str, now: datetime) -> Invited:
    """Whom a link is for, while it opens. Raises `InvitationClosed`."""
    row, staff = _opened(session, vault, link, now)
    authority = session.get_one(Authority, staff.authority_id)
    return Invited(row.staff_id, staff.login, staff.name, authority.name, not staff.active)


def follow(session: Session, vault: Vault, link: str, password_hash: str, now: datetime) -> Officer:
    """Set the password of whom the link is for; they are of the staff from then on, and the link opens no more.

    Raises `InvitationClosed`.
    """
    row, staff = _opened(session, vault, link, now, lock=True)
    row.used_at = now
    staff.active = True
    staff.password_hash = password_hash
    session.add_all([row, staff])
    session.flush()
    officer = accounts.officer_by_id(session, row.staff_id)
    if officer is None:
        raise InvitationClosed
    if row.renews_second_step:
        second_steps.drop(session, officer, now, passkeys_too=True)
    _record(session, officer, now, Act.STAFF_INVITATION_USED, officer.login)
    return officer


def revoke(session: Session, by: Officer, invitation_id: int, now: datetime) -> bool:
    """Let a link of the officer's own authority open no more; false where there is none such."""
    query = select(Invitation, Staff).join(Staff, col(Staff.id) == Invitation.staff_id)
    found = session.exec(query.where(Invitation.id == invitation_id, _of_reach(by), _unused())).first()
    if found is None:
        return False
    row, staff = found
    row.revoked_at = now
    session.add(row)
    session.flush()
    _record(session, by, now, Act.STAFF_INVITATION_REVOKED, staff.login)
    return True


def listed(session: Session, by: Officer) -> list[Listed]:
    """The newest invitations of an officer's authority, open or not."""
    inviter = aliased(Staff)
    query = (
        select(Invitation, Staff, inviter.name)
        .join(Staff, col(Staff.id) == Invitation.staff_id)
        .outerjoin(inviter, col(inviter.id) == Invitation.invited_by)
        .where(_of_reach(by))
        .order_by(col(Invitation.id).desc())
        .limit(MOST_LISTED)
    )
    return [
        Listed(row.id or 0, staff.login, staff.name, name, row.invited_at, row.expires_at, row.used_at, row.revoked_at)
        for row, staff, name in session.exec(query)
    ]


def _link(
    session: Session, vault: Vault, by: Officer | None, staff: Staff, now: datetime, renews_second_step: bool
) -> str:
    staff_id = staff.id or 0
    staffing.revoke_invitations(session, staff_id, now)
    secret = secrets.token_urlsafe(32)
    expires_at = (now + LASTS).replace(microsecond=0)
    add_row(
        session,
        Invitation,
        staff_id=staff_id,
        secret_hash=_secret_hash(vault, secret),
        invited_by=by.staff_id if by else None,
        invited_at=now,
        expires_at=expires_at,
        renews_second_step=renews_second_step,
        used_at=None,
        revoked_at=None,
    )
    audit.record(
        session,
        now=now,
        act=Act.STAFF_INVITED,
        staff_id=by.staff_id if by else None,
        authority_id=staff.authority_id,
        about=f"staff:{staff.login}",
        details={"role": staff.role.value, "renews_second_step": renews_second_step},
    )
    return f"{secret}.{_signature(vault, secret, staff_id, expires_at, renews_second_step)}"


def _opened(session: Session, vault: Vault, link: str, now: datetime, lock: bool = False) -> tuple[Invitation, Staff]:
    secret, _dot, signature = link.strip()[:LONGEST_LINK].partition(".")
    query = select(Invitation).where(Invitation.secret_hash == _secret_hash(vault, secret), _unused())
    row = session.exec(query.with_for_update() if lock else query).first()
    staff = session.get(Staff, row.staff_id) if row else None
    if row is None or staff is None or not row.invited_at - accounts.CLOCKS_DIFFER <= now < row.expires_at:
        raise InvitationClosed
    expected = _signature(vault, secret, row.staff_id, row.expires_at, row.renews_second_step)
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogatepass")):
        raise InvitationClosed
    return row, staff


def _of_reach(by: Officer) -> sa.ColumnElement[bool]:
    return sa.or_(col(Staff.authority_id) == by.authority_id, col(Invitation.invited_by) == by.staff_id)


def _unused() -> sa.ColumnElement[bool]:
    return sa.and_(col(Invitation.used_at).is_(None), col(Invitation.revoked_at).is_(None))


def _record(session: Session, by: Officer, now: datetime, act: Act, login: str) -> None:
    audit.record(session, now=now, act=act, staff_id=by.staff_id, authority_id=by.authority_id, about=f"staff:{login}")


def _secret_hash(vault: Vault, secret: str) -> str:
    return vault.look_up_hash("invitation", secret)


def _signature(vault: Vault, secret: str, staff_id: int, expires_at: datetime, renews_second_step: bool) -> str:
    signed = f"{secret}:{staff_id}:{int(expires_at.timestamp())}:{int(renews_second_step)}"
    return vault.look_up_hash("invitation-signature", signed)[:32]
