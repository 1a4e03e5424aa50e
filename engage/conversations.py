"""Conversations: where a contact or a chat's visitor stands, and the report they are talking about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import relays, wording
from engage.db import add_row
from engage.dialogue import Current, Pending, State
from engage.languages import say
from engage.models import Case, Contact, Conversation, Report, ReportContact
from engage.taxonomy import Category


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation that is being heard: its row, its state, its report and case."""

    row: Conversation
    state: State
    report: Report | None
    case: Case | None

    def current(self, language: str) -> Current | None:
        """The report under way as the dialogue needs it; `language` is that of its standing."""
        if self.report is None or self.case is None:
            return None
        return Current(
            reference=self.report.reference,
            place_id=self.report.place_id,
            category=self.case.category,
            severity=self.case.severity,
            status=self.case.status,
            staffed=self.case.holder_id is not None,
            standing=say(language, wording.STANDING[self.case.status]),
        )


def of_contact(session: Session, contact: Contact, now: datetime) -> Talk:
    """The conversation of a contact, begun when it is their first word."""
    query = select(Conversation).where(Conversation.contact_id == contact.id)
    found = session.exec(query).first()
    if found is None:
        row_id = add_row(
            session, Conversation, contact_id=contact.id, visitor_hash=None, report_id=None, state={}, heard_at=now
        )
        found = session.get_one(Conversation, row_id)
    return _talk(session, found)


def of_visitor(session: Session, visitor_hash: str, now: datetime) -> Talk:
    """The conversation of a chat's visitor, begun when it is their first word; locked until the transaction ends."""
    query = select(Conversation).where(Conversation.visitor_hash == visitor_hash).with_for_update()
    found = session.exec(query).first()
    if found is None:
        row_id = add_row(
            session, Conversation, contact_id=None, visitor_hash=visitor_hash, report_id=None, state={}, heard_at=now
        )
        found = session.get_one(Conversation, row_id)
    return _talk(session, found)


def _talk(session: Session, row: Conversation) -> Talk:
    report = session.get(Report, row.report_id) if row.report_id else None
    case = relays.held_case(session, report) if report else None
    return Talk(row, State.of(row.state), report, case)


def expect(session: Session, report: Report, pending: Pending) -> bool:
    """What a reporter says next answers this. Every conversation that they may say it in turns to the report.

    False where there is none, because they came by a web form. `report` may be a copy that another authority has.
    """
    report = relays.told(session, report)
    tied = sa.select(col(ReportContact.contact_id)).where(col(ReportContact.report_id) == report.id)
    mine = sa.or_(col(Conversation.contact_id).in_(tied), col(Conversation.report_id) == report.id)
    found = list(session.exec(select(Conversation).where(mine)))
    for row in found:
        row.state = replace(State.of(row.state), pending=pending, options=()).kept()
        row.report_id = report.id
        session.add(row)
    session.flush()
    return bool(found)


def talks_about(session: Session, report: Report) -> bool:
    """Whether anybody's conversation is about a report now."""
    return session.exec(select(Conversation.id).where(Conversation.report_id == report.id)).first() is not None


def turn_to(session: Session, old: Report, new: Report, topic: Category) -> None:
    """Every conversation about one report is about another one from now on, and our last question is void."""
    for row in session.exec(select(Conversation).where(Conversation.report_id == old.id)):
        state = replace(State.of(row.state), pending=Pending.NOTHING, options=(), asked=(), topic=topic)
        row.state, row.report_id = state.kept(), new.id
        session.add(row)
    session.flush()


def is_unsafe(session: Session, contact_id: int) -> bool:
    """Whether a reporter has told us that it is not safe to write to their phone."""
    row = session.exec(select(Conversation).where(Conversation.contact_id == contact_id)).first()
    return row is not None and State.of(row.state).safe is False


def save(session: Session, row: Conversation, state: State, report_id: int | None, now: datetime) -> None:
    """Keep where a conversation stands."""
    row.state, row.report_id, row.heard_at = state.kept(), report_id, now
    session.add(row)
    session.flush()
