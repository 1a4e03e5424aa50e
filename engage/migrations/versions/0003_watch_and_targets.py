"""The shift: response targets, watches, handovers, alarms, proposals of one event, corrections, ready replies."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True)
MOMENT = sa.DateTime(timezone=True)
OPEN_CASES = sa.text("closed_at IS NULL")
RINGING = sa.text("silenced_at IS NULL")
WATCHED = sa.text("ended_at IS NULL")

PROMISES = ("acknowledge_by", "respond_by", "resolve_by", "acknowledged_at", "responded_at", "paused_at", "due_at")
ALARM_KINDS = "new_critical at_risk breached"
VERDICTS = "same different"
SEVERITIES = "critical high medium low"
CATEGORIES = (
    "weapon_attack assault_harassment suspicious_behaviour unattended_item trespass_access drone "
    "human_trafficking stowaway_smuggling wildlife_trafficking drugs_contraband cargo_crime theft_fraud "
    "insider_corruption cyber medical fire_hazmat vulnerable_person environment infrastructure_fault "
    "disorder lost_property question_feedback spam"
)
HAPPENINGS = (
    "received triaged routed reporter_wrote claimed released answered noted reclassified transferred "
    "waiting referred resolved closed reopened placed wants_person helped not_helped linked moved not_delivered "
    "opted_out assigned escalated merged designated corrected breached silenced"
)


def word(words: str, name: str) -> sa.Enum:
    """A column of one word of a list, as the list was at this revision."""
    return sa.Enum(*words.split(), name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    """Make the new tables, and give cases their promises."""
    _promise()
    _make_watches()
    _make_sameness()
    with op.batch_alter_table("case_events") as table:
        if op.get_bind().dialect.name != "sqlite":  # there the table is made anew, without the old check
            table.drop_constraint("case_events_what_word", type_="check")
        listed = ", ".join(repr(one) for one in HAPPENINGS.split())
        table.create_check_constraint("case_events_what_word", f"what IN ({listed})")


def _promise() -> None:
    for name in (
        "acknowledge_by",
        "respond_by",
        "resolve_by",
        "acknowledged_at",
        "responded_at",
        "paused_at",
        "due_at",
    ):
        op.add_column("cases", sa.Column(name, MOMENT))
    op.add_column("cases", sa.Column("escalation", sa.Integer, nullable=False, server_default="0"))
    op.add_column("cases", sa.Column("incident_at", MOMENT))
    # Written out, because Alembic adds no foreign key to a table of SQLite, and cases are too many to copy.
    integer = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(f"ALTER TABLE cases ADD COLUMN merged_into_id {integer} REFERENCES cases (id)")
    op.create_index(
        "ix_cases_due", "cases", ["queue_id", "due_at", "id"], sqlite_where=OPEN_CASES, postgresql_where=OPEN_CASES
    )
    op.add_column("authorities", sa.Column("duty_mailbox", sa.String(254)))
    op.create_table(
        "calendars",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("slug", sa.String(64), nullable=False, unique=True),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("hours", JSON, nullable=False),
        sa.Column("holidays", JSON, nullable=False),
    )
    op.create_table(
        "response_targets",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("queue_id", BIG_ID, sa.ForeignKey("queues.id")),
        sa.Column("severity", sa.String(32), nullable=False),
        sa.Column("acknowledge_minutes", sa.Integer, nullable=False),
        sa.Column("respond_minutes", sa.Integer, nullable=False),
        sa.Column("resolve_minutes", sa.Integer, nullable=False),
        sa.Column("calendar_id", BIG_ID, sa.ForeignKey("calendars.id")),
        sa.UniqueConstraint("queue_id", "severity"),
    )


def _make_watches() -> None:
    op.create_table(
        "shifts",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("queue_id", BIG_ID, sa.ForeignKey("queues.id"), nullable=False, index=True),
        sa.Column("weekday", sa.Integer, nullable=False),
        sa.Column("from_time", sa.Time, nullable=False),
        sa.Column("to_time", sa.Time, nullable=False),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("staff_id", BIG_ID, sa.ForeignKey("staff.id")),
    )
    op.create_table(
        "watches",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("queue_id", BIG_ID, sa.ForeignKey("queues.id"), nullable=False),
        sa.Column("staff_id", BIG_ID, sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
    )
    op.create_index(
        "ix_watches_open", "watches", ["queue_id"], unique=True, sqlite_where=WATCHED, postgresql_where=WATCHED
    )
    op.create_table(
        "handovers",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("queue_id", BIG_ID, sa.ForeignKey("queues.id"), nullable=False, index=True),
        sa.Column("from_staff_id", BIG_ID, sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("to_staff_id", BIG_ID, sa.ForeignKey("staff.id")),
        sa.Column("contents", JSON, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.Column("accepted_at", MOMENT),
    )
    op.create_table(
        "alarms",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("case_id", BIG_ID, sa.ForeignKey("cases.id"), nullable=False, index=True),
        sa.Column("kind", word(ALARM_KINDS, "alarms_kind_word"), nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("raised_at", MOMENT, nullable=False),
        sa.Column("rings_at", MOMENT, nullable=False),
        sa.Column("silenced_at", MOMENT),
        sa.Column("silenced_by", BIG_ID, sa.ForeignKey("staff.id")),
    )
    op.create_index("ix_alarms_ringing", "alarms", ["rings_at", "id"], sqlite_where=RINGING, postgresql_where=RINGING)


def _make_sameness() -> None:
    op.create_table(
        "proposals",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("case_id", BIG_ID, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("other_case_id", BIG_ID, sa.ForeignKey("cases.id"), nullable=False, index=True),
        sa.Column("likeness", sa.Float, nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("verdict", word(VERDICTS, "proposals_verdict_word")),
        sa.Column("decided_by", BIG_ID, sa.ForeignKey("staff.id")),
        sa.Column("decided_at", MOMENT),
        sa.UniqueConstraint("case_id", "other_case_id"),
    )
    op.create_table(
        "corrections",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("case_id", BIG_ID, sa.ForeignKey("cases.id"), nullable=False, index=True),
        sa.Column("report_id", BIG_ID, sa.ForeignKey("reports.id"), nullable=False),
        sa.Column("staff_id", BIG_ID, sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("said_category", word(CATEGORIES, "corrections_said_category_word"), nullable=False),
        sa.Column("said_severity", word(SEVERITIES, "corrections_said_severity_word"), nullable=False),
        sa.Column("category", word(CATEGORIES, "corrections_category_word"), nullable=False),
        sa.Column("severity", word(SEVERITIES, "corrections_severity_word"), nullable=False),
        sa.Column("words", sa.String(500), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("corrected_at", MOMENT, nullable=False),
    )
    op.create_table(
        "ready_replies",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("slug", sa.String(64), nullable=False, unique=True),
        sa.Column("authority_id", BIG_ID, sa.ForeignKey("authorities.id")),
        sa.Column("category", word(CATEGORIES, "ready_replies_category_word")),
        sa.Column("texts", JSON, nullable=False),
    )
    op.create_table(
        "looks",
        sa.Column("case_id", BIG_ID, sa.ForeignKey("cases.id"), primary_key=True),
        sa.Column("staff_id", BIG_ID, sa.ForeignKey("staff.id"), primary_key=True),
        sa.Column("looked_at", MOMENT, nullable=False),
        sa.Column("typing", sa.Boolean, nullable=False),
    )
    op.create_table(
        "saved_views",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("staff_id", BIG_ID, sa.ForeignKey("staff.id"), nullable=False, index=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("query", sa.String(500), nullable=False),
    )
