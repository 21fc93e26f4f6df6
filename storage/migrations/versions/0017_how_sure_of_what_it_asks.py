"""How sure: the probabilities behind what a post asks. Scores of before have none."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    for name in ("asks_probability", "wants_answer"):
        op.add_column("mention_score", sa.Column(name, sa.Double(), nullable=True))
