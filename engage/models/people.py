"""The staff: who they are, which units they work in, and where they are signed in."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from engage.models.columns import BigId, UtcDateTime, word
from engage.taxonomy import Role


class Staff(SQLModel, table=True):
    """One member of an authority's staff. `password_hash` is argon2id in its own text form.

    `mailbox` is where a supervisor hears of alarms that went up.
    """

    __tablename__ = "staff"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    login: str = Field(unique=True, max_length=64)
    name: str = Field(max_length=200)
    authority_id: int = Field(foreign_key="authorities.id", sa_type=BigId, index=True)
    role: Role = Field(default=Role.OFFICER, sa_type=word(Role, "staff_role_word"))
    password_hash: str = Field(max_length=300)
    active: bool = Field(default=True)
    mailbox: str | None = Field(default=None, max_length=254)


class StaffUnit(SQLModel, table=True):
    """A member of staff works in a unit."""

    __tablename__ = "staff_units"

    staff_id: int = Field(foreign_key="staff.id", sa_type=BigId, primary_key=True)
    unit_id: int = Field(foreign_key="units.id", sa_type=BigId, primary_key=True)


class StaffSession(SQLModel, table=True):
    """One sign-in on one device. Its token is kept as a keyed hash only; `ended_at` ends it at once.

    `device` is what the officer calls the device, or its browser's family. `proven_at` is when they last proved here
    that they are who they are, and `wrong_proofs` counts the failures since.
    """

    __tablename__ = "staff_sessions"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    staff_id: int = Field(foreign_key="staff.id", sa_type=BigId, index=True)
    token_hash: str = Field(unique=True, max_length=64)
    started_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    device: str = Field(default="", max_length=80, sa_column_kwargs={"server_default": ""})
    proven_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    wrong_proofs: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
