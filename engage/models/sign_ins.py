"""What proves that somebody is who they say: second steps, passkeys, recovery codes, and the links that invite."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from engage.models.columns import BigId, UtcDateTime


class SecondStep(SQLModel, table=True):
    """The authenticator app of a member of staff. Its secret is sealed; `last_step` is the newest code's 30 seconds.

    `wrong_codes` counts the wrong codes since `wrong_since`, so that six digits cannot be guessed by trying.
    """

    __tablename__ = "second_steps"

    staff_id: int = Field(foreign_key="staff.id", sa_type=BigId, primary_key=True)
    sealed_secret: bytes = Field(sa_type=sa.LargeBinary)
    added_at: datetime = Field(sa_type=UtcDateTime)
    last_step: int = Field(sa_type=sa.BigInteger)
    wrong_codes: int = Field(default=0)
    wrong_since: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RecoveryCode(SQLModel, table=True):
    """One of ten codes for the day the phone is lost, kept as a keyed hash. It opens once."""

    __tablename__ = "recovery_codes"

    code_hash: str = Field(primary_key=True, max_length=64)
    staff_id: int = Field(foreign_key="staff.id", sa_type=BigId, index=True)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Passkey(SQLModel, table=True):
    """A key that a device or its owner's account holds (WebAuthn). Only the public half is here."""

    __tablename__ = "passkeys"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    staff_id: int = Field(foreign_key="staff.id", sa_type=BigId, index=True)
    credential_id: str = Field(unique=True, max_length=1400)
    public_key: bytes = Field(sa_type=sa.LargeBinary)
    sign_count: int = Field(sa_type=sa.BigInteger)
    name: str = Field(max_length=80)
    added_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class UsedChallenge(SQLModel, table=True):
    """A question that a passkey has answered. It is not asked, and no answer to it counts, a second time."""

    __tablename__ = "used_challenges"

    challenge_hash: str = Field(primary_key=True, max_length=64)
    used_at: datetime = Field(sa_type=UtcDateTime, index=True)


class PendingSignIn(SQLModel, table=True):
    """A sign-in whose password was right and whose second step is still to come."""

    __tablename__ = "pending_sign_ins"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    staff_id: int = Field(foreign_key="staff.id", sa_type=BigId, index=True)
    token_hash: str = Field(unique=True, max_length=64)
    begun_at: datetime = Field(sa_type=UtcDateTime, index=True)
    wrong_tries: int = Field(default=0)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Invitation(SQLModel, table=True):
    """A link by which a member of staff sets a password, once. Its secret is kept as a keyed hash only.

    `renews_second_step` drops the authenticator app, passkeys and recovery codes of whoever follows it: for a lost
    phone. Nobody has `invited_by` where a command made the link.
    """

    __tablename__ = "invitations"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    staff_id: int = Field(foreign_key="staff.id", sa_type=BigId, index=True)
    secret_hash: str = Field(unique=True, max_length=64)
    invited_by: int | None = Field(default=None, foreign_key="staff.id", sa_type=BigId)
    invited_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    renews_second_step: bool = Field(default=False)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
