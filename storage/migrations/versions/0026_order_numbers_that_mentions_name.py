"""Order numbers that mentions name. What is stored has yet to be read for them."""

import re

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

SHAPED = re.compile(r"#?\s?[A-Za-z]{0,5}[-_/.# ]{0,2}9[9\-_/. ]*", re.ASCII)
FEWEST, MOST = 4, 24  # digits
ORDER = sa.table("customer_order", sa.column("system", sa.Text), sa.column("key", sa.Text))
SHAPE = sa.table("order_shape", sa.column("system", sa.Text), sa.column("shape", sa.Text))


def upgrade() -> None:
    op.create_table(
        "order_shape",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("system", "shape")),
        sa.PrimaryKeyConstraint("system", "shape", name=op.f("pk_order_shape")),
    )
    op.create_table(
        "mention_order",
        sa.Column("mention_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("quoted", sa.Boolean(), server_default=sa.false(), nullable=False),
        _of_mention("mention_order"),
        sa.PrimaryKeyConstraint("mention_id", "number", name=op.f("pk_mention_order")),
    )
    op.create_table(
        "mention_unread",
        sa.Column("mention_id", sa.Integer(), nullable=False),
        _of_mention("mention_unread"),
        sa.PrimaryKeyConstraint("mention_id", name=op.f("pk_mention_unread")),
    )
    _learn_shapes()
    op.execute("INSERT INTO mention_unread (mention_id) SELECT id FROM mention WHERE text != ''")


def _of_mention(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["mention_id"], ["mention.id"], name=op.f(f"fk_{table}_mention_id"), ondelete="CASCADE"
    )


def _learn_shapes() -> None:
    """In the database: an order book may hold millions of numbers, and has few shapes."""
    nines: sa.ColumnElement[str] = ORDER.c.key
    for digit in "012345678":
        nines = sa.func.replace(nines, digit, "9")
    written = ORDER.c.key.not_like("%:%")  # else made up for a row without a number
    shapes = op.get_bind().execute(sa.select(ORDER.c.system, nines).where(written).distinct()).all()
    rows = [
        {"system": system, "shape": shape}
        for system, shape in shapes
        if SHAPED.fullmatch(shape) and FEWEST <= shape.count("9") <= MOST
    ]
    if rows:
        op.bulk_insert(SHAPE, rows)
