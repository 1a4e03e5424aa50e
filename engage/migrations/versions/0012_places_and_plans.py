"""Places know when they are open, where they lie, and where they come on the way round."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Let places have opening hours, coordinates and a walking order."""
    op.add_column("places", sa.Column("opening_hours", sa.String(200)))
    op.add_column("places", sa.Column("latitude", sa.Float))
    op.add_column("places", sa.Column("longitude", sa.Float))
    op.add_column("places", sa.Column("walking_order", sa.Integer))
