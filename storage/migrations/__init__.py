"""Alembic's folder: one revision a file, each works with the release before it."""
