"""Reports that an officer wrote down have a word of their own for how they came."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

OLD_WAYS = "found_by IN ('scanned', 'typed')"
WAYS = "found_by IN ('scanned', 'typed', 'told')"


def upgrade() -> None:
    """Let reports be told, and say so of those that came by phone and at the counter."""
    _widen_ways()
    op.execute("UPDATE reports SET found_by = 'told' WHERE channel IN ('phone', 'walk_in')")


def _widen_ways() -> None:
    """Much hangs on reports and there are many, so SQLite does not make their table anew: it reads the wider check.

    What the rows hold stays as it is, so this is the simple case of https://sqlite.org/lang_altertable.html, section 7.
    """
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint("reports_found_by_word", "reports", type_="check")
        op.create_check_constraint("reports_found_by_word", "reports", WAYS)
        return
    connection = op.get_bind()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    changed = connection.execute(
        sa.text(
            "UPDATE sqlite_schema SET sql = replace(sql, :old, :new) "
            "WHERE type = 'table' AND name = 'reports' AND instr(sql, :old) > 0"
        ),
        {"old": OLD_WAYS, "new": WAYS},
    )
    if changed.rowcount != 1:
        raise RuntimeError("the table of reports is not the one that was expected")
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = RESET")
