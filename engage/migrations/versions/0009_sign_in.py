"""Signing in: second steps, recovery codes, passkeys, pending sign-ins, invitations, and what a session knows."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables of second steps and of links, and let sessions have a name and a proof."""
    op.add_column("staff_sessions", sa.Column("device", sa.String(80), nullable=False, server_default=""))
    op.add_column("staff_sessions", sa.Column("proven_at", MOMENT))
    op.add_column("staff_sessions", sa.Column("wrong_proofs", sa.Integer, nullable=False, server_default="0"))
    _make_second_steps()
    _make_passkeys()
    _make_links()


def _make_second_steps() -> None:
    op.create_table(
        "second_steps",
        sa.Column("staff_id", BIG_ID, sa.ForeignKey("staff.id"), primary_key=True),
        sa.Column("sealed_secret", sa.LargeBinary, nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("last_step", sa.BigInteger, nullable=False),
        sa.Column("wrong_codes", sa.Integer, nullable=False),
        sa.Column("wrong_since", MOMENT),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("code_hash", sa.String(64), primary_key=True),
        sa.Column("staff_id", BIG_ID, sa.ForeignKey("staff.id"), nullable=False, index=True),
        sa.Column("used_at", MOMENT),
    )


def _make_passkeys() -> None:
    op.create_table(
        "passkeys",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("staff_id", BIG_ID, sa.ForeignKey("staff.id"), nullable=False, index=True),
        sa.Column("credential_id", sa.String(1400), nullable=False, unique=True),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
    )
    op.create_table(
        "used_challenges",
        sa.Column("challenge_hash", sa.String(64), primary_key=True),
        sa.Column("used_at", MOMENT, nullable=False, index=True),
    )


def _make_links() -> None:
    op.create_table(
        "pending_sign_ins",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("staff_id", BIG_ID, sa.ForeignKey("staff.id"), nullable=False, index=True),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("begun_at", MOMENT, nullable=False, index=True),
        sa.Column("wrong_tries", sa.Integer, nullable=False),
        sa.Column("ended_at", MOMENT),
    )
    op.create_table(
        "invitations",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("staff_id", BIG_ID, sa.ForeignKey("staff.id"), nullable=False, index=True),
        sa.Column("secret_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("invited_by", BIG_ID, sa.ForeignKey("staff.id")),
        sa.Column("invited_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("renews_second_step", sa.Boolean, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
    )
