"""First tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True)


CASE_STATUSES = "received triaged assigned in_progress waiting_for_reporter referred resolved closed reopened"
CATEGORIES = (
    "weapon_attack assault_harassment suspicious_behaviour unattended_item trespass_access drone "
    "human_trafficking stowaway_smuggling wildlife_trafficking drugs_contraband cargo_crime theft_fraud "
    "insider_corruption cyber medical fire_hazmat vulnerable_person environment infrastructure_fault "
    "disorder lost_property question_feedback spam"
)
CHANNELS = "web chat sms whatsapp phone walk_in api"
DIRECTIONS = "from_reporter to_reporter"
DISPOSITIONS = (
    "action_taken formal_report advised referred unable_to_locate gone_on_arrival unfounded legitimate "
    "insufficient_information information_gathered contained duplicate no_further_action false_report "
    "drill spam"
)
HAPPENINGS = (
    "received triaged routed reporter_wrote claimed released answered noted reclassified transferred "
    "waiting referred resolved closed reopened"
)
OUTGOING_STATUSES = "queued sending accepted sent delivered undelivered failed needs_human"
REPORTER_KINDS = "traveller tenant staff crew public"
RESPONDERS = "police security safeguarding border integrity cyber medical fire environment facilities services none"
ROLES = "officer supervisor"
SEVERITIES = "critical high medium low"
SITE_KINDS = "airport seaport station border_crossing"
WAYS_FOUND = "scanned typed"


def word(words: str, name: str) -> sa.Enum:
    """A column of one word of a list, as the list was at this revision."""
    return sa.Enum(*words.split(), name=name, native_enum=False, create_constraint=True, length=32)


metadata = sa.MetaData()

sa.Table(
    "authorities",
    metadata,
    sa.Column("id", BIG_ID, nullable=False),
    sa.Column("slug", sa.String(length=64), nullable=False),
    sa.Column("name", sa.String(length=200), nullable=False),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("slug"),
)
sa.Table(
    "staff",
    metadata,
    sa.Column("id", BIG_ID, nullable=False),
    sa.Column("login", sa.String(length=64), nullable=False),
    sa.Column("name", sa.String(length=200), nullable=False),
    sa.Column("authority_id", BIG_ID, nullable=False),
    sa.Column("role", word(ROLES, "staff_role_word"), nullable=False),
    sa.Column("password_hash", sa.String(length=300), nullable=False),
    sa.Column("active", sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(
        ["authority_id"],
        ["authorities.id"],
    ),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("login"),
    sa.Index("ix_staff_authority_id", "authority_id"),
)
sa.Table(
    "units",
    metadata,
    sa.Column("id", BIG_ID, nullable=False),
    sa.Column("authority_id", BIG_ID, nullable=False),
    sa.Column("slug", sa.String(length=64), nullable=False),
    sa.Column("name", sa.String(length=200), nullable=False),
    sa.Column("responder", word(RESPONDERS, "units_responder_word"), nullable=False),
    sa.Column("mailbox", sa.String(length=254), nullable=True),
    sa.ForeignKeyConstraint(
        ["authority_id"],
        ["authorities.id"],
    ),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("slug"),
)
sa.Table(
    "queues",
    metadata,
    sa.Column("id", BIG_ID, nullable=False),
    sa.Column("unit_id", BIG_ID, nullable=False),
    sa.Column("authority_id", BIG_ID, nullable=False),
    sa.Column("slug", sa.String(length=64), nullable=False),
    sa.Column("name", sa.String(length=200), nullable=False),
    sa.Column("sealed", sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(
        ["authority_id"],
        ["authorities.id"],
    ),
    sa.ForeignKeyConstraint(
        ["unit_id"],
        ["units.id"],
    ),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("slug"),
    sa.Index("ix_queues_authority_id", "authority_id"),
)
sa.Table(
    "staff_sessions",
    metadata,
    sa.Column("id", BIG_ID, nullable=False),
    sa.Column("staff_id", BIG_ID, nullable=False),
    sa.Column("token_hash", sa.String(length=64), nullable=False),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(
        ["staff_id"],
        ["staff.id"],
    ),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("token_hash"),
    sa.Index("ix_staff_sessions_staff_id", "staff_id"),
)
sa.Table(
    "staff_units",
    metadata,
    sa.Column("staff_id", BIG_ID, nullable=False),
    sa.Column("unit_id", BIG_ID, nullable=False),
    sa.ForeignKeyConstraint(
        ["staff_id"],
        ["staff.id"],
    ),
    sa.ForeignKeyConstraint(
        ["unit_id"],
        ["units.id"],
    ),
    sa.PrimaryKeyConstraint("staff_id", "unit_id"),
)
sa.Table(
    "sites",
    metadata,
    sa.Column("id", BIG_ID, nullable=False),
    sa.Column("slug", sa.String(length=64), nullable=False),
    sa.Column("name", sa.String(length=200), nullable=False),
    sa.Column("names", JSON, nullable=False),
    sa.Column("kind", word(SITE_KINDS, "sites_kind_word"), nullable=False),
    sa.Column("timezone", sa.String(length=64), nullable=False),
    sa.Column("emergency_number", sa.String(length=32), nullable=False),
    sa.Column("desk_number", sa.String(length=32), nullable=True),
    sa.Column("fallback_queue_id", BIG_ID, nullable=False),
    sa.ForeignKeyConstraint(
        ["fallback_queue_id"],
        ["queues.id"],
    ),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("slug"),
)
sa.Table(
    "zones",
    metadata,
    sa.Column("id", BIG_ID, nullable=False),
    sa.Column("site_id", BIG_ID, nullable=False),
    sa.Column("slug", sa.String(length=64), nullable=False),
    sa.Column("name", sa.String(length=200), nullable=False),
    sa.Column("names", JSON, nullable=False),
    sa.ForeignKeyConstraint(
        ["site_id"],
        ["sites.id"],
    ),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("site_id", "slug"),
)
sa.Table(
    "duty_rules",
    metadata,
    sa.Column("id", BIG_ID, nullable=False),
    sa.Column("position", sa.Integer(), nullable=False),
    sa.Column("slug", sa.String(length=64), nullable=False),
    sa.Column("site_id", BIG_ID, nullable=True),
    sa.Column("zone_id", BIG_ID, nullable=True),
    sa.Column("responder", word(RESPONDERS, "duty_rules_responder_word"), nullable=True),
    sa.Column("category", word(CATEGORIES, "duty_rules_category_word"), nullable=True),
    sa.Column("severity", word(SEVERITIES, "duty_rules_severity_word"), nullable=True),
    sa.Column("from_time", sa.Time(), nullable=True),
    sa.Column("to_time", sa.Time(), nullable=True),
    sa.Column("queue_id", BIG_ID, nullable=False),
    sa.ForeignKeyConstraint(
        ["queue_id"],
        ["queues.id"],
    ),
    sa.ForeignKeyConstraint(
        ["site_id"],
        ["sites.id"],
    ),
    sa.ForeignKeyConstraint(
        ["zone_id"],
        ["zones.id"],
    ),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("position"),
    sa.UniqueConstraint("slug"),
)
sa.Table(
    "places",
    metadata,
    sa.Column("id", BIG_ID, nullable=False),
    sa.Column("site_id", BIG_ID, nullable=False),
    sa.Column("zone_id", BIG_ID, nullable=False),
    sa.Column("slug", sa.String(length=64), nullable=False),
    sa.Column("name", sa.String(length=200), nullable=False),
    sa.Column("names", JSON, nullable=False),
    sa.Column("detail", sa.String(length=300), nullable=True),
    sa.Column("emergency_number", sa.String(length=32), nullable=True),
    sa.Column("desk_number", sa.String(length=32), nullable=True),
    sa.ForeignKeyConstraint(
        ["site_id"],
        ["sites.id"],
    ),
    sa.ForeignKeyConstraint(
        ["zone_id"],
        ["zones.id"],
    ),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("site_id", "slug"),
    sa.Index("ix_places_zone_id", "zone_id"),
)
sa.Table(
    "cases",
    metadata,
    sa.Column("id", BIG_ID, nullable=False),
    sa.Column("reference", sa.String(length=16), nullable=False),
    sa.Column("authority_id", BIG_ID, nullable=False),
    sa.Column("queue_id", BIG_ID, nullable=False),
    sa.Column("site_id", BIG_ID, nullable=False),
    sa.Column("place_id", BIG_ID, nullable=True),
    sa.Column("status", word(CASE_STATUSES, "cases_status_word"), nullable=False),
    sa.Column("category", word(CATEGORIES, "cases_category_word"), nullable=False),
    sa.Column("severity", word(SEVERITIES, "cases_severity_word"), nullable=False),
    sa.Column("urgency", sa.Integer(), nullable=False),
    sa.Column("holder_id", BIG_ID, nullable=True),
    sa.Column("reporter_waits", sa.Boolean(), nullable=False),
    sa.Column("route_reason", sa.String(length=500), nullable=False),
    sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("disposition", word(DISPOSITIONS, "cases_disposition_word"), nullable=True),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.CheckConstraint("(closed_at IS NULL) = (status NOT IN ('resolved', 'closed'))", name="cases_closed_status"),
    sa.CheckConstraint("(closed_at IS NULL) = (disposition IS NULL)", name="cases_closed_with_disposition"),
    sa.ForeignKeyConstraint(
        ["authority_id"],
        ["authorities.id"],
    ),
    sa.ForeignKeyConstraint(
        ["holder_id"],
        ["staff.id"],
    ),
    sa.ForeignKeyConstraint(
        ["place_id"],
        ["places.id"],
    ),
    sa.ForeignKeyConstraint(
        ["queue_id"],
        ["queues.id"],
    ),
    sa.ForeignKeyConstraint(
        ["site_id"],
        ["sites.id"],
    ),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("reference"),
    sa.Index("ix_cases_all", "queue_id", "urgency", "id"),
    sa.Index(
        "ix_cases_open",
        "queue_id",
        "urgency",
        "id",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    ),
)
sa.Table(
    "posters",
    metadata,
    sa.Column("id", BIG_ID, nullable=False),
    sa.Column("code", sa.String(length=5), nullable=False),
    sa.Column("place_id", BIG_ID, nullable=False),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(
        ["place_id"],
        ["places.id"],
    ),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("code"),
    sa.Index("ix_posters_place_id", "place_id"),
)
sa.Table(
    "case_events",
    metadata,
    sa.Column("id", BIG_ID, nullable=False),
    sa.Column("case_id", BIG_ID, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("staff_id", BIG_ID, nullable=True),
    sa.Column("what", word(HAPPENINGS, "case_events_what_word"), nullable=False),
    sa.Column("details", JSON, nullable=False),
    sa.ForeignKeyConstraint(
        ["case_id"],
        ["cases.id"],
    ),
    sa.ForeignKeyConstraint(
        ["staff_id"],
        ["staff.id"],
    ),
    sa.PrimaryKeyConstraint("id"),
    sa.Index("ix_case_events_case_id", "case_id"),
)
sa.Table(
    "notes",
    metadata,
    sa.Column("id", BIG_ID, nullable=False),
    sa.Column("case_id", BIG_ID, nullable=False),
    sa.Column("staff_id", BIG_ID, nullable=False),
    sa.Column("text", sa.Text(), nullable=False),
    sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(
        ["case_id"],
        ["cases.id"],
    ),
    sa.ForeignKeyConstraint(
        ["staff_id"],
        ["staff.id"],
    ),
    sa.PrimaryKeyConstraint("id"),
    sa.Index("ix_notes_case_id", "case_id"),
)
sa.Table(
    "outgoing",
    metadata,
    sa.Column("id", BIG_ID, nullable=False),
    sa.Column("case_id", BIG_ID, nullable=True),
    sa.Column("recipient", sa.String(length=254), nullable=False),
    sa.Column("subject", sa.String(length=300), nullable=False),
    sa.Column("body", sa.Text(), nullable=False),
    sa.Column("urgency", sa.Integer(), nullable=False),
    sa.Column("status", word(OUTGOING_STATUSES, "outgoing_status_word"), nullable=False),
    sa.Column("attempts", sa.Integer(), nullable=False),
    sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
    sa.Column("provider_id", sa.String(length=254), nullable=True),
    sa.Column("problem", sa.String(length=500), nullable=True),
    sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(
        ["case_id"],
        ["cases.id"],
    ),
    sa.PrimaryKeyConstraint("id"),
    sa.Index(
        "ix_outgoing_unsent",
        "urgency",
        "due_at",
        "id",
        sqlite_where=sa.text("status IN ('queued', 'sending')"),
        postgresql_where=sa.text("status IN ('queued', 'sending')"),
    ),
)
sa.Table(
    "reports",
    metadata,
    sa.Column("id", BIG_ID, nullable=False),
    sa.Column("reference", sa.String(length=16), nullable=False),
    sa.Column("case_id", BIG_ID, nullable=False),
    sa.Column("site_id", BIG_ID, nullable=False),
    sa.Column("place_id", BIG_ID, nullable=True),
    sa.Column("poster_id", BIG_ID, nullable=True),
    sa.Column("typed_code", sa.String(length=64), nullable=True),
    sa.Column("found_by", word(WAYS_FOUND, "reports_found_by_word"), nullable=False),
    sa.Column("channel", word(CHANNELS, "reports_channel_word"), nullable=False),
    sa.Column("reporter", word(REPORTER_KINDS, "reports_reporter_word"), nullable=True),
    sa.Column("language", sa.String(length=8), nullable=False),
    sa.Column("text", sa.Text(), nullable=False),
    sa.Column("access_salt", sa.LargeBinary(), nullable=False),
    sa.Column("access_hash", sa.String(length=64), nullable=False),
    sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(
        ["case_id"],
        ["cases.id"],
    ),
    sa.ForeignKeyConstraint(
        ["place_id"],
        ["places.id"],
    ),
    sa.ForeignKeyConstraint(
        ["poster_id"],
        ["posters.id"],
    ),
    sa.ForeignKeyConstraint(
        ["site_id"],
        ["sites.id"],
    ),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("access_hash"),
    sa.UniqueConstraint("reference"),
    sa.Index("ix_reports_case_id", "case_id"),
)
sa.Table(
    "findings",
    metadata,
    sa.Column("id", BIG_ID, nullable=False),
    sa.Column("report_id", BIG_ID, nullable=False),
    sa.Column("category", word(CATEGORIES, "findings_category_word"), nullable=False),
    sa.Column("second", word(CATEGORIES, "findings_second_word"), nullable=True),
    sa.Column("severity", word(SEVERITIES, "findings_severity_word"), nullable=False),
    sa.Column("language", sa.String(length=8), nullable=False),
    sa.Column("confidence", sa.Float(), nullable=False),
    sa.Column("reason", sa.Text(), nullable=False),
    sa.Column("evidence", JSON, nullable=False),
    sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(
        ["report_id"],
        ["reports.id"],
    ),
    sa.PrimaryKeyConstraint("id"),
    sa.Index("ix_findings_report_id", "report_id"),
)
sa.Table(
    "messages",
    metadata,
    sa.Column("id", BIG_ID, nullable=False),
    sa.Column("case_id", BIG_ID, nullable=False),
    sa.Column("report_id", BIG_ID, nullable=False),
    sa.Column("direction", word(DIRECTIONS, "messages_direction_word"), nullable=False),
    sa.Column("channel", word(CHANNELS, "messages_channel_word"), nullable=False),
    sa.Column("staff_id", BIG_ID, nullable=True),
    sa.Column("text", sa.Text(), nullable=False),
    sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(
        ["case_id"],
        ["cases.id"],
    ),
    sa.ForeignKeyConstraint(
        ["report_id"],
        ["reports.id"],
    ),
    sa.ForeignKeyConstraint(
        ["staff_id"],
        ["staff.id"],
    ),
    sa.PrimaryKeyConstraint("id"),
    sa.Index("ix_messages_case_id", "case_id"),
    sa.Index("ix_messages_report_id", "report_id"),
)
sa.Table(
    "arrivals",
    metadata,
    sa.Column("key_hash", sa.String(length=64), nullable=False),
    sa.Column("digest", sa.String(length=64), nullable=False),
    sa.Column("report_id", BIG_ID, nullable=True),
    sa.Column("message_id", BIG_ID, nullable=True),
    sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(
        ["message_id"],
        ["messages.id"],
    ),
    sa.ForeignKeyConstraint(
        ["report_id"],
        ["reports.id"],
    ),
    sa.PrimaryKeyConstraint("key_hash"),
)


def upgrade() -> None:
    """Make every table."""
    metadata.create_all(op.get_bind(), checkfirst=False)
