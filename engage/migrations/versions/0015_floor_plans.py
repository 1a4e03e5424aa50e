"""Floor plans with pins, and pictures of places."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "floor_plans",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("site_id", BIG_ID, sa.ForeignKey("sites.id"), nullable=False),
        sa.Column("zone_id", BIG_ID, sa.ForeignKey("zones.id")),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("content_type", sa.String(32), nullable=False),
        sa.Column("sealed_content", sa.LargeBinary, nullable=False),
        sa.Column("width", sa.Float, nullable=False),
        sa.Column("height", sa.Float, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("staff_id", BIG_ID, sa.ForeignKey("staff.id")),
        sa.Column("changed_at", MOMENT, nullable=False),
    )
    op.create_index("ix_floor_plans_site_id", "floor_plans", ["site_id"])
    op.create_table(
        "plan_pins",
        sa.Column("plan_id", BIG_ID, sa.ForeignKey("floor_plans.id"), primary_key=True),
        sa.Column("place_id", BIG_ID, sa.ForeignKey("places.id"), primary_key=True),
        sa.Column("x", sa.Float, nullable=False),
        sa.Column("y", sa.Float, nullable=False),
        sa.CheckConstraint("x BETWEEN 0 AND 1 AND y BETWEEN 0 AND 1", name="plan_pins_on_the_plan"),
    )
    op.create_index("ix_plan_pins_place_id", "plan_pins", ["place_id"])
    op.create_table(
        "place_photos",
        sa.Column("place_id", BIG_ID, sa.ForeignKey("places.id"), primary_key=True),
        sa.Column("picture", sa.LargeBinary, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("staff_id", BIG_ID, sa.ForeignKey("staff.id")),
        sa.Column("changed_at", MOMENT, nullable=False),
    )
