"""Referrals: a case is offered to another authority, what of it is shared, and every step of it."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from engage.models.columns import BigId, Json, UtcDateTime, word
from engage.referring import Side
from engage.taxonomy import Category, Handling, ReferralState, Severity

#: Referrals that are not over. A case has at most one, so that it always has exactly one holder.
NOT_OVER = "state IN ('offered', 'accepted')"
OFFERED = "state = 'offered'"


class Referral(SQLModel, table=True):
    """One offer of a case, and what became of it. `category` and `severity` are those of the case when it was offered.

    `to_authority_id` is empty for a body without an account: `body` is then its name, `sealed_address` where its link
    was sent, `token_hash` the keyed hash of that link's token, which opens nothing after `link_until`. Of a `joint`
    one the sender reads along. `is_sealed`: only members of the receiver's sealed units see it. `receiving_case_id` is
    the receiver's own case, once it is accepted. `accused` are slugs of authorities; `exception` names who decided
    that an accused one gets it all the same, and why.
    """

    __tablename__ = "referrals"
    __table_args__ = (
        sa.Index(
            "ix_referrals_open",
            "case_id",
            unique=True,
            sqlite_where=sa.text(NOT_OVER),
            postgresql_where=sa.text(NOT_OVER),
        ),
        sa.Index("ix_referrals_due", "expires_at", sqlite_where=sa.text(OFFERED), postgresql_where=sa.text(OFFERED)),
        sa.Index("ix_referrals_to", "to_authority_id", "id"),
        sa.Index("ix_referrals_from", "from_authority_id", "id"),
        sa.CheckConstraint("(to_authority_id IS NULL) = (token_hash IS NOT NULL)", name="referrals_one_receiver"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    case_id: int = Field(foreign_key="cases.id", sa_type=BigId, index=True)
    from_authority_id: int = Field(foreign_key="authorities.id", sa_type=BigId)
    to_authority_id: int | None = Field(default=None, foreign_key="authorities.id", sa_type=BigId)
    body: str = Field(default="", max_length=200)
    sealed_address: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    token_hash: str | None = Field(default=None, unique=True, max_length=64)
    link_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    state: ReferralState = Field(sa_type=word(ReferralState, "referrals_state_word"))
    category: Category = Field(sa_type=word(Category, "referrals_category_word"))
    severity: Severity = Field(sa_type=word(Severity, "referrals_severity_word"))
    purpose: str = Field(sa_type=sa.Text)
    note: str = Field(default="", sa_type=sa.Text)
    handling: Handling = Field(sa_type=word(Handling, "referrals_handling_word"))
    joint: bool = Field(default=False)
    is_sealed: bool = Field(default=False)
    identity_reason: str = Field(default="", sa_type=sa.Text)
    accused: list[str] = Field(default_factory=list, sa_type=Json)
    exception: str = Field(default="", sa_type=sa.Text)
    receiving_case_id: int | None = Field(default=None, foreign_key="cases.id", sa_type=BigId, index=True)
    offered_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)

    @property
    def shares_identity(self) -> bool:
        """Whether the receiver is told how to reach the reporter."""
        return bool(self.identity_reason)


class ReferralStep(SQLModel, table=True):
    """One step of a referral: it came to a state, or one side wrote to the other, where `state` is empty."""

    __tablename__ = "referral_steps"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    referral_id: int = Field(foreign_key="referrals.id", sa_type=BigId, index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    side: Side = Field(sa_type=word(Side, "referral_steps_side_word"))
    staff_id: int | None = Field(default=None, foreign_key="staff.id", sa_type=BigId)
    state: ReferralState | None = Field(default=None, sa_type=word(ReferralState, "referral_steps_state_word"))
    text: str = Field(default="", sa_type=sa.Text)


class SharedPiece(SQLModel, table=True):
    """One thing that is shared: a report's own words or, where one of the others is set, a part of its conversation."""

    __tablename__ = "shared_pieces"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    referral_id: int = Field(foreign_key="referrals.id", sa_type=BigId, index=True)
    report_id: int = Field(foreign_key="reports.id", sa_type=BigId)
    message_id: int | None = Field(default=None, foreign_key="messages.id", sa_type=BigId)
    finding_id: int | None = Field(default=None, foreign_key="findings.id", sa_type=BigId)
    attachment_id: int | None = Field(default=None, foreign_key="attachments.id", sa_type=BigId)


class ReportCopy(SQLModel, table=True):
    """A report in the receiver's case is the copy of one of the sender's, made when the referral was accepted."""

    __tablename__ = "report_copies"

    copy_id: int = Field(foreign_key="reports.id", primary_key=True, sa_type=BigId)
    original_id: int = Field(foreign_key="reports.id", sa_type=BigId, index=True)
    referral_id: int = Field(foreign_key="referrals.id", sa_type=BigId, index=True)
