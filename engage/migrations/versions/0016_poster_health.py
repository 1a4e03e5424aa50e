"""What is known of a poster on its wall: inspections, warnings, what replaced it."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
STANDING = sa.text("ended_at IS NULL")
CONDITIONS = "in_place damaged sticker_found missing"
TROUBLES = "sticker silent impossible_rhythm more_typed missing elsewhere retired_scanned damaged not_inspected"


def word(words: str, name: str) -> sa.Enum:
    """A column of one word of a list, as the list was at this revision."""
    return sa.Enum(*words.split(), name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    """Make the tables, let sites say how often to inspect, and count who stands elsewhere."""
    op.add_column("sites", sa.Column("inspection_days", sa.Integer))
    for name in ("outdated", "elsewhere"):
        op.add_column("poster_scans", sa.Column(name, sa.Integer, nullable=False, server_default="0"))
    _make_inspections()
    _make_warnings()
    op.create_table(
        "poster_replacements",
        sa.Column("old_id", BIG_ID, sa.ForeignKey("posters.id"), primary_key=True),
        sa.Column("new_id", BIG_ID, sa.ForeignKey("posters.id"), nullable=False, unique=True),
        sa.Column("staff_id", BIG_ID, sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("replaced_at", MOMENT, nullable=False),
    )


def _make_inspections() -> None:
    op.create_table(
        "poster_inspections",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("poster_id", BIG_ID, sa.ForeignKey("posters.id"), nullable=False),
        sa.Column("staff_id", BIG_ID, sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("found", word(CONDITIONS, "poster_inspections_found_word"), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("sealed_photo", sa.LargeBinary),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.UniqueConstraint("staff_id", "key"),
    )
    op.create_index("ix_poster_inspections_latest", "poster_inspections", ["poster_id", "made_at"])


def _make_warnings() -> None:
    op.create_table(
        "poster_warnings",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("poster_id", BIG_ID, sa.ForeignKey("posters.id"), nullable=False),
        sa.Column("kind", word(TROUBLES, "poster_warnings_kind_word"), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("counted", sa.Integer, nullable=False),
        sa.Column("against", sa.Float, nullable=False),
        sa.Column("raised_at", MOMENT, nullable=False),
        sa.Column("told_at", MOMENT),
        sa.Column("ended_at", MOMENT),
    )
    op.create_index("ix_poster_warnings_poster_id", "poster_warnings", ["poster_id"])
    op.create_index(
        "ix_poster_warnings_standing",
        "poster_warnings",
        ["poster_id", "kind"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )
