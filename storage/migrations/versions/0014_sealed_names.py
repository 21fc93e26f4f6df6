"""Sealed names: nothing that is kept of a deleted post tells who wrote it."""

import hashlib
import hmac
import secrets

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

INCIDENT = sa.table("incident", sa.column("id", sa.Integer), sa.column("key", sa.Text))
SETTING = sa.table("setting", sa.column("key", sa.Text), sa.column("value", sa.Text))
MENTION = sa.table(
    "mention",
    sa.column("id", sa.Integer),
    *(sa.column(name, sa.Text) for name in ("source", "external_id", "standing")),
    *(sa.column(name, sa.Text) for name in ("parent_id", "conversation_id")),
)

FORGET_CUSTOMERS = """
UPDATE incident SET customer_id = NULL WHERE EXISTS (
  SELECT 1 FROM incident_mention AS held WHERE held.incident_id = incident.id
) AND NOT EXISTS (
  SELECT 1 FROM incident_mention AS held JOIN mention ON mention.id = held.mention_id
  WHERE held.incident_id = incident.id AND mention.standing != 'gone'
)"""
NOTHING_LEFT_TO_DO = """
UPDATE mention_brand SET stage = 'done' WHERE stage != 'done' AND mention_id IN (
  SELECT id FROM mention WHERE standing = 'gone'
)"""


def upgrade() -> None:
    key = secrets.token_bytes(32)
    sealed = [_seal_incidents(key), _seal_what_is_gone(key)]
    if any(sealed):  # else it is drawn when the first name is sealed
        op.get_bind().execute(sa.insert(SETTING).values(key="sealing key", value=key.hex()))
    op.execute(FORGET_CUSTOMERS)
    op.execute(NOTHING_LEFT_TO_DO)
    where = sa.text("standing NOT IN ('there', 'gone')")
    op.create_index(
        "ix_mention_doubted", "mention", ["source"], sqlite_where=where, postgresql_where=where
    )


def _seal(key: bytes, name: str) -> str:
    hashed = hmac.new(key, name.encode("utf-8", "surrogatepass"), hashlib.sha256)
    return f"sealed-{hashed.hexdigest()}"


def _seal_incidents(key: bytes) -> bool:
    """complaint:{brand}:{source}:{author}:{conversation root}: the last two."""
    connection = op.get_bind()
    of_complaints = INCIDENT.c.key.startswith("complaint:")
    rows = connection.execute(sa.select(INCIDENT).where(of_complaints)).all()
    for row in rows:
        *first, author, root = row.key.split(":")
        unknown = "?" if author.startswith("?") else ""  # then the post's id stands for it
        names = [_unescaped(one) for one in (author.removeprefix(unknown), root)]
        sealed = (unknown + _seal(key, names[0]), _seal(key, names[1]))
        connection.execute(
            sa.update(INCIDENT)
            .where(INCIDENT.c.id == row.id)
            .values(key=":".join((*first, *sealed)))
        )
    return bool(rows)


def _unescaped(part: str) -> str:
    return part.replace("%3A", ":").replace("%25", "%")


def _seal_what_is_gone(key: bytes) -> bool:
    connection = op.get_bind()
    gone = sa.select(MENTION).where(MENTION.c.standing == "gone")
    sealed = {
        (row.source, row.external_id): _seal(key, row.external_id)
        for row in connection.execute(gone)
    }
    for row in connection.execute(sa.select(MENTION)).all() if sealed else ():
        values = {
            name: sealed[row.source, said]
            for name in ("external_id", "parent_id", "conversation_id")
            if (said := getattr(row, name)) is not None and (row.source, said) in sealed
        }
        if values:
            connection.execute(sa.update(MENTION).where(MENTION.c.id == row.id).values(**values))
    return bool(sealed)
