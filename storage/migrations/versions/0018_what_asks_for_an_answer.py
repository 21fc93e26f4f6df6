"""What asks for an answer: by the model's own threshold, and as it was decided for each listing.

Scores of before do not say which threshold they were compared with: half is taken for it. What was
published in the 30 days before the newest mention is judged again, quietly: it opens nothing.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

AGAIN = timedelta(days=30)
WAITS = sa.text("asks_for_answer AND answered_at IS NULL")
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column(
        "mention_score",
        sa.Column("expects_answer", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.execute("UPDATE mention_score SET expects_answer = true WHERE wants_answer >= 0.5")
    op.add_column("mention_brand", sa.Column("asks_for_answer", sa.Boolean(), nullable=True))
    op.create_index(
        "ix_mention_brand_waits",
        "mention_brand",
        ["brand", "published_at", "mention_id"],
        sqlite_where=WAITS,
        postgresql_where=WAITS,
    )
    _judge_again()


def _judge_again() -> None:
    listing = sa.table(
        "mention_brand",
        *(sa.column(name) for name in ("mention_id", "role", "stage", "hidden", "quiet")),
        sa.column("published_at", AT),
    )
    mention = sa.table("mention", sa.column("id"), sa.column("standing"))
    shown = sa.select(mention.c.id).where(mention.c.standing.in_(("there", "absent")))
    newest: datetime | None = op.get_bind().scalar(sa.select(sa.func.max(listing.c.published_at)))
    if newest is None:
        return
    op.execute(
        sa.update(listing)
        .where(
            listing.c.role == "brand",
            listing.c.stage == "done",
            listing.c.hidden == "",
            listing.c.mention_id.in_(shown),
            listing.c.published_at >= newest - AGAIN,
        )
        .values(stage="scored", quiet=sa.true())
    )
