"""Unlisted edits: an edit that names nobody is remembered, so an older version raises nothing.

The sealing key is drawn now and not with the first name that is sealed: an older copy of this
database has the same one, and finds again what was told since.
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

SETTING = sa.table("setting", sa.column("key", sa.Text), sa.column("value", sa.Text))
SEALING_KEY = "sealing key"


def upgrade() -> None:
    op.create_table(
        "unlisted_edit",
        sa.Column("source", sa.Text(), primary_key=True),
        sa.Column("external_id", sa.Text(), primary_key=True),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
    )
    drawn = sa.select(SETTING).where(SETTING.c.key == SEALING_KEY)
    if op.get_bind().execute(drawn).first() is None:
        op.get_bind().execute(
            sa.insert(SETTING).values(key=SEALING_KEY, value=secrets.token_hex(32))
        )
