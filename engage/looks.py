"""Who has a case on the screen now: two officers at one case see each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from engage import audit
from engage.accounts import Officer
from engage.models import Case, Look, Staff
from engage.taxonomy import Act

#: A look counts for so long; the page renews it three times in that.
LASTS: Final = timedelta(seconds=30)
_INSERT: Final[dict[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody else who looks at a case now."""

    name: str
    typing: bool


def open_page(session: Session, officer: Officer, case: Case, now: datetime) -> None:
    """An officer is given the page of a case: colleagues see it, and the trail keeps it, once an hour."""
    look(session, case.id or 0, officer.staff_id, now, typing=False)
    audit.record_once_an_hour(
        session,
        now=now,
        act=Act.CASE_READ,
        staff_id=officer.staff_id,
        authority_id=officer.authority_id,
        about=audit.about_case(case.reference),
    )


def look(session: Session, case_id: int, staff_id: int, now: datetime, *, typing: bool) -> None:
    """An officer has a case on the screen, and perhaps writes."""
    insert = _INSERT[session.get_bind().dialect.name](Look).values(
        case_id=case_id, staff_id=staff_id, looked_at=now, typing=typing
    )
    keys = [Look.__table__.c.case_id, Look.__table__.c.staff_id]  # type: ignore[attr-defined]
    session.connection().execute(
        insert.on_conflict_do_update(index_elements=keys, set_={"looked_at": now, "typing": typing})
    )


def leave(session: Session, case_id: int, staff_id: int) -> None:
    """An officer has left the page."""
    own = sa.and_(col(Look.case_id) == case_id, col(Look.staff_id) == staff_id)
    session.connection().execute(sa.delete(Look).where(own))


def others(session: Session, case_id: int, staff_id: int, now: datetime) -> list[Colleague]:
    """Who else looks at a case now, by name."""
    query = (
        sa.select(col(Staff.name), col(Look.typing))
        .join(Staff, col(Staff.id) == Look.staff_id)
        .where(col(Look.case_id) == case_id, col(Look.staff_id) != staff_id, col(Look.looked_at) > now - LASTS)
        .order_by(col(Staff.name))
    )
    return [Colleague(row.name, bool(row.typing)) for row in session.connection().execute(query)]
