"""How the reporters of a case can be reached, and how far what was said to them got; never at which number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from engage import conversations
from engage.contacts import WHATSAPP_WINDOW
from engage.models import Contact, Message, Outgoing, ReportContact
from engage.taxonomy import Carrier, OutgoingStatus


@dataclass(frozen=True, slots=True)
class Phone:
    """A reporter's phone as staff see it. `open_until`: so long WhatsApp takes answers; None for other carriers.

    `unsafe`: the reporter said that it is not safe to write to it.
    """

    carrier: Carrier
    opted_out: bool
    unsafe: bool
    answerable: bool
    open_until: datetime | None = None

    def takes_texts(self, now: datetime) -> bool:
        """Whether an answer would be sent to it."""
        closed = self.open_until is not None and self.open_until < now
        return self.answerable and not (self.opted_out or self.unsafe or closed)


@dataclass(frozen=True, slots=True)
class Sending:
    """How far one message of ours got on its way to one phone."""

    carrier: Carrier
    status: OutgoingStatus
    problem: str | None
    error_code: int | None


def phones(session: Session, report_ids: Collection[int]) -> dict[int, list[Phone]]:
    """The phones of each report's reporter."""
    found: dict[int, list[Phone]] = defaultdict(list)
    query = (
        select(ReportContact.report_id, Contact)
        .join(Contact, col(Contact.id) == ReportContact.contact_id)
        .where(col(ReportContact.report_id).in_(report_ids))
        .order_by(col(Contact.id))
    )
    for report_id, contact in session.exec(query):
        found[report_id].append(_phone(session, contact))
    return found


def _phone(session: Session, contact: Contact) -> Phone:
    window = None
    if contact.carrier is Carrier.WHATSAPP:
        window = (contact.heard_at or contact.added_at) + WHATSAPP_WINDOW
    return Phone(
        carrier=contact.carrier,
        opted_out=contact.opted_out_at is not None,
        unsafe=conversations.is_unsafe(session, contact.id or 0),
        answerable=contact.answerable,
        open_until=window,
    )


def sendings(session: Session, case_id: int) -> dict[int, list[Sending]]:
    """The ways out of each message of a case, by the message's id."""
    found: dict[int, list[Sending]] = defaultdict(list)
    query = (
        sa.select(
            col(Outgoing.message_id),
            col(Outgoing.carrier),
            col(Outgoing.status),
            col(Outgoing.problem),
            col(Outgoing.error_code),
        )
        .join(Message, col(Message.id) == Outgoing.message_id)
        .where(col(Message.case_id) == case_id)
        .order_by(col(Outgoing.id))
    )
    for row in session.connection().execute(query):
        found[row.message_id].append(Sending(row.carrier, row.status, row.problem, row.error_code))
    return found
