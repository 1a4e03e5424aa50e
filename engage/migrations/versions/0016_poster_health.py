"""What is known of a poster on its wall: inspections, warnings, what replaced it."""

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Nothing yet."""
