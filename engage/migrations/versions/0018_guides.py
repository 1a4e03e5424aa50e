"""Guides that an authority wrote itself, and what a quiz found by unit."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True)
MOMENT = sa.DateTime(timezone=True)
CATEGORIES = (
    "weapon_attack assault_harassment suspicious_behaviour unattended_item trespass_access drone "
    "human_trafficking stowaway_smuggling wildlife_trafficking drugs_contraband cargo_crime "
    "theft_fraud insider_corruption cyber medical fire_hazmat vulnerable_person environment "
    "infrastructure_fault disorder lost_property question_feedback spam"
)


def _category(name: str) -> sa.Enum:
    return sa.Enum(*CATEGORIES.split(), native_enum=False, create_constraint=True, length=32, name=name)


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "guide_texts",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("category", _category("guide_texts_category_word"), nullable=False),
        sa.Column("guide", JSON, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.UniqueConstraint("language", "category"),
    )
    op.create_table(
        "quiz_results",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("form_key", sa.String(64), nullable=False, unique=True),
        sa.Column("unit_id", BIG_ID, sa.ForeignKey("units.id"), nullable=False, index=True),
        sa.Column("category", _category("quiz_results_category_word"), nullable=False),
        sa.Column("right_answers", sa.Integer, nullable=False),
        sa.Column("on_day", sa.Date, nullable=False),
        sa.Column("staff_id", BIG_ID, sa.ForeignKey("staff.id")),
    )
