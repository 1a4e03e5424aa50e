"""Who may what, as one table: each right, role and queue, with a reason for every answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product

import pytest

from engage.permissions import Kept, Right, may, may_at, roles_with
from engage.taxonomy import Role

OURS, THEIRS = 1, 2
OWN_UNIT, OTHER_UNIT = 10, 11
QUEUES = {
    "own": Kept(OURS, OWN_UNIT, sealed=False),
    "own, sealed": Kept(OURS, OWN_UNIT, sealed=True),
    "other unit's": Kept(OURS, OTHER_UNIT, sealed=False),
    "other unit's, sealed": Kept(OURS, OTHER_UNIT, sealed=True),
    "foreign": Kept(THEIRS, OTHER_UNIT, sealed=False),
    "foreign, sealed": Kept(THEIRS, OTHER_UNIT, sealed=True),
}
OWN = {"own", "own, sealed"}
OPEN = {*OWN, "other unit's"}
#: What each right reaches for an officer, a supervisor, an administrator and an analyst.
REACHED: dict[Right, tuple[set[str], set[str], set[str], set[str]]] = {
    Right.SEE: (OPEN, OPEN, OWN, set()),
    Right.WORK: (OWN, OPEN, OWN, set()),
    Right.GIVE: (OWN, OPEN, OWN, set()),
    Right.COUNT: (set(), OPEN, set(), OPEN),
    Right.READ_CORRECTIONS: (set(), OPEN, set(), set()),
    Right.READ_TRAIL: (set(), OPEN, set(), set()),
    Right.ADMINISTER: (set(), set(), OPEN, set()),
    Right.INVITE: (set(), OPEN, OPEN, set()),
    Right.KEEP_POSTERS: (set(), OPEN, OPEN, set()),
}


@dataclass(frozen=True)
class Somebody:
    role: Role
    authority_id: int = OURS
    unit_ids: frozenset[int] = field(default=frozenset({OWN_UNIT}))


@pytest.mark.parametrize(("right", "role"), list(product(Right, Role)))
def test_each_right_reaches_so_far_and_says_why(right: Right, role: Role) -> None:
    rulings = {name: may_at(Somebody(role), right, kept) for name, kept in QUEUES.items()}
    expected = REACHED[right][list(Role).index(role)]
    assert {name for name, ruling in rulings.items() if ruling.allowed} == expected
    assert all(ruling.reason.endswith(".") for ruling in rulings.values())
    assert may(role, right).allowed is bool(expected)
    assert (role in roles_with(right)) is bool(expected)


@pytest.mark.parametrize(("right", "role"), list(product(Right, Role)))
def test_nobody_without_a_unit_reaches_what_is_sealed_or_foreign(right: Right, role: Role) -> None:
    homeless = Somebody(role, unit_ids=frozenset())
    for name, kept in QUEUES.items():
        assert not (may_at(homeless, right, kept).allowed and ("sealed" in name or "foreign" in name))
