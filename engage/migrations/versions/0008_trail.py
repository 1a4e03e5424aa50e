"""The trail: entries that are only ever added, and consents to see a sealed contact."""

import secrets
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from engage import chain

revision = "0008"
down_revision = "0007"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
BY_STAFF = sa.text("staff_id IS NOT NULL")

#: REPLACE deletes without asking the trigger of DELETE, so nothing may come in but at the end.
SQLITE_WALLS = (
    "CREATE TRIGGER audit_entries_keep_update BEFORE UPDATE ON audit_entries "
    "BEGIN SELECT RAISE(ABORT, 'audit entries are only ever added'); END",
    "CREATE TRIGGER audit_entries_keep_delete BEFORE DELETE ON audit_entries "
    "BEGIN SELECT RAISE(ABORT, 'audit entries are only ever added'); END",
    "CREATE TRIGGER audit_entries_keep_order BEFORE INSERT ON audit_entries "
    "WHEN NEW.id IS NULL OR NEW.id <> (SELECT coalesce(max(id), 0) + 1 FROM audit_entries) "
    "BEGIN SELECT RAISE(ABORT, 'audit entries are only added at the end'); END",
)
POSTGRESQL_WALLS = (
    "CREATE FUNCTION audit_entries_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "RAISE EXCEPTION 'audit entries are only ever added' USING ERRCODE = 'restrict_violation'; END $$",
    "CREATE TRIGGER audit_entries_keep_rows BEFORE UPDATE OR DELETE ON audit_entries "
    "FOR EACH ROW EXECUTE FUNCTION audit_entries_keep()",
    "CREATE TRIGGER audit_entries_keep_all BEFORE TRUNCATE ON audit_entries "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_keep()",
)


def upgrade() -> None:
    """Make the trail with its first entry, which names this installation, and wall it in."""
    entries = op.create_table(
        "audit_entries",
        sa.Column("id", BIG_ID, primary_key=True, autoincrement=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("act", sa.String(40), nullable=False),
        sa.Column("staff_id", BIG_ID),
        sa.Column("authority_id", BIG_ID),
        sa.Column("about", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_index("ix_audit_entries_about", "audit_entries", ["about", "id"])
    op.create_index("ix_audit_entries_authority", "audit_entries", ["authority_id", "id"])
    op.create_index(
        "ix_audit_entries_staff", "audit_entries", ["staff_id", "id"], sqlite_where=BY_STAFF, postgresql_where=BY_STAFF
    )
    op.create_index("ix_audit_entries_act", "audit_entries", ["act", "id"])
    op.add_column("authorities", sa.Column("two_persons_for_contacts", sa.Boolean))
    op.create_table(
        "contact_openings",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("case_id", BIG_ID, sa.ForeignKey("cases.id"), nullable=False, index=True),
        sa.Column("contact_id", BIG_ID, sa.ForeignKey("contacts.id"), nullable=False, index=True),
        sa.Column("asked_by", BIG_ID, sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("quiet", sa.Boolean, nullable=False),
        sa.Column("allowed", sa.Boolean),
        sa.Column("decided_by", BIG_ID, sa.ForeignKey("staff.id")),
        sa.Column("decided_at", MOMENT),
        sa.Column("opened_at", MOMENT),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="contact_openings_two_persons"),
    )
    op.bulk_insert(entries, [_first()])
    sqlite = op.get_bind().dialect.name == "sqlite"
    for wall in SQLITE_WALLS if sqlite else POSTGRESQL_WALLS:
        op.execute(wall)


def _first() -> dict[str, object]:
    at, about = datetime.now(UTC), f"installation:{secrets.token_hex(16)}"
    written = chain.line(1, chain.moment(at), "trail.began", None, None, about, "", "{}", chain.BEFORE_THE_FIRST)
    own = chain.digest(written)
    fields = {"act": "trail.began", "about": about, "reason": "", "details": "{}", "previous": chain.BEFORE_THE_FIRST}
    return {"id": 1, "at": at, "staff_id": None, "authority_id": None, **fields, "hash": own}
