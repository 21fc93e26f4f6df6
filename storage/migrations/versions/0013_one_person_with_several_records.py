"""One person with several records: customers of several systems may be the same person."""

from collections.abc import Iterator
from string import ascii_letters, ascii_uppercase, digits

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

CUSTOMER = sa.table("customer", *map(sa.column, ("id", "system", "external_id")))
ORDER = sa.table("customer_order", *map(sa.column, ("id", "customer_id", "system", "key")))
INCIDENT = sa.table("incident", *map(sa.column, ("customer_id",)))
# What may stand once only for a customer, and what else makes it the same.
KEYED = (
    (sa.table("link", *map(sa.column, ("customer_id", "author_id"))), ("author_id",)),
    (
        sa.table("customer_handle", *map(sa.column, ("customer_id", "network", "handle"))),
        ("network", "handle"),
    ),
)
SHORT, LONG, GROUP = 15, 18, 5  # characters of a Salesforce id, and of those its checksum is over
CHECKSUM = ascii_uppercase + digits[:6]


def upgrade() -> None:
    # Written out: Alembic adds no column with a foreign key to SQLite.
    op.execute(
        "ALTER TABLE customer ADD COLUMN joined_to INTEGER CONSTRAINT fk_customer_joined_to "
        "REFERENCES customer (id)"
    )
    op.add_column(
        "customer", sa.Column("split", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.create_index("ix_customer_joined_to", "customer", ["joined_to"])
    op.create_table(
        "customer_email",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_customer_email_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("customer_id", "email", name=op.f("pk_customer_email")),
    )
    op.create_index("ix_customer_email_email", "customer_email", ["email"])
    _shorten_customers()
    _shorten_orders()


def _shorten_customers() -> None:
    """Salesforce writes one record's id with 15 characters and with 18: one customer, not two."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.select(CUSTOMER.c.external_id, CUSTOMER.c.id).where(CUSTOMER.c.system == "salesforce")
    )
    known = dict(rows.all())
    for long, row_id in list(known.items()):
        if not _is_long(long):
            continue
        kept = known.get(long[:SHORT])
        if kept is None:
            known[long[:SHORT]] = row_id
            connection.execute(
                sa.update(CUSTOMER).where(CUSTOMER.c.id == row_id).values(external_id=long[:SHORT])
            )
        else:
            _merge(row_id, kept)


def _merge(gone: int, kept: int) -> None:
    connection = op.get_bind()
    for table, names in KEYED:
        other = table.alias()
        known = (
            sa.exists()
            .where(other.c.customer_id == kept, *(other.c[one] == table.c[one] for one in names))
            .correlate(table)
        )
        connection.execute(sa.delete(table).where(table.c.customer_id == gone, known))
    for table in (*(table for table, _ in KEYED), ORDER, INCIDENT):
        moved = sa.update(table).where(table.c.customer_id == gone).values(customer_id=kept)
        connection.execute(moved)
    connection.execute(sa.delete(CUSTOMER).where(CUSTOMER.c.id == gone))


def _shorten_orders() -> None:
    """The keys of Salesforce's orders; a former release did not say which system they are of."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.select(ORDER.c.id, ORDER.c.system, ORDER.c.key).where(
            ORDER.c.system.in_(("orders", "salesforce"))
        )
    )
    known = {(system, key): row_id for row_id, system, key in rows}
    for (system, key), row_id in list(known.items()):
        if not _is_long(key):
            continue
        short = (system, key[:SHORT])
        if short in known:
            connection.execute(sa.delete(ORDER).where(ORDER.c.id == row_id))
        else:
            known[short] = row_id
            connection.execute(sa.update(ORDER).where(ORDER.c.id == row_id).values(key=key[:SHORT]))


def _is_long(external_id: str) -> bool:
    """Whether the last three of 18 characters say which of the others are capitals."""
    return (
        len(external_id) == LONG
        and not set(external_id) - set(ascii_letters + digits)
        and "".join(_checksum(external_id[:SHORT])) == external_id[SHORT:]
    )


def _checksum(short: str) -> Iterator[str]:
    for start in range(0, len(short), GROUP):
        group = short[start : start + GROUP]
        yield CHECKSUM[sum((one in ascii_uppercase) << at for at, one in enumerate(group))]
