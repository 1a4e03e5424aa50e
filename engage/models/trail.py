"""The trail: who did or saw what, and why, in a chain of hashes."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from engage.models.columns import BigId, UtcDateTime


class AuditEntry(SQLModel, table=True):
    """One entry of the trail. Triggers refuse to change or delete it; `id` counts from 1 without a gap.

    `about` is a kind and a name, such as `case:EN-7K2P-4`; `details` is JSON as `chain.details` writes it; `hash` is
    that of `chain.line`, which ends with `previous`, the hash of the entry before. It refers to no other table: the
    trail stands when what it tells of is gone.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        sa.Index("ix_audit_entries_about", "about", "id"),
        sa.Index("ix_audit_entries_authority", "authority_id", "id"),
        sa.Index(
            "ix_audit_entries_staff",
            "staff_id",
            "id",
            sqlite_where=sa.text("staff_id IS NOT NULL"),
            postgresql_where=sa.text("staff_id IS NOT NULL"),
        ),
        sa.Index("ix_audit_entries_act", "act", "id"),
    )

    id: int = Field(primary_key=True, sa_type=BigId, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=UtcDateTime)
    act: str = Field(max_length=40)
    staff_id: int | None = Field(default=None, sa_type=BigId)
    authority_id: int | None = Field(default=None, sa_type=BigId)
    about: str = Field(max_length=200)
    reason: str = Field(sa_type=sa.Text)
    details: str = Field(sa_type=sa.Text)
    previous: str = Field(max_length=64)
    hash: str = Field(max_length=64)
