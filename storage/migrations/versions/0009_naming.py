"""Naming: whether the newest text of a mention still names the brand it is listed under."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column(
        "mention_brand", sa.Column("naming", sa.Text(), server_default="", nullable=False)
    )
