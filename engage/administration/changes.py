"""The list of changes: what was changed, by whom, from what to what, and whether it can be taken back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import audit
from engage.accounts import Officer
from engage.administration.refusals import Missing, Refused
from engage.db import add_row
from engage.models import Authority, SettingsChange, Staff
from engage.sites.keeping import count_up
from engage.sites.values import Entry
from engage.taxonomy import Act

LONGEST_REASON = 500
ON_A_PAGE = 50


def _(sentence: str) -> str:
    return sentence


LONG_REASON = _("This reason has %(count)s characters; %(most)s fit.")


@dataclass(frozen=True, slots=True)
class Changed:
    """One change for the list. `undone` is who took it back; `differing` the fields with their old and new value."""

    id: int
    at: datetime
    by: str
    kind: str
    name: str
    reason: str
    differing: tuple[tuple[str, str, str], ...]
    undone: bool
    undoes: int | None
    can_be_undone: bool


def take_turn(session: Session) -> None:
    """Wait for whoever changes settings at this moment; until this transaction ends nobody else does."""
    count_up(session, "settings")


def mark(part: Entry | None) -> str:
    """What a form says of the state it was filled in for, so that a later change is noticed."""
    return mark_of(part.model_dump(mode="json") if part is not None else None)


def mark_of(plain: Any) -> str:
    """The same for plain values."""
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:16]


def checked_reason(reason: str) -> str:
    """A reason as it is kept. Raises `Refused` where it is too long."""
    plain = reason.strip().replace("\0", "␀")
    if len(plain) > LONGEST_REASON:
        raise Refused(LONG_REASON, count=f"{len(plain):,}", most=LONGEST_REASON)
    return plain


def note(
    session: Session,
    officer: Officer | None,
    now: datetime,
    *,
    kind: str,
    name: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    reason: str,
    owner: str | None,
    undoes: int | None = None,
) -> int:
    """Write a change into the list and into the trail. `owner` is the authority that alone sees it, if one does.

    Without an officer a command did it; the trail shows it to the owner then.
    """
    authority_id = session.exec(select(Authority.id).where(Authority.slug == owner)).first() if owner else None
    audit.record(
        session,
        now=now,
        act=Act.SETTINGS_CHANGED,
        staff_id=officer.staff_id or None if officer else None,
        authority_id=officer.authority_id if officer else authority_id,
        about=f"{kind}:{name}",
        reason=reason,
        details=_brief(before, after),
    )
    return add_row(
        session,
        SettingsChange,
        at=now,
        staff_id=officer.staff_id or None if officer else None,
        authority_id=authority_id,
        kind=kind,
        name=name,
        before=before,
        after=after,
        reason=reason,
        undoes_id=undoes,
    )


def _brief(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> dict[str, Any]:
    """Before and after, without what stayed as it was."""
    if before is None or after is None:
        return {"before": before, "after": after}
    same = {key for key in before if key in after and before[key] == after[key]}
    return {
        "before": {key: value for key, value in before.items() if key not in same},
        "after": {key: value for key, value in after.items() if key not in same},
    }


def listed(session: Session, officer: Officer, before_id: int | None = None) -> list[Changed]:
    """The newest changes that an administrator may see, 50 at most, those before a given one."""
    query = (
        select(SettingsChange, Staff.name)
        .outerjoin(Staff, col(Staff.id) == SettingsChange.staff_id)
        .where(_visible(officer))
        .order_by(col(SettingsChange.id).desc())
        .limit(ON_A_PAGE)
    )
    if before_id is not None:
        query = query.where(col(SettingsChange.id) < before_id)
    rows = session.exec(query).all()
    undone = set(
        session.exec(
            select(SettingsChange.undoes_id).where(col(SettingsChange.undoes_id).in_([row.id for row, _name in rows]))
        )
    )
    return [
        Changed(
            id=row.id or 0,
            at=row.at,
            by=name or "",
            kind=row.kind,
            name=row.name,
            reason=row.reason,
            differing=tuple(differing(row.before, row.after)),
            undone=row.id in undone,
            undoes=row.undoes_id,
            can_be_undone=row.id not in undone and can_be_undone(row),
        )
        for row, name in rows
    ]


def find(session: Session, officer: Officer, change_id: int) -> SettingsChange | None:
    """One change, if the administrator may see it."""
    return session.exec(select(SettingsChange).where(SettingsChange.id == change_id, _visible(officer))).first()


def to_undo(session: Session, officer: Officer, change_id: int, *kinds: str) -> SettingsChange:
    """A change of one of these kinds that can still be taken back. Raises `Missing`, and `Refused` where it cannot."""
    change = find(session, officer, change_id)
    if change is None or change.kind not in kinds:
        raise Missing
    if is_undone(session, change_id) or not can_be_undone(change):
        raise Refused(_("This change cannot be taken back any more."))
    return change


def refuse_newer(unchanged: bool) -> None:
    """Refuse to take a change back where the thing is not any more as that change left it."""
    if not unchanged:
        raise Refused(_("It was changed again since. Take the newer change back first."))


def is_undone(session: Session, change_id: int) -> bool:
    """Whether somebody took it back already."""
    return session.exec(select(SettingsChange.id).where(SettingsChange.undoes_id == change_id)).first() is not None


def can_be_undone(change: SettingsChange) -> bool:
    """What was changed can be put back as it was, and what was closed opened again.

    What is new can be taken away only where nothing refers to it: rules, words, guides, targets, replies, calendars
    and shifts.
    """
    comes_and_goes = change.kind in ("rules", "words", "guides", "targets", "replies", "calendars", "shifts")
    return comes_and_goes or change.before is not None


def differing(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[tuple[str, str, str]]:
    """The fields that differ, each with how it was and how it is, in writing."""
    old, new = before or {}, after or {}
    keys = [*old, *(key for key in new if key not in old)]
    return [(key, written(old.get(key)), written(new.get(key))) for key in keys if old.get(key) != new.get(key)]


def written(value: Any) -> str:
    """A plain value as one line of text."""
    if value in (None, "", [], {}, False):
        return ""
    if value is True:
        return "✓"
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {written(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(written(one) for one in value)
    return str(value)


def _visible(officer: Officer) -> sa.ColumnElement[bool]:
    own = col(SettingsChange.authority_id)
    return sa.or_(own.is_(None), own == officer.authority_id)
