"""Links are a ledger: of each pair one row, and of each judgement on it one that stays."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"

_INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOVED = ("state", "basis", "evidence", "probability", "decided_by", "at")
ROWS = sa.table(
    "link_judgement",
    sa.column("evidence", JSON),
    *map(sa.column, ("id", "basis", "decided_by")),
)


def upgrade() -> None:
    op.create_table(
        "link_judgement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("state", "basis")),
        sa.Column("evidence", JSON, nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["link_id"], ["link.id"], name=op.f("fk_link_judgement_link_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_judgement")),
    )
    op.create_index("ix_link_judgement_link_id", "link_judgement", ["link_id"])
    op.create_index(
        "ix_link_judgement_expires_at",
        "link_judgement",
        ["expires_at"],
        sqlite_where=sa.text("expires_at IS NOT NULL"),
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.add_column("link", sa.Column("present_id", sa.Integer(), nullable=True))
    _move()
    for name in MOVED:
        op.drop_column("link", name)


def _move() -> None:
    """Each link's decision becomes the first row of its ledger."""
    columns = ", ".join(MOVED)
    op.execute(f"INSERT INTO link_judgement (link_id, {columns}) SELECT id, {columns} FROM link")  # noqa: S608 -- names of this file
    op.execute(
        "UPDATE link SET present_id ="
        " (SELECT id FROM link_judgement WHERE link_judgement.link_id = link.id)"
    )
    by_rule = ROWS.c.decided_by.startswith("rule:")
    on_file = ROWS.c.basis.in_(("handle on file", ""))
    op.execute(
        sa.update(ROWS)
        .where(by_rule)
        .values(basis="handle_on_file", decided_by="rule:handle_on_file")
    )
    # Where a person only said yes or no, what had been found stays as evidence.
    op.execute(sa.update(ROWS).where(~by_rule, on_file).values(basis="person"))
    connection = op.get_bind()
    stated = sa.select(ROWS.c.id, ROWS.c.basis).where(~by_rule, ROWS.c.basis != "person")
    for row_id, basis in connection.execute(stated).all():
        connection.execute(
            sa.update(ROWS).where(ROWS.c.id == row_id).values(basis="given", evidence=[basis])
        )
