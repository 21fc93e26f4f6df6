"""Why a number was revised: each revision of a published one says so."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.add_column("snapshot", sa.Column("reason", sa.Text(), server_default="", nullable=False))
