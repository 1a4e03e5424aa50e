"""Referrals to other authorities: offers, their steps, what is shared, and copies of reports; cases that are away."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True)
MOMENT = sa.DateTime(timezone=True)
NOT_OVER = sa.text("state IN ('offered', 'accepted')")
OFFERED = sa.text("state = 'offered'")

STATES = "offered accepted declined returned completed expired revoked"
HANDLINGS = "red amber_strict amber green clear"
SIDES = "sender receiver clock"
SEVERITIES = "critical high medium low"
CATEGORIES = (
    "weapon_attack assault_harassment suspicious_behaviour unattended_item trespass_access drone "
    "human_trafficking stowaway_smuggling wildlife_trafficking drugs_contraband cargo_crime theft_fraud "
    "insider_corruption cyber medical fire_hazmat vulnerable_person environment infrastructure_fault "
    "disorder lost_property question_feedback spam"
)
ALARM_KINDS = "new_critical at_risk breached unanswered_offer"
HAPPENINGS = (
    "received triaged routed reporter_wrote claimed released answered noted reclassified transferred "
    "waiting referred resolved closed reopened placed wants_person helped not_helped linked moved not_delivered "
    "opted_out assigned escalated merged designated corrected breached silenced "
    "referral_offered referral_accepted referral_received referral_declined referral_returned referral_completed "
    "referral_expired referral_revoked referral_wrote"
)


def word(words: str, name: str) -> sa.Enum:
    """A column of one word of a list, as the list was at this revision."""
    return sa.Enum(*words.split(), name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    """Make the new tables, and let cases be away, and history and alarms say so."""
    op.add_column("cases", sa.Column("away_at", MOMENT))
    _make_referrals()
    _make_parts()
    _widen("case_events", "what", HAPPENINGS)
    _widen("alarms", "kind", ALARM_KINDS)


def _widen(table_name: str, column: str, words: str) -> None:
    """Let a column hold more words. On SQLite the table is made anew, without the old check."""
    name = f"{table_name}_{column}_word"
    with op.batch_alter_table(table_name) as table:
        if op.get_bind().dialect.name != "sqlite":
            table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, f"{column} IN ({', '.join(repr(one) for one in words.split())})")


def _make_referrals() -> None:
    op.create_table(
        "referrals",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("case_id", BIG_ID, sa.ForeignKey("cases.id"), nullable=False, index=True),
        sa.Column("from_authority_id", BIG_ID, sa.ForeignKey("authorities.id"), nullable=False),
        sa.Column("to_authority_id", BIG_ID, sa.ForeignKey("authorities.id")),
        sa.Column("body", sa.String(200), nullable=False),
        sa.Column("sealed_address", sa.LargeBinary),
        sa.Column("token_hash", sa.String(64), unique=True),
        sa.Column("link_until", MOMENT),
        sa.Column("state", word(STATES, "referrals_state_word"), nullable=False),
        sa.Column("category", word(CATEGORIES, "referrals_category_word"), nullable=False),
        sa.Column("severity", word(SEVERITIES, "referrals_severity_word"), nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("handling", word(HANDLINGS, "referrals_handling_word"), nullable=False),
        sa.Column("joint", sa.Boolean, nullable=False),
        sa.Column("is_sealed", sa.Boolean, nullable=False),
        sa.Column("identity_reason", sa.Text, nullable=False),
        sa.Column("accused", JSON, nullable=False),
        sa.Column("exception", sa.Text, nullable=False),
        sa.Column("receiving_case_id", BIG_ID, sa.ForeignKey("cases.id"), index=True),
        sa.Column("offered_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.CheckConstraint("(to_authority_id IS NULL) = (token_hash IS NOT NULL)", name="referrals_one_receiver"),
    )
    op.create_index(
        "ix_referrals_open", "referrals", ["case_id"], unique=True, sqlite_where=NOT_OVER, postgresql_where=NOT_OVER
    )
    op.create_index("ix_referrals_due", "referrals", ["expires_at"], sqlite_where=OFFERED, postgresql_where=OFFERED)
    op.create_index("ix_referrals_to", "referrals", ["to_authority_id", "id"])
    op.create_index("ix_referrals_from", "referrals", ["from_authority_id", "id"])


def _make_parts() -> None:
    op.create_table(
        "referral_steps",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("referral_id", BIG_ID, sa.ForeignKey("referrals.id"), nullable=False, index=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("side", word(SIDES, "referral_steps_side_word"), nullable=False),
        sa.Column("staff_id", BIG_ID, sa.ForeignKey("staff.id")),
        sa.Column("state", word(STATES, "referral_steps_state_word")),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "shared_pieces",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("referral_id", BIG_ID, sa.ForeignKey("referrals.id"), nullable=False, index=True),
        sa.Column("report_id", BIG_ID, sa.ForeignKey("reports.id"), nullable=False),
        sa.Column("message_id", BIG_ID, sa.ForeignKey("messages.id")),
        sa.Column("finding_id", BIG_ID, sa.ForeignKey("findings.id")),
        sa.Column("attachment_id", BIG_ID, sa.ForeignKey("attachments.id")),
    )
    op.create_table(
        "report_copies",
        sa.Column("copy_id", BIG_ID, sa.ForeignKey("reports.id"), primary_key=True),
        sa.Column("original_id", BIG_ID, sa.ForeignKey("reports.id"), nullable=False, index=True),
        sa.Column("referral_id", BIG_ID, sa.ForeignKey("referrals.id"), nullable=False, index=True),
    )
