"""What must leave the house: intent rows, written in the transaction that decided them."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from engage.models.columns import BigId, UtcDateTime, word
from engage.taxonomy import OutgoingStatus

#: Rows that a worker still has to look at.
UNSENT = "status IN ('queued', 'sending')"


class Outgoing(SQLModel, table=True):
    """One outgoing message. The highest `urgency` goes first. While `leased_until` lies ahead, one worker has it.

    `attempts` counts the leases taken: above one, the gateway is asked whether it has the row before it is sent again.
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
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    case_id: int | None = Field(default=None, foreign_key="cases.id", sa_type=BigId)
    recipient: str = Field(max_length=254)
    subject: str = Field(max_length=300)
    body: str = Field(sa_type=sa.Text)
    urgency: int = Field(default=0)
    status: OutgoingStatus = Field(default=OutgoingStatus.QUEUED, sa_type=word(OutgoingStatus, "outgoing_status_word"))
    attempts: int = Field(default=0)
    due_at: datetime = Field(sa_type=UtcDateTime)
    leased_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    provider_id: str | None = Field(default=None, max_length=254)
    problem: str | None = Field(default=None, max_length=500)
    written_at: datetime = Field(sa_type=UtcDateTime)
