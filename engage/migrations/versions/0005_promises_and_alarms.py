"""Since when a case promises, how long it stood still, when it rings next; how often an alarm rang; staff's mail."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

MOMENT = sa.DateTime(timezone=True)
WILL_RING = sa.text("alarm_at IS NOT NULL")
ANSWERED = sa.text("responded_at IS NOT NULL")


def upgrade() -> None:
    """Add the columns and what finds their rows."""
    for name in ("promised_from", "risk_at", "alarm_at"):
        op.add_column("cases", sa.Column(name, MOMENT))
    op.add_column("cases", sa.Column("paused_seconds", sa.Integer, nullable=False, server_default="0"))
    op.create_index("ix_cases_alarm", "cases", ["alarm_at", "id"], sqlite_where=WILL_RING, postgresql_where=WILL_RING)
    op.create_index(
        "ix_cases_answered", "cases", ["queue_id", "responded_at"], sqlite_where=ANSWERED, postgresql_where=ANSWERED
    )
    op.add_column("alarms", sa.Column("rings", sa.Integer, nullable=False, server_default="0"))
    op.add_column("staff", sa.Column("mailbox", sa.String(254)))
