"""Who can be reached without a name: sealed addresses, and where each conversation with Engage stands."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from engage.models.columns import BigId, Json, UtcDateTime, word
from engage.taxonomy import Carrier


class Contact(SQLModel, table=True):
    """One phone as one carrier knows it. Its number is sealed, and found again by a keyed hash of carrier and number.

    `our_number` is the one of ours that they wrote to, from which they are answered. `answerable` is false for senders
    that no text reaches: short codes, names, and our own numbers. `courtesy_at` is when they last got an automatic
    word that no conversation asked for.
    """

    __tablename__ = "contacts"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    address_hash: str = Field(unique=True, max_length=64)
    carrier: Carrier = Field(sa_type=word(Carrier, "contacts_carrier_word"))
    sealed_address: bytes = Field(sa_type=sa.LargeBinary)
    our_number: str | None = Field(default=None, max_length=40)
    answerable: bool = Field(default=True)
    opted_out_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    heard_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    courtesy_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    added_at: datetime = Field(sa_type=UtcDateTime)


class Conversation(SQLModel, table=True):
    """Where one contact, or one browser in the chat, stands with Engage. `report_id` is the report they talk about.

    `state` is `dialogue.State` as plain values.
    """

    __tablename__ = "conversations"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    contact_id: int | None = Field(default=None, foreign_key="contacts.id", unique=True, sa_type=BigId)
    visitor_hash: str | None = Field(default=None, unique=True, max_length=64)
    report_id: int | None = Field(default=None, foreign_key="reports.id", sa_type=BigId, index=True)
    state: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    heard_at: datetime = Field(sa_type=UtcDateTime)


class ReportContact(SQLModel, table=True):
    """A report's reporter can be reached at a contact: they wrote from it, or linked it with a one-time word."""

    __tablename__ = "report_contacts"

    report_id: int = Field(foreign_key="reports.id", primary_key=True, sa_type=BigId)
    contact_id: int = Field(foreign_key="contacts.id", primary_key=True, sa_type=BigId, index=True)


class LinkWord(SQLModel, table=True):
    """A short word that, texted once, ties the sender's phone to a report. Kept as a keyed hash."""

    __tablename__ = "link_words"

    word_hash: str = Field(primary_key=True, max_length=64)
    report_id: int = Field(foreign_key="reports.id", sa_type=BigId, index=True)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AnswerNotice(SQLModel, table=True):
    """Where a reporter wants to hear that an answer waits, and nothing else; sealed, erased when the case ends."""

    __tablename__ = "answer_notices"

    report_id: int = Field(foreign_key="reports.id", primary_key=True, sa_type=BigId)
    carrier: Carrier = Field(sa_type=word(Carrier, "answer_notices_carrier_word"))
    sealed_address: bytes = Field(sa_type=sa.LargeBinary)
    language: str = Field(max_length=8)
