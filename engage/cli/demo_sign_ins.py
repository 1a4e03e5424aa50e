"""Who to sign in as, to see the demo from four chairs."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage.installation import Installation
from engage.models import Staff, StaffUnit, Unit
from engage.taxonomy import Responder, Role

CHAIRS = (
    ("police officer", Role.OFFICER, Responder.POLICE),
    ("security officer", Role.OFFICER, Responder.SECURITY),
    ("police supervisor", Role.SUPERVISOR, Responder.POLICE),
    ("administrator", Role.ADMINISTRATOR, Responder.POLICE),
)


@dataclass(frozen=True, slots=True)
class SignIn:
    """A member of the demo's staff, what they are, and their password."""

    what: str
    login: str
    password: str


def sign_ins(installation: Installation) -> list[SignIn]:
    """One member of staff for each chair that the demo has."""
    with installation.database.reading() as session:
        found = [(what, _best_placed(session, role, responder)) for what, role, responder in CHAIRS]
    return [SignIn(what, login, installation.vault.demo_password(login)) for what, login in found if login]


def _best_placed(session: Session, role: Role, responder: Responder) -> str | None:
    """Who works in most units of a kind, and so sees most; the first of the file among equals."""
    query = (
        select(Staff.login)
        .join(StaffUnit, col(StaffUnit.staff_id) == Staff.id)
        .join(Unit, col(Unit.id) == StaffUnit.unit_id)
        .where(Staff.role == role, Unit.responder == responder, col(Staff.active).is_(True))
        .group_by(col(Staff.id), col(Staff.login))
        .order_by(sa.func.count().desc(), col(Staff.id))
    )
    return session.exec(query.limit(1)).first()
