"""Noise: a listing may be hidden, and one story may have several copies."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    # The default is for the rows there are, and for a release that does not know the column.
    op.add_column(
        "mention_brand", sa.Column("hidden", sa.Text(), server_default="", nullable=False)
    )
    op.add_column("mention_brand", sa.Column("sifted_by", sa.Text(), nullable=True))
    # Nothing that has been scored is hidden afterwards.
    op.execute("UPDATE mention_brand SET sifted_by = '' WHERE stage != 'collected'")
    op.create_index(
        "ix_mention_brand_hidden",
        "mention_brand",
        ["brand", "published_at", "mention_id"],
        sqlite_where=sa.text("hidden != ''"),
        postgresql_where=sa.text("hidden != ''"),
    )
    op.drop_index("ix_mention_author_id", "mention")
    op.create_index("ix_mention_author_id_published_at", "mention", ["author_id", "published_at"])
    op.add_column("mention", sa.Column("story_id", sa.Integer(), nullable=True))
    op.create_index("ix_mention_story_id", "mention", ["story_id"])
    op.create_table(
        "lesson",
        sa.Column("mention_id", sa.Integer(), nullable=False),
        sa.Column("brand", sa.Text(), nullable=False),
        sa.Column("relevant", sa.Boolean(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["mention_id"], ["mention.id"], name=op.f("fk_lesson_mention_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("mention_id", "brand", name=op.f("pk_lesson")),
    )
    op.create_table(
        "story_mark",
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.Column("mention_id", sa.Integer(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mark", "mention_id", name=op.f("pk_story_mark")),
        sqlite_with_rowid=False,
    )
