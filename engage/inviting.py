"""Who may invite whom: into which authority and units, to which role, and whom to a new password."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from engage import permissions
from engage.accounts import Officer
from engage.models import Authority, Queue, Site, Staff, StaffUnit, Unit
from engage.permissions import Right
from engage.taxonomy import Role

LONGEST_NAME = 200


def _(sentence: str) -> str:
    return sentence


NAMELESS = _("Write the name of the person, in at most %(most)s characters.")
NOT_YOURS = _("You cannot invite anybody with this role or into this authority.")
SEALED = _(
    "Whoever works in a sealed unit is invited by a member of that unit, or by the command `engage staff invite`."
)
NOBODY = _("There is no such person among those you may invite.")


class InvitationRefused(Exception):
    """An invitation that cannot be made; the sentence says why. Another entry helps."""

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence % values if values else sentence)
        self.sentence = sentence
        self.values = values


def roles_for(by: Officer) -> tuple[Role, ...]:
    """The roles that an officer may invite somebody to: administrators are invited by administrators."""
    administers = permissions.may(by.role, Right.ADMINISTER).allowed
    return tuple(role for role in Role if administers or role is not Role.ADMINISTRATOR)


def authorities_for(session: Session, by: Officer) -> list[Authority]:
    """Where an officer may invite to: their own authority, and for an administrator those where nobody works yet."""
    rows = session.exec(select(Authority).order_by(col(Authority.name), col(Authority.id))).all()
    return [one for one in rows if one.id == by.authority_id or _is_for_first(session, by, one)]


def units_for(session: Session, by: Officer) -> list[Unit]:
    """The units into which an officer may invite."""
    reached = [one.id for one in authorities_for(session, by)]
    rows = session.exec(select(Unit).where(col(Unit.authority_id).in_(reached)).order_by(col(Unit.name))).all()
    return [one for one in rows if one.id in by.unit_ids or not _sealed_units(session, [one.slug])]


def known_of(session: Session, staff_id: int) -> list[str]:
    """What others know of somebody and of where they work: no password is made of it."""
    staff = session.get_one(Staff, staff_id)
    authority = session.get_one(Authority, staff.authority_id)
    sites = session.exec(select(Site.name).order_by(col(Site.id)).limit(50)).all()
    return [staff.login, staff.name, authority.name, authority.slug, *sites]


def may_invite_again(session: Session, by: Officer, staff: Staff) -> bool:
    """Somebody of the same authority, of no higher role, and of no sealed unit that the officer is not in."""
    if staff.authority_id != by.authority_id or staff.role not in roles_for(by):
        return False
    units = session.exec(
        select(Unit.slug).join(StaffUnit, col(StaffUnit.unit_id) == Unit.id).where(StaffUnit.staff_id == staff.id)
    ).all()
    try:
        check_seal(session, by, units)
    except InvitationRefused:
        return False
    return permissions.may(by.role, Right.INVITE).allowed


def check_reach(session: Session, by: Officer, authority: str, role: Role) -> None:
    """Refuse an authority or a role that is not for this officer to invite to."""
    reached = {one.slug for one in authorities_for(session, by)}
    if not permissions.may(by.role, Right.INVITE).allowed or role not in roles_for(by) or authority not in reached:
        raise InvitationRefused(NOT_YOURS)


def check_seal(session: Session, by: Officer, units: Sequence[str]) -> None:
    """Refuse units with a sealed queue, but for those the officer works in: to be put into one opens it."""
    if _sealed_units(session, units) - by.unit_ids:
        raise InvitationRefused(SEALED)


def _sealed_units(session: Session, slugs: Sequence[str]) -> set[int]:
    """The units among these that have a sealed queue."""
    query = select(Unit.id).join(Queue, col(Queue.unit_id) == Unit.id)
    return {one or 0 for one in session.exec(query.where(col(Unit.slug).in_(slugs), col(Queue.sealed).is_(True)))}


def _is_for_first(session: Session, by: Officer, authority: Authority) -> bool:
    if not permissions.may(by.role, Right.ADMINISTER).allowed:
        return False
    return session.exec(select(Staff.id).where(Staff.authority_id == authority.id).limit(1)).first() is None
