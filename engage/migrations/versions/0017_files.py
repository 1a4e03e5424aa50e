"""Files of reports: copies safe to look at, originals kept as evidence, uploads that go on where they stopped."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Let attachments have copies drawn anew, and make the tables of uploads."""
    op.add_column("attachments", sa.Column("sealed_view", sa.LargeBinary))
    op.add_column("attachments", sa.Column("sealed_thumb", sa.LargeBinary))
    op.add_column("attachments", sa.Column("digest", sa.String(64)))
    op.add_column("attachments", sa.Column("as_evidence", sa.Boolean))
    op.add_column("attachments", sa.Column("upload_key", sa.String(64)))
    op.create_index("ix_attachments_upload", "attachments", ["report_id", "upload_key"], unique=True)
    op.create_table(
        "uploads",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("report_id", BIG_ID, sa.ForeignKey("reports.id"), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("received", sa.Integer, nullable=False),
        sa.Column("as_evidence", sa.Boolean, nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False, index=True),
        sa.UniqueConstraint("report_id", "key", name="uploads_key"),
        sa.CheckConstraint("received >= 0 AND received <= size", name="uploads_received"),
    )
    op.create_table(
        "upload_parts",
        sa.Column("upload_id", BIG_ID, sa.ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("sealed_content", sa.LargeBinary, nullable=False),
    )
