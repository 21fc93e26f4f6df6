"""Peace: mutes, messages that wait for the end of one or of quiet hours, storms counted soon."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "mute",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("what", "value")),
        sa.Column("author_id", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("brand", "reason", "by")),
        *(sa.Column(name, _INSTANT, nullable=False) for name in ("created_at", "until")),
        sa.Column("removed_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"], ["author.id"], name=op.f("fk_mute_author_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mute")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "mute_incident",
        sa.Column("mute_id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mute_id"], ["mute.id"], name=op.f("fk_mute_incident_mute_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incident.id"],
            name=op.f("fk_mute_incident_incident_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("mute_id", "incident_id", name=op.f("pk_mute_incident")),
    )
    op.create_index("ix_mute_incident_incident_id", "mute_incident", ["incident_id"])
    op.add_column("outbox", sa.Column("quiet_until", _INSTANT, nullable=True))
    op.create_index("ix_incident_opened_at", "incident", ["opened_at"])
