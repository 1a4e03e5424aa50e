"""What is said between reporter and staff after the report, and the keys by which a repeated arrival is known."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from engage.models.columns import BigId, UtcDateTime, word
from engage.taxonomy import Channel, Direction


class Message(SQLModel, table=True):
    """One message in a report's conversation. `staff_id` is empty on what the reporter or Engage itself wrote."""

    __tablename__ = "messages"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    case_id: int = Field(foreign_key="cases.id", sa_type=BigId, index=True)
    report_id: int = Field(foreign_key="reports.id", sa_type=BigId, index=True)
    direction: Direction = Field(sa_type=word(Direction, "messages_direction_word"))
    channel: Channel = Field(sa_type=word(Channel, "messages_channel_word"))
    staff_id: int | None = Field(default=None, foreign_key="staff.id", sa_type=BigId)
    text: str = Field(sa_type=sa.Text)
    sent_at: datetime = Field(sa_type=UtcDateTime)


class Arrival(SQLModel, table=True):
    """One thing that came through a door, by the keyed hash of the key it came with: for ever at most once.

    `digest` is the keyed hash of its words, by which a repetition is told from another message under the same key.
    """

    __tablename__ = "arrivals"

    key_hash: str = Field(primary_key=True, max_length=64)
    digest: str = Field(max_length=64)
    report_id: int | None = Field(default=None, foreign_key="reports.id", sa_type=BigId)
    message_id: int | None = Field(default=None, foreign_key="messages.id", sa_type=BigId)
    arrived_at: datetime = Field(sa_type=UtcDateTime)
