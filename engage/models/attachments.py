"""Pictures and files that came with a message."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from engage.models.columns import BigId, UtcDateTime, word
from engage.taxonomy import AttachmentStatus

#: Rows that a worker still has to fetch.
UNFETCHED = "status = 'waiting'"


class Attachment(SQLModel, table=True):
    """One file of a report. The provider holds it at `source` until a worker has fetched it; an upload has none.

    `message_id` is empty where it came with the report itself. `position` counts from 0 within one message.
    `sealed_view` and `sealed_thumb` are a picture drawn anew; `sealed_content` is the file as it came, kept where the
    reporter wanted it as evidence or where it is no picture, and `digest` its SHA-256 in hexadecimal digits.
    `upload_key` tells an upload that is sent again.
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
        sa.Index("ix_attachments_upload", "report_id", "upload_key", unique=True),
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
    sealed_view: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    sealed_thumb: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    digest: str | None = Field(default=None, max_length=64)
    as_evidence: bool | None = Field(default=None)
    upload_key: str | None = Field(default=None, max_length=64)


class Upload(SQLModel, table=True):
    """A file that is on its way in parts: so many of its bytes are here. It becomes an attachment when all are."""

    __tablename__ = "uploads"
    __table_args__ = (
        sa.UniqueConstraint("report_id", "key", name="uploads_key"),
        sa.CheckConstraint("received >= 0 AND received <= size", name="uploads_received"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    report_id: int = Field(foreign_key="reports.id", sa_type=BigId)
    key: str = Field(max_length=64)
    size: int
    received: int
    as_evidence: bool
    begun_at: datetime = Field(sa_type=UtcDateTime, index=True)


class UploadPart(SQLModel, table=True):
    """A part of an upload, sealed, by where it begins."""

    __tablename__ = "upload_parts"

    upload_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True)
    )
    position: int = Field(primary_key=True)
    sealed_content: bytes = Field(sa_type=sa.LargeBinary)
