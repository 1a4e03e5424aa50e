"""Who asked to see a sealed contact, why, who agreed, and when it was seen."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from engage.models.columns import BigId, UtcDateTime


class ContactOpening(SQLModel, table=True):
    """One asking to see one contact of a case. It is open while `allowed` is empty, and counts for one look.

    `decided_by` is another than `asked_by`, and empty where the authority asks for no second person.
    """

    __tablename__ = "contact_openings"
    __table_args__ = (
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="contact_openings_two_persons"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    case_id: int = Field(foreign_key="cases.id", sa_type=BigId, index=True)
    contact_id: int = Field(foreign_key="contacts.id", sa_type=BigId, index=True)
    asked_by: int = Field(foreign_key="staff.id", sa_type=BigId)
    asked_at: datetime = Field(sa_type=UtcDateTime)
    reason: str = Field(sa_type=sa.Text)
    quiet: bool = Field(default=False)
    allowed: bool | None = Field(default=None)
    decided_by: int | None = Field(default=None, foreign_key="staff.id", sa_type=BigId)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    opened_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
