"""Saved views: pages of cases that an officer wants to come back to, under names of their own."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage.accounts import Officer
from engage.models import SavedView

MOST_VIEWS = 30
LONGEST_NAME = 80


class TooManyViews(Exception):
    """An officer has as many views as fit beside a page. Deleting one helps."""


def of(session: Session, officer: Officer) -> list[SavedView]:
    """The views of an officer, by name."""
    own = select(SavedView).where(SavedView.staff_id == officer.staff_id)
    return list(session.exec(own.order_by(col(SavedView.name), col(SavedView.id))))


def save(session: Session, officer: Officer, name: str, query: str) -> SavedView:
    """Keep a page under a name. The same page saved again is renamed, and the same name then means the new page."""
    own = of(session, officer)
    same = [view for view in own if view.query == query or view.name == name]
    if not same and len(own) >= MOST_VIEWS:
        raise TooManyViews
    kept = same[0] if same else SavedView(staff_id=officer.staff_id, name=name, query=query)
    for other in same[1:]:
        session.delete(other)
    kept.name, kept.query = name, query
    session.add(kept)
    session.flush()
    return kept


def forget(session: Session, officer: Officer, view_id: int) -> None:
    """Delete a view, if it is the officer's own."""
    own = sa.and_(col(SavedView.id) == view_id, col(SavedView.staff_id) == officer.staff_id)
    session.connection().execute(sa.delete(SavedView).where(own))
