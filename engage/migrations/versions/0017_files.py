"""Files of reports: safe copies, originals kept as evidence, uploads that go on where they stopped."""

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Nothing yet."""
