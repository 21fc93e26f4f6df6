"""Keyed hashes that lead from what authors say and are called to customers' records."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

UNKEYED = sa.text("NOT keyed")


def upgrade() -> None:
    op.add_column(
        "customer", sa.Column("keyed", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_index(
        "ix_customer_unkeyed",
        "customer",
        ["id"],
        sqlite_where=UNKEYED,
        postgresql_where=UNKEYED,
    )
    for of in ("customer", "author"):
        table, owner = f"{of}_key", f"{of}_id"
        op.create_table(
            table,
            sa.Column("key", sa.BigInteger(), nullable=False, autoincrement=False),
            sa.Column(owner, sa.Integer(), nullable=False),
            sa.ForeignKeyConstraint(
                [owner], [f"{of}.id"], name=op.f(f"fk_{table}_{owner}"), ondelete="CASCADE"
            ),
            sa.PrimaryKeyConstraint("key", owner, name=op.f(f"pk_{table}")),
            sqlite_with_rowid=False,
        )
        op.create_index(f"ix_{table}_{owner}", table, [owner])
    # The rules find more than they did: everybody is looked for once more.
    op.execute("UPDATE author SET link_checked_at = NULL")
