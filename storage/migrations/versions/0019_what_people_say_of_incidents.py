"""What people say of an incident: who has it, how it was settled, how grave it is."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    for name in ("acknowledged_by", "answered_in", "severity_by"):
        column = sa.Column(name, sa.Text(), nullable=False, server_default="")
        op.add_column("incident", column)
    op.add_column("incident", sa.Column("duplicate_of", sa.Integer(), nullable=True))
    op.create_index("ix_incident_customer_id", "incident", ["customer_id"])
    # Who acknowledged it was told by its history alone.
    op.execute(
        "UPDATE incident SET acknowledged_by = COALESCE("
        "(SELECT actor FROM incident_event WHERE incident_event.id = "
        "(SELECT max(id) FROM incident_event WHERE incident_id = incident.id"
        " AND action = 'acknowledged')), '') WHERE acknowledged_at IS NOT NULL"
    )
