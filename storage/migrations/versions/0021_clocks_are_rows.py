"""Clocks are rows: each promise of an incident has its own, and reopening writes over none.

The present clock of every incident becomes its newest row. Those before a reopening are read from
the words in which its audit kept them; where they cannot be read, they are lost as before. Their
severity is taken to be that of today, which nobody noted then.
"""

import re
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

AT = sa.DateTime(timezone=True)
INCIDENT = sa.table(
    "incident",
    *(sa.column(name, sa.Integer) for name in ("id", "clock")),
    *(sa.column(name, AT) for name in ("posted_at", "due_at", "answered_at", "resolved_at")),
    *(sa.column(name, sa.Text) for name in ("severity", "state", "resolution", "assignee")),
    sa.column("answered_in", sa.Text),
)
EVENT = sa.table(
    "incident_event",
    *(sa.column(name, sa.Integer) for name in ("id", "incident_id")),
    *(sa.column(name, sa.Text) for name in ("action", "note")),
)
CLOCK = sa.table(
    "incident_clock",
    *(sa.column(name, sa.Integer) for name in ("incident_id", "number")),
    *(sa.column(name, AT) for name in ("posted_at", "due_at", "answered_at", "ended_at")),
    *(sa.column(name, sa.Text) for name in ("severity", "how", "channel", "assignee")),
)
# As a reopening noted the clock before it: "posted …Z, due …Z, replied …Z after 4 m".
NOTED = re.compile(r"posted (\S+Z), due (\S+Z), ([a-z_ ]+?) (\S+Z)?(?: after .*)?", re.ASCII)
ANSWERED = ("replied", "elsewhere")
LIVE = ("open", "acknowledged", "snoozed")
AT_ONCE = 500


def upgrade() -> None:
    op.create_table(
        "incident_clock",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("posted_at", AT, nullable=False),
        sa.Column("due_at", AT, nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("answered_at", AT, nullable=True),
        sa.Column("ended_at", AT, nullable=True),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("incident_id", "number", name="pk_incident_clock"),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incident.id"],
            name="fk_incident_clock_incident_id_incident",
            ondelete="CASCADE",
        ),
    )
    one = sa.text("1")
    op.add_column("incident", sa.Column("clock", sa.Integer(), nullable=False, server_default=one))
    may = sa.Column("no_answer", sa.Text(), nullable=False, server_default="")
    op.add_column("mention_brand", may)
    op.add_column("mention_brand", sa.Column("answered_by", sa.Integer(), nullable=True))
    where = sa.text("answered_by IS NOT NULL")
    op.create_index(
        "ix_mention_brand_answered_by",
        "mention_brand",
        ["answered_by"],
        sqlite_where=where,
        postgresql_where=where,
    )
    _fill()


def _fill() -> None:
    connection = op.get_bind()
    earlier = _noted()
    rows = []
    for incident in connection.execute(sa.select(INCIDENT)).mappings():
        clocks = [*earlier[incident["id"]], _present(incident)]
        rows += [
            {
                "incident_id": incident["id"],
                "number": number,
                "severity": incident["severity"],
                "channel": "",
                "assignee": incident["assignee"],
                **clock,
            }
            for number, clock in enumerate(clocks, start=1)
        ]
    for start in range(0, len(rows), AT_ONCE):
        connection.execute(sa.insert(CLOCK), rows[start : start + AT_ONCE])
    for incident_id, clocks in earlier.items():
        connection.execute(
            sa.update(INCIDENT).where(INCIDENT.c.id == incident_id).values(clock=len(clocks) + 1)
        )


def _noted() -> defaultdict[int, list[dict[str, Any]]]:
    """The clocks that reopenings noted, by incident, the oldest first."""
    found: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    reopened = sa.select(EVENT).where(EVENT.c.action == "reopened").order_by(EVENT.c.id)
    for event in op.get_bind().execute(reopened).mappings():
        read = NOTED.fullmatch(event["note"])
        if read is not None:
            posted, due, how, ended = read.groups()
            ended_at = _instant(ended) if ended else None
            found[event["incident_id"]].append(
                {
                    "posted_at": _instant(posted),
                    "due_at": _instant(due),
                    "answered_at": ended_at if how in ANSWERED else None,
                    "ended_at": ended_at,
                    "how": _how("resolved", how),
                }
            )
    return found


def _present(incident: sa.RowMapping) -> dict[str, Any]:
    how = _how(incident["state"], incident["resolution"])
    ended_at = incident["answered_at"] if how in ANSWERED else None
    return {
        "posted_at": incident["posted_at"],
        "due_at": incident["due_at"],
        "answered_at": incident["answered_at"],
        "ended_at": (ended_at or incident["resolved_at"]) if how else None,
        "how": how,
        "channel": incident["answered_in"],
    }


def _how(state: str, resolution: str) -> str:
    if state in LIVE:
        return ""
    if state == "dismissed":
        return "dismissed"
    if resolution in ("deleted", "edited"):
        return "withdrawn"
    return "manual" if resolution in ("", "closed") else resolution


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
