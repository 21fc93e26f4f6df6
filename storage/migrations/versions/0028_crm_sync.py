"""How far CRMs and shops are read over their APIs, what they sent, what was written back."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"

_INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "crm_cursor",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("system", "object")),
        sa.Column("state", JSON, nullable=False),
        sa.Column("walk", sa.BigInteger(), nullable=False),
        sa.Column("unsettled", sa.Boolean(), nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("system", "object", name=op.f("pk_crm_cursor")),
    )
    op.create_table(
        "crm_record",
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("system", "object", "external_id", "seal")
        ),
        sa.Column("walk", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("system", "object", "external_id", name=op.f("pk_crm_record")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "crm_write_back",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("system", "external_id", "property", "seal", "state")
        ),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_write_back")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_crm_write_back_link_id", "crm_write_back", ["link_id"])
