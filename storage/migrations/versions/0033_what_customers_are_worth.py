"""What customers are worth, as it was worked out last."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033"
down_revision = "0032"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "customer_valuation",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("segment", sa.Text(), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Date(), nullable=False) for name in _DATES),
        sa.Column("orders_per_year", sa.Double(), nullable=False),
        *(sa.Column(name, sa.Double(), nullable=True) for name in ("median_gap_days", "p_alive")),
        sa.Column("is_silent", sa.Boolean(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["customer.id"],
            name=op.f("fk_customer_valuation_person_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_customer_valuation")),
    )
    op.create_table(
        "customer_currency_value",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("place", "orders")),
        *(sa.Column(name, sa.Double(), nullable=False) for name in ("revenue", "revenue_12m")),
        *(sa.Column(name, sa.Double(), nullable=True) for name in _EXPECTED),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["customer_valuation.person_id"],
            name=op.f("fk_customer_currency_value_person_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", "currency", name=op.f("pk_customer_currency_value")),
    )
    op.create_index(
        "ix_customer_currency_value_currency_revenue_12m",
        "customer_currency_value",
        ["currency", "revenue_12m"],
    )
    op.create_table(
        "shop_valuation",
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.PrimaryKeyConstraint("run", name=op.f("pk_shop_valuation")),
    )


_DATES = ("first_order_on", "last_order_on")
_EXPECTED = (
    *("average_order_value", "clv_simple", "p_alive"),
    *("expected_orders_12m", "expected_order_value", "clv"),
)
