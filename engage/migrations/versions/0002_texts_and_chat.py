"""Texts and chat: contacts, conversations, what comes and goes by phone, what a site knows."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True)
MOMENT = sa.DateTime(timezone=True)

CARRIERS = "mail sms whatsapp"
ATTACHMENT_STATUSES = "waiting stored failed"
HAPPENINGS = (
    "received triaged routed reporter_wrote claimed released answered noted reclassified transferred "
    "waiting referred resolved closed reopened placed wants_person helped not_helped linked moved not_delivered "
    "opted_out"
)
OUTGOING_STATUSES = "queued sending accepted sent delivered undelivered failed needs_human"
UNSENT = sa.text("status IN ('queued', 'sending')")
UNFETCHED = sa.text("status = 'waiting'")


def word(words: str, name: str) -> sa.Enum:
    """A column of one word of a list, as the list was at this revision."""
    return sa.Enum(*words.split(), name=name, native_enum=False, create_constraint=True, length=32)


def one_of(column: str, words: str) -> str:
    """The CHECK that holds a column to a list."""
    return f"{column} IN ({', '.join(repr(one) for one in words.split())})"


def upgrade() -> None:
    """Make the new tables, and let the outbox and the history say more."""
    _make_contacts()
    _make_attachments()
    op.create_table(
        "site_facts",
        sa.Column("site_id", BIG_ID, sa.ForeignKey("sites.id"), primary_key=True),
        sa.Column("topic", sa.String(64), primary_key=True),
        sa.Column("texts", JSON, nullable=False),
    )
    _say_more_in_history()
    _widen_outbox()


def _make_contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("address_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("carrier", word(CARRIERS, "contacts_carrier_word"), nullable=False),
        sa.Column("sealed_address", sa.LargeBinary, nullable=False),
        sa.Column("our_number", sa.String(40)),
        sa.Column("answerable", sa.Boolean, nullable=False),
        sa.Column("opted_out_at", MOMENT),
        sa.Column("heard_at", MOMENT),
        sa.Column("courtesy_at", MOMENT),
        sa.Column("added_at", MOMENT, nullable=False),
    )
    op.create_table(
        "conversations",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("contact_id", BIG_ID, sa.ForeignKey("contacts.id"), unique=True),
        sa.Column("visitor_hash", sa.String(64), unique=True),
        sa.Column("report_id", BIG_ID, sa.ForeignKey("reports.id"), index=True),
        sa.Column("state", JSON, nullable=False),
        sa.Column("heard_at", MOMENT, nullable=False),
    )
    op.create_table(
        "report_contacts",
        sa.Column("report_id", BIG_ID, sa.ForeignKey("reports.id"), primary_key=True),
        sa.Column("contact_id", BIG_ID, sa.ForeignKey("contacts.id"), primary_key=True, index=True),
    )
    op.create_table(
        "link_words",
        sa.Column("word_hash", sa.String(64), primary_key=True),
        sa.Column("report_id", BIG_ID, sa.ForeignKey("reports.id"), nullable=False, index=True),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
    )
    op.create_table(
        "answer_notices",
        sa.Column("report_id", BIG_ID, sa.ForeignKey("reports.id"), primary_key=True),
        sa.Column("carrier", word(CARRIERS, "answer_notices_carrier_word"), nullable=False),
        sa.Column("sealed_address", sa.LargeBinary, nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
    )


def _make_attachments() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("report_id", BIG_ID, sa.ForeignKey("reports.id"), nullable=False, index=True),
        sa.Column("message_id", BIG_ID, sa.ForeignKey("messages.id")),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("content_type", sa.String(100), nullable=False),
        sa.Column("source", sa.String(500), nullable=False),
        sa.Column("status", word(ATTACHMENT_STATUSES, "attachments_status_word"), nullable=False),
        sa.Column("sealed_content", sa.LargeBinary),
        sa.Column("size", sa.Integer),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("leased_until", MOMENT),
        sa.Column("problem", sa.String(500)),
        sa.Column("arrived_at", MOMENT, nullable=False),
    )
    op.create_index(
        "ix_attachments_unfetched",
        "attachments",
        ["due_at", "id"],
        sqlite_where=UNFETCHED,
        postgresql_where=UNFETCHED,
    )


def _say_more_in_history() -> None:
    with op.batch_alter_table("case_events") as table:
        if not _on_sqlite():  # there the table is made anew, without the old check
            table.drop_constraint("case_events_what_word", type_="check")
        table.create_check_constraint("case_events_what_word", one_of("what", HAPPENINGS))


def _widen_outbox() -> None:
    op.drop_index("ix_outgoing_unsent", "outgoing")
    with op.batch_alter_table("outgoing") as table:
        table.add_column(sa.Column("message_id", BIG_ID))
        table.add_column(sa.Column("contact_id", BIG_ID))
        table.add_column(sa.Column("carrier", sa.String(32), nullable=False, server_default="mail"))
        table.add_column(sa.Column("sealed_recipient", sa.LargeBinary))
        table.add_column(sa.Column("sealed_body", sa.LargeBinary))
        table.add_column(sa.Column("lane", sa.String(64)))
        table.add_column(sa.Column("sender", sa.String(40)))
        table.add_column(sa.Column("segments", sa.Integer, nullable=False, server_default="0"))
        table.add_column(sa.Column("first_tried_at", MOMENT))
        table.add_column(sa.Column("error_code", sa.Integer))
        table.create_foreign_key("outgoing_message_id_fkey", "messages", ["message_id"], ["id"])
        table.create_foreign_key("outgoing_contact_id_fkey", "contacts", ["contact_id"], ["id"])
        if not _on_sqlite():  # there the table is made anew twice, each time without its checks
            table.create_check_constraint("outgoing_carrier_word", one_of("carrier", CARRIERS))
    with op.batch_alter_table("outgoing") as table:  # the rows of before have their value; new ones must name theirs
        table.alter_column("carrier", server_default=None)
        table.alter_column("segments", server_default=None)
        if _on_sqlite():
            table.create_check_constraint("outgoing_carrier_word", one_of("carrier", CARRIERS))
            table.create_check_constraint("outgoing_status_word", one_of("status", OUTGOING_STATUSES))
    op.create_index(
        "ix_outgoing_unsent",
        "outgoing",
        ["urgency", "due_at", "id"],
        sqlite_where=UNSENT,
        postgresql_where=UNSENT,
    )
    op.create_index("ix_outgoing_lane", "outgoing", ["lane", "id"], sqlite_where=UNSENT, postgresql_where=UNSENT)
    op.create_index("ix_outgoing_paid", "outgoing", ["carrier", "first_tried_at"])
    for column in ("case_id", "message_id", "provider_id"):
        op.create_index(f"ix_outgoing_{column}", "outgoing", [column])


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
