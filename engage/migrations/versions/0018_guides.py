"""Guides that an authority wrote itself, and what a quiz found by unit."""

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Nothing yet."""
