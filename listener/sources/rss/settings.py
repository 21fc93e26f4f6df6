"""The [sources.rss] table of config.toml."""

from listener.keys import FeedAddress
from listener.settings import SourceSettings


class RssSettings(SourceSettings):
    """The [sources.rss] table; base_url is a gateway that fetches instead, whatever the host."""

    feeds: tuple[FeedAddress, ...] = ()
    allow_private: bool = False  # feeds inside the own network may be fetched, too
