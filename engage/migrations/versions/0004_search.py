"""Search over the words of cases; indexes for what is due next, and for what an officer or nobody holds."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

OPEN_CASES = sa.text("closed_at IS NULL")
RUNNING_CASES = sa.text("closed_at IS NULL AND paused_at IS NULL")
PAUSED_CASES = sa.text("closed_at IS NULL AND paused_at IS NOT NULL")

#: Our words are of ASCII letters and digits and of whatever is beyond ASCII, which this tokenizer never cuts.
ON_SQLITE = "CREATE VIRTUAL TABLE search_documents USING fts5(words, tokenize = 'ascii', detail = 'none')"
#: The words are lexemes as they are: no parser and no dictionary of the server has a say in them.
ON_POSTGRESQL = """
CREATE TABLE search_documents (
    case_id BIGINT PRIMARY KEY,
    words TEXT NOT NULL,
    lexemes TSVECTOR NOT NULL GENERATED ALWAYS AS (array_to_tsvector(string_to_array(words, ' '))) STORED
)
"""


def upgrade() -> None:
    """Make the table of words, empty: `engage search rebuild` fills it for the cases that are here already."""
    op.drop_index("ix_cases_due", "cases")
    for name, where in (("ix_cases_due", RUNNING_CASES), ("ix_cases_paused", PAUSED_CASES)):
        op.create_index(name, "cases", ["queue_id", "due_at", "id"], sqlite_where=where, postgresql_where=where)
    op.create_index(
        "ix_cases_held",
        "cases",
        ["holder_id", "queue_id", "due_at", "id"],
        sqlite_where=OPEN_CASES,
        postgresql_where=OPEN_CASES,
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(ON_SQLITE)
        return
    op.execute(ON_POSTGRESQL)
    op.execute("CREATE INDEX ix_search_documents_lexemes ON search_documents USING gin (lexemes)")
