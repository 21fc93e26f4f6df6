"""Runs revisions on the connection that storage.schema hands over."""

from alembic import context

from storage.schema import ours
from storage.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,  # our SQLite connections own BEGIN, so a broken upgrade leaves no trace
    compare_type=True,
    include_object=ours,
)
with context.begin_transaction():
    context.run_migrations()
