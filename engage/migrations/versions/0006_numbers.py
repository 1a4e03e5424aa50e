"""The newest cases of a queue, found for the numbers that supervisors look at."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add what finds them."""
    op.create_index("ix_cases_opened", "cases", ["queue_id", "opened_at", "id"])
