"""Posters know how they are made and when they were printed; how often each is opened is counted by the hour."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Let posters have a design, a size, languages and a day of printing, and make the table of counts."""
    op.add_column("posters", sa.Column("design", sa.String(40)))
    op.add_column("posters", sa.Column("size", sa.String(10)))
    op.add_column("posters", sa.Column("languages", sa.String(40)))
    op.add_column("posters", sa.Column("printed_at", MOMENT))
    op.create_table(
        "poster_scans",
        sa.Column("poster_id", BIG_ID, sa.ForeignKey("posters.id"), primary_key=True),
        sa.Column("hour", MOMENT, primary_key=True),
        sa.Column("scans", sa.Integer, nullable=False),
        sa.Column("typed", sa.Integer, nullable=False),
        sa.CheckConstraint("scans >= 0 AND typed >= 0", name="poster_scans_counted"),
    )
