"""Traces of reports, by which reports of one event are found; what finds the cases that were merged into one."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
CATEGORIES = (
    "weapon_attack assault_harassment suspicious_behaviour unattended_item trespass_access drone "
    "human_trafficking stowaway_smuggling wildlife_trafficking drugs_contraband cargo_crime theft_fraud "
    "insider_corruption cyber medical fire_hazmat vulnerable_person environment infrastructure_fault "
    "disorder lost_property question_feedback spam"
)


def upgrade() -> None:
    """Make the two tables, empty: only reports of the last hour are compared."""
    category = sa.Enum(
        *CATEGORIES.split(),
        name="report_traces_category_word",
        native_enum=False,
        create_constraint=True,
        length=32,
    )
    op.create_table(
        "report_traces",
        sa.Column("report_id", BIG_ID, sa.ForeignKey("reports.id"), primary_key=True),
        sa.Column("site_id", BIG_ID, sa.ForeignKey("sites.id"), nullable=False),
        sa.Column("zone_id", BIG_ID, sa.ForeignKey("zones.id")),
        sa.Column("place_id", BIG_ID, sa.ForeignKey("places.id")),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("category", category, nullable=False),
        sa.Column("terms", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("told_at", MOMENT, nullable=False),
    )
    op.create_table(
        "trace_terms",
        sa.Column("site_id", BIG_ID, sa.ForeignKey("sites.id"), primary_key=True),
        sa.Column("term", sa.String(40), primary_key=True),
        sa.Column("report_id", BIG_ID, sa.ForeignKey("reports.id"), primary_key=True),
        sa.Column("told_at", MOMENT, nullable=False, index=True),
    )
    merged = sa.text("merged_into_id IS NOT NULL")
    op.create_index("ix_cases_merged", "cases", ["merged_into_id"], sqlite_where=merged, postgresql_where=merged)
