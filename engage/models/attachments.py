"""Pictures and files that came with a message."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from engage.models.columns import BigId, UtcDateTime, word
from engage.taxonomy import AttachmentStatus

#: Rows that a worker still has to fetch.
UNFETCHED = "status = 'waiting'"


class Attachment(SQLModel, table=True):
    """One file of a report. The provider holds it at `source` until a worker has fetched it into `sealed_content`.

    `message_id` is empty where it came with the report itself. `position` counts from 0 within one message.
    """

    __tablename__ = "attachments"
    __table_args__ = (
        sa.Index(
            "ix_attachments_unfetched",
            "due_at",
            "id",
            sqlite_where=sa.text(UNFETCHED),
            postgresql_where=sa.text(UNFETCHED),
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    report_id: int = Field(foreign_key="reports.id", sa_type=BigId, index=True)
    message_id: int | None = Field(default=None, foreign_key="messages.id", sa_type=BigId)
    position: int
    content_type: str = Field(max_length=100)
    source: str = Field(max_length=500)
    status: AttachmentStatus = Field(sa_type=word(AttachmentStatus, "attachments_status_word"))
    sealed_content: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    size: int | None = Field(default=None)
    attempts: int = Field(default=0)
    due_at: datetime = Field(sa_type=UtcDateTime)
    leased_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    problem: str | None = Field(default=None, max_length=500)
    arrived_at: datetime = Field(sa_type=UtcDateTime)
