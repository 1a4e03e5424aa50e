"""Roles: administrators, and analysts who see numbers and no texts; what administrators change in the browser."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True)
MOMENT = sa.DateTime(timezone=True)

OLD_ROLES = "role IN ('officer', 'supervisor')"
ROLES = "role IN ('officer', 'supervisor', 'administrator', 'analyst')"


def upgrade() -> None:
    """Let staff have the new roles, and make what administrators change."""
    _widen_roles()
    _let_things_retire()
    _make_changes()
    _make_words()
    _make_shadows()


def _widen_roles() -> None:
    """Everything hangs on the staff, so SQLite cannot make their table anew: it reads the wider check as written.

    What the rows hold stays as it is, so this is the simple case of https://sqlite.org/lang_altertable.html, section 7.
    """
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint("staff_role_word", "staff", type_="check")
        op.create_check_constraint("staff_role_word", "staff", ROLES)
        return
    connection = op.get_bind()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    changed = connection.execute(
        sa.text(
            "UPDATE sqlite_schema SET sql = replace(sql, :old, :new) "
            "WHERE type = 'table' AND name = 'staff' AND instr(sql, :old) > 0"
        ),
        {"old": OLD_ROLES, "new": ROLES},
    )
    if changed.rowcount != 1:
        raise RuntimeError("the table of the staff is not the one that was expected")
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = RESET")


def _let_things_retire() -> None:
    for table in ("authorities", "units", "queues", "sites", "zones", "places"):
        op.add_column(table, sa.Column("retired_at", MOMENT))


def _make_changes() -> None:
    versions = op.create_table(
        "settings_versions",
        sa.Column("part", sa.String(16), primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
    )
    op.bulk_insert(versions, [{"part": part, "number": 0} for part in ("settings", "words")])
    op.create_table(
        "settings_changes",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("staff_id", BIG_ID, sa.ForeignKey("staff.id")),
        sa.Column("authority_id", BIG_ID, sa.ForeignKey("authorities.id"), index=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("before", JSON),
        sa.Column("after", JSON),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("undoes_id", BIG_ID, sa.ForeignKey("settings_changes.id"), unique=True),
    )


def _make_words() -> None:
    op.create_table(
        "site_words",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("concept", sa.String(64), nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.UniqueConstraint("language", "concept"),
    )


def _make_shadows() -> None:
    op.add_column("duty_rules", sa.Column("shadow", sa.Boolean, nullable=False, server_default=sa.false()))
    # Written out, because Alembic adds no foreign key to a table of SQLite.
    integer = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(f"ALTER TABLE duty_rules ADD COLUMN replaces_id {integer} REFERENCES duty_rules (id)")
    op.create_table(
        "shadow_routes",
        sa.Column("rule_id", BIG_ID, sa.ForeignKey("duty_rules.id"), primary_key=True),
        sa.Column("report_id", BIG_ID, sa.ForeignKey("reports.id"), primary_key=True),
        sa.Column("queue_id", BIG_ID, sa.ForeignKey("queues.id"), nullable=False),
        sa.Column("shadow_queue_id", BIG_ID, sa.ForeignKey("queues.id"), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
