"""Companies on customers' records, and what people decide of authors and companies."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.create_table(
        "company",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("key", "name")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_company")),
    )
    op.create_table(
        "author_company",
        sa.Column("author_id", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("key", "company", "basis", "evidence", "state", "decided_by")
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["author.id"],
            name=op.f("fk_author_company_author_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("author_id", "key", name=op.f("pk_author_company")),
    )
