"""People: what else a record says of a customer, former addresses, merges and decisions."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

_TEXTS = ("company", "city", "country", "website", "language", "permission")
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for name in _TEXTS:
        op.add_column("customer", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.add_column("customer", sa.Column("created_at", _INSTANT, nullable=True))
    for table, name in (
        ("customer_phone", "phone"),
        ("customer_tag", "tag"),
        ("customer_former_email", "sealed"),
    ):
        op.create_table(
            table,
            sa.Column("customer_id", sa.Integer(), nullable=False),
            sa.Column(name, sa.Text(), nullable=False),
            _of("customer", table),
            sa.PrimaryKeyConstraint("customer_id", name, name=op.f(f"pk_{table}")),
        )
    op.create_index("ix_customer_phone_phone", "customer_phone", ["phone"])
    op.create_index("ix_customer_former_email_sealed", "customer_former_email", ["sealed"])
    op.create_table(
        "customer_merge",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("system", "external_id")),
        sa.Column("into_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("system", "external_id", name=op.f("pk_customer_merge")),
    )
    op.create_index("ix_customer_merge_into", "customer_merge", ["system", "into_id"])
    _decisions()


def _decisions() -> None:
    op.create_table(
        "customer_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("verb", "decided_by")),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_decision")),
        sqlite_autoincrement=True,
    )
    table = "customer_decision_record"
    op.create_table(
        table,
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        _of("customer_decision", table, "decision_id"),
        _of("customer", table),
        sa.PrimaryKeyConstraint("decision_id", "customer_id", name=op.f(f"pk_{table}")),
    )
    op.create_index("ix_customer_decision_record_customer_id", table, ["customer_id"])


def _of(table: str, child: str, column: str = "customer_id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{table}.id"], name=op.f(f"fk_{child}_{column}"), ondelete="CASCADE"
    )
