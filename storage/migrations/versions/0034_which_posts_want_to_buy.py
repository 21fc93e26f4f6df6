"""Which posts want to buy, found by an index of few rows."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"

BUYING = sa.text("asks = 'buying'")


def upgrade() -> None:
    op.create_index(
        "ix_mention_score_buying",
        "mention_score",
        ["model", "mention_id"],
        sqlite_where=BUYING,
        postgresql_where=BUYING,
    )
