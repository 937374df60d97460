"""Which round against the clock an attempt belongs to."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column; of the attempts that are there it is not known."""
    op.add_column("attempts", sa.Column("round", sa.String(32), nullable=True))
