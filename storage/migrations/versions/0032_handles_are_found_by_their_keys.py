"""Handles are found by their keys: nothing reads this index of them any more."""

from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.drop_index("ix_customer_handle_lookup", table_name="customer_handle")
