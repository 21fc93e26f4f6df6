"""First times: of edits that named nobody, and of the tries of a source.

An edit that names nobody is remembered, so that an older version that comes later raises nothing.
The sealing key is drawn now and not with the first name that is sealed: an older copy of this
database has the same one, and finds again what was told since. A source gets the time at which it
was tried first, because the hour of that began up to an hour before.
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
    op.add_column("source_state", sa.Column("first_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE source_state SET first_at = coalesce(last_ok_at, trouble_at)")
    drawn = sa.select(SETTING).where(SETTING.c.key == SEALING_KEY)
    if op.get_bind().execute(drawn).first() is None:
        op.get_bind().execute(
            sa.insert(SETTING).values(key=SEALING_KEY, value=secrets.token_hex(32))
        )
