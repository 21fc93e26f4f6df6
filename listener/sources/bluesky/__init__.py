"""Bluesky, searched and as it is written."""
