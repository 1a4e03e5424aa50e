"""What must leave the house: intent rows, written in the transaction that decided them."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from engage.models.columns import BigId, UtcDateTime, word
from engage.taxonomy import Carrier, OutgoingStatus

#: Rows that a worker still has to look at.
UNSENT = "status IN ('queued', 'sending')"


class Outgoing(SQLModel, table=True):
    """One outgoing message. The highest `urgency` goes first. While `leased_until` lies ahead, one worker has it.

    `attempts` counts the leases taken: above one, the gateway is asked whether it has the row before it is sent again.

    `recipient` is the address of a unit; that of a reporter is `sealed_recipient`. `lane` names the recipient without
    saying who it is: of one lane, only the oldest unsent row may be taken up. `sender` is our number, `message_id` the
    message of a thread whose way this row is; `sealed_body` stands instead of `body` where it holds an access code.
    `segments` counts the texts that it is paid as; 0 for mail.
    """

    __tablename__ = "outgoing"
    __table_args__ = (
        sa.Index(
            "ix_outgoing_unsent",
            "urgency",
            "due_at",
            "id",
            sqlite_where=sa.text(UNSENT),
            postgresql_where=sa.text(UNSENT),
        ),
        sa.Index("ix_outgoing_lane", "lane", "id", sqlite_where=sa.text(UNSENT), postgresql_where=sa.text(UNSENT)),
        sa.Index("ix_outgoing_paid", "carrier", "first_tried_at"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    case_id: int | None = Field(default=None, foreign_key="cases.id", sa_type=BigId, index=True)
    recipient: str = Field(max_length=254)
    subject: str = Field(max_length=300)
    body: str = Field(sa_type=sa.Text)
    urgency: int = Field(default=0)
    status: OutgoingStatus = Field(default=OutgoingStatus.QUEUED, sa_type=word(OutgoingStatus, "outgoing_status_word"))
    attempts: int = Field(default=0)
    due_at: datetime = Field(sa_type=UtcDateTime)
    leased_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    provider_id: str | None = Field(default=None, max_length=254, index=True)
    problem: str | None = Field(default=None, max_length=500)
    written_at: datetime = Field(sa_type=UtcDateTime)
    message_id: int | None = Field(default=None, foreign_key="messages.id", sa_type=BigId, index=True)
    contact_id: int | None = Field(default=None, foreign_key="contacts.id", sa_type=BigId)
    carrier: Carrier = Field(default=Carrier.MAIL, sa_type=word(Carrier, "outgoing_carrier_word"))
    sealed_recipient: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    sealed_body: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    lane: str | None = Field(default=None, max_length=64)
    sender: str | None = Field(default=None, max_length=40)
    segments: int = Field(default=0)
    first_tried_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error_code: int | None = Field(default=None)
