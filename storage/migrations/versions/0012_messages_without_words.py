"""Messages without words: a message says what it is about and is drawn when it is sent."""

import re
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
ENDED = ("sent", "dead", "skipped")
DIGEST = re.compile(
    r"digest:(?P<brand>.*):(?P<day>\d{4}-\d\d-\d\d)(?P<manual>:by-hand:.*)?", re.DOTALL
)
OUTBOX = sa.table(
    "outbox",
    *(sa.column(name) for name in ("id", "key", "incident_id", "kind", "channel", "notifier")),
    *(sa.column(name, JSON) for name in ("payload", "about", "quotes")),
    *(sa.column(name) for name in ("subject", "state", "ref", "reason", "stale", "marks")),
    *(sa.column(name, sa.DateTime(timezone=True)) for name in ("created_at", "sent_at", "as_of")),
)
EVENT = sa.table(
    "incident_event", *(sa.column(name) for name in ("id", "incident_id", "action", "note"))
)


def upgrade() -> None:
    for column in (
        sa.Column("subject", sa.Text(), server_default="incident", nullable=False),
        sa.Column("about", JSON, server_default="{}", nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=True),
        sa.Column("numbers", JSON, nullable=True),
        sa.Column("stale", sa.Text(), server_default="", nullable=False),
        sa.Column("marks", sa.Integer(), server_default="0", nullable=False),
        sa.Column("drawn", sa.Integer(), server_default="0", nullable=False),
        sa.Column("redrawn_at", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("outbox", column)
    _say_what_each_is_about()
    _redraw_instead()
    # The column stays for a release that is still running; the words in it do not.
    op.get_bind().execute(sa.update(OUTBOX).values(payload={}))
    op.drop_index("ix_outbox_waiting", "outbox")
    where = sa.text(
        "(state NOT IN ('sent', 'dead', 'skipped') OR (state = 'sent' AND stale != ''))"
    )
    op.create_index(
        "ix_outbox_unsettled", "outbox", ["created_at"], sqlite_where=where, postgresql_where=where
    )


def _say_what_each_is_about() -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.select(OUTBOX)).all():
        subject, about = _subject(row)
        connection.execute(
            sa.update(OUTBOX)
            .where(OUTBOX.c.id == row.id)
            .values(subject=subject, about=about, as_of=OUTBOX.c.created_at)
        )


def _subject(row: sa.Row[Any]) -> tuple[str, dict[str, Any]]:
    digest = DIGEST.fullmatch(row.key)
    if digest:
        edition = "manual" if digest["manual"] else "morning"
        return "digest", {"brand": digest["brand"], "day": digest["day"], "edition": edition}
    if row.key.startswith("storm:"):
        brand = row.key.removeprefix("storm:").rpartition(":")[0]
        return "storm", {"brand": brand, "incident_ids": list(_incidents_told(row.payload))}
    if row.kind == "thread":
        return "mention", {"mention_id": _mention(row)}
    return "incident", {}


def _incidents_told(payload: Any) -> Iterator[int]:  # noqa: ANN401 -- Slack's JSON
    """The numbers a storm's message lists: nothing else says which they are."""
    for block in payload.get("blocks", ()) if payload else ():
        for part in block.get("elements", ()):
            runs = part.get("elements", ())
            if runs and runs[0].get("text") == "Incidents: ":
                yield from map(int, re.findall(r"\d+", runs[1].get("text", "")))


def _mention(row: sa.Row[Any]) -> int | None:
    """The post that a message in a thread shows: the one that brought the incident so far."""
    if row.quotes:
        return int(row.quotes[0])
    version = row.key.rpartition(":")[2]
    events = sa.select(EVENT.c.action, EVENT.c.note).where(EVENT.c.incident_id == row.incident_id)
    told = op.get_bind().execute(events.order_by(EVENT.c.id)).all()
    nth = int(version) if version.isdecimal() else 0
    if not 0 < nth <= len(told) or told[nth - 1].action != "joined":
        return None
    number = told[nth - 1].note.removeprefix("mention ")
    return int(number) if number.isdecimal() else None


def _redraw_instead() -> None:
    """What was to be put in the place of a message marks that message; one without posts itself."""
    connection = op.get_bind()
    for row in connection.execute(
        sa.select(OUTBOX)
        .where(OUTBOX.c.kind.in_(("update", "redact")), OUTBOX.c.state.not_in(ENDED))
        .order_by(OUTBOX.c.created_at, OUTBOX.c.key)
    ).all():
        first = sa.select(OUTBOX.c.id).where(
            OUTBOX.c.kind.in_(("post", "thread")), OUTBOX.c.notifier == row.notifier
        )
        if row.kind == "redact":
            first = first.where(OUTBOX.c.ref == row.ref, OUTBOX.c.channel == row.channel)
        else:
            first = first.where(
                OUTBOX.c.kind == "post",
                OUTBOX.c.incident_id == row.incident_id,
                OUTBOX.c.state.not_in(("dead", "skipped")),
            ).order_by(OUTBOX.c.ref.is_(None), OUTBOX.c.sent_at.desc())
        target = connection.scalar(first.limit(1))
        if target is None and row.kind == "update":
            values = {"kind": "post", "state": "pending", "ref": None}
        else:
            values = {"state": "skipped", "reason": "its message is drawn anew instead"}
            stale = "changed" if row.kind == "update" else "withdrawn"
            connection.execute(
                sa.update(OUTBOX)
                .where(OUTBOX.c.id == target, OUTBOX.c.stale != "changed")
                .values(stale=stale, marks=OUTBOX.c.marks + 1)
            )
        connection.execute(sa.update(OUTBOX).where(OUTBOX.c.id == row.id).values(**values))
