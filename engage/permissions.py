"""Who may what: for each right and role how far it reaches, and why; for a queue whether that is far enough.

The code asks here and never looks at a role itself. What is sealed is within reach of its own unit alone, whatever
the role: not of supervisors, and not of the administrators of the authority or the site.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from engage.taxonomy import Role


class Right(StrEnum):
    """What somebody may do, with the cases of a queue or with the installation."""

    SEE = "see"
    WORK = "work"
    GIVE = "give"
    COUNT = "count"
    READ_CORRECTIONS = "read_corrections"
    READ_TRAIL = "read_trail"
    ADMINISTER = "administer"
    INVITE = "invite"
    KEEP_POSTERS = "keep_posters"


class Reach(StrEnum):
    """How far a right goes: nowhere, to the queues of one's units, or to all of the authority that is not sealed."""

    NOWHERE = "nowhere"
    OWN_UNITS = "own_units"
    AUTHORITY = "authority"


@dataclass(frozen=True, slots=True)
class Ruling:
    """Whether it is allowed, and why."""

    allowed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a case is kept: the queue's authority and unit by their ids, and whether the queue is sealed."""

    authority_id: int
    unit_id: int
    sealed: bool


class Who(Protocol):
    """Somebody who asks; `accounts.Officer` is one."""

    @property
    def role(self) -> Role:
        """Their role."""

    @property
    def authority_id(self) -> int:
        """The authority they belong to."""

    @property
    def unit_ids(self) -> AbstractSet[int]:
        """The units they work in."""


_NOWHERE, _OWN, _ALL = Reach.NOWHERE, Reach.OWN_UNITS, Reach.AUTHORITY

#: Each right with how far it reaches for an officer, supervisor, administrator and analyst, and the reason.
_TABLE: dict[Right, tuple[tuple[Reach, Reach, Reach, Reach], str]] = {
    Right.SEE: (
        (_ALL, _ALL, _OWN, _NOWHERE),
        "Officers and supervisors read the cases of their authority, administrators those of their own units, "
        "analysts none.",
    ),
    Right.WORK: (
        (_OWN, _ALL, _OWN, _NOWHERE),
        "Everybody works the queues of their units, supervisors all of the authority, analysts none.",
    ),
    Right.GIVE: (
        (_OWN, _ALL, _OWN, _NOWHERE),
        "A case is given to somebody by its unit or by a supervisor.",
    ),
    Right.COUNT: (
        (_NOWHERE, _ALL, _NOWHERE, _ALL),
        "Numbers are for supervisors and analysts.",
    ),
    Right.READ_CORRECTIONS: (
        (_NOWHERE, _ALL, _NOWHERE, _NOWHERE),
        "Corrections quote reports, so supervisors alone read them.",
    ),
    Right.READ_TRAIL: (
        (_NOWHERE, _ALL, _NOWHERE, _NOWHERE),
        "Supervisors read the trail of their authority, of sealed queues only as a member of the unit.",
    ),
    Right.ADMINISTER: (
        (_NOWHERE, _NOWHERE, _ALL, _NOWHERE),
        "Sites, places, staff, queues and rules are the administrators'.",
    ),
    Right.INVITE: (
        (_NOWHERE, _ALL, _ALL, _NOWHERE),
        "Supervisors and administrators invite to the staff.",
    ),
    Right.KEEP_POSTERS: (
        (_NOWHERE, _ALL, _ALL, _NOWHERE),
        "Supervisors and administrators watch over posters and replace them.",
    ),
}
_ROLES = (Role.OFFICER, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.ANALYST)


def reach(role: Role, right: Right) -> Reach:
    """How far a right reaches for a role."""
    return _TABLE[right][0][_ROLES.index(role)]


def roles_with(right: Right) -> tuple[Role, ...]:
    """The roles that have a right at all."""
    return tuple(role for role in _ROLES if reach(role, right) is not Reach.NOWHERE)


def may(role: Role, right: Right) -> Ruling:
    """Whether a role has a right at all, as doors ask before they open."""
    return Ruling(reach(role, right) is not Reach.NOWHERE, _TABLE[right][1])


def may_at(who: Who, right: Right, kept: Kept) -> Ruling:
    """Whether somebody has a right to what is kept in a queue; `cases.within` asks a database the same."""
    reached = reach(who.role, right)
    if reached is Reach.NOWHERE:
        return Ruling(False, _TABLE[right][1])
    if kept.authority_id != who.authority_id:
        return Ruling(False, "It is another authority's.")
    if kept.unit_id in who.unit_ids:
        return Ruling(True, "It is of their own unit.")
    if kept.sealed:
        return Ruling(False, "It is sealed, and they are not of its unit.")
    return Ruling(reached is Reach.AUTHORITY, _TABLE[right][1])
