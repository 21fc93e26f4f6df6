"""The [sources.hackernews] table of config.toml."""

from listener.settings import SourceSettings


class HackerNewsSettings(SourceSettings):
    """The [sources.hackernews] table."""
