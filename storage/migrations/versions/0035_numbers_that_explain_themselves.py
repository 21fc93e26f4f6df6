"""Persons behind published numbers, those who are drawn to be labelled, answers of surveys."""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    # Of whom a deleted post was, as an opaque number: without it each would be somebody else.
    op.add_column("mention", sa.Column("voice", sa.BigInteger(), nullable=True))
    op.create_table(
        "snapshot_voices",
        sa.Column("snapshot_id", sa.Integer(), nullable=False),
        sa.Column("voices", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["snapshot_id"],
            ["snapshot.id"],
            name="fk_snapshot_voices_snapshot_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("snapshot_id", name="pk_snapshot_voices"),
    )
    op.create_table(
        "label_draw",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("brand", sa.Text(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("drawn_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_label_draw"),
        sa.UniqueConstraint("brand", "week", "person", name="uq_label_draw_brand_week_person"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "label_post",
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("mention_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), server_default="", nullable=False),
        sa.Column("at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["draw_id"], ["label_draw.id"], name="fk_label_post_draw_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["mention_id"], ["mention.id"], name="fk_label_post_mention_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("draw_id", "mention_id", name="pk_label_post"),
    )
    op.create_index("ix_label_post_mention_id", "label_post", ["mention_id"])
    op.create_table(
        "survey_answer",
        sa.Column("brand", sa.Text(), nullable=False),
        sa.Column("survey", sa.Text(), nullable=False),
        sa.Column("response_id", sa.Text(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("imported_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name="fk_survey_answer_customer_id",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("brand", "survey", "response_id", name="pk_survey_answer"),
    )
    op.create_index("ix_survey_answer_brand_answered_at", "survey_answer", ["brand", "answered_at"])
    op.create_index("ix_survey_answer_customer_id", "survey_answer", ["customer_id"])
    op.create_table(
        "network_count",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("brand", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("posts", sa.BigInteger(), nullable=False),
        sa.Column("counted_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("source", "brand", "day", name="pk_network_count"),
    )
    op.create_table(
        "hearing",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("brand", sa.Text(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("heard_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("source", "brand", name="pk_hearing"),
    )
