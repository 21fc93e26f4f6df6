"""What else a score says: toward whom, what the post asks, its emotion, whether it is sarcastic."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # The default is for the rows there are, and for a release that does not know the column.
    op.add_column(
        "mention_score",
        sa.Column("toward", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("mention_score", sa.Column("asks", sa.Text(), nullable=True))
    op.add_column("mention_score", sa.Column("emotion", sa.Text(), nullable=True))
    op.add_column("mention_score", sa.Column("sarcastic", sa.Boolean(), nullable=True))
