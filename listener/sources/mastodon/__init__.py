"""Mastodon, server by server."""
