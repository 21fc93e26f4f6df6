"""Escalations: who is to be reminded of an incident, and when, as rows.

Incidents that are live get the policy of now; what is long past is told of each once, by its newest
step.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

PENDING = "(state = 'pending')"
LIVE = "state IN ('open', 'acknowledged', 'snoozed')"


def upgrade() -> None:
    op.create_table(
        "escalation_step",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("clock", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("after", "tell", "channel")),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("incident_id", "clock", "number"),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], ondelete="CASCADE"),
    )
    op.create_index(
        "ix_escalation_step_pending",
        "escalation_step",
        ["due_at"],
        sqlite_where=sa.text(PENDING),
        postgresql_where=sa.text(PENDING),
    )
    op.create_index("ix_escalation_step_fired_at", "escalation_step", ["fired_at"])
    op.add_column(
        "incident",
        sa.Column("escalated_clock", sa.Integer(), nullable=False, server_default=sa.text("0")),
    )
    op.add_column(
        "incident",
        sa.Column("moved", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_index(
        "ix_incident_moved",
        "incident",
        ["id"],
        sqlite_where=sa.text("moved"),
        postgresql_where=sa.text("moved"),
    )
    op.execute(f"UPDATE incident SET moved = true WHERE {LIVE}")  # noqa: S608
