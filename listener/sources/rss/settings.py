"""The [sources.rss] table of config.toml."""

from collections.abc import Iterable

from domain.address import Origin
from listener.keys import FeedAddress
from listener.settings import SourceSettings
from listener.sources.rss.sites import sites


class RssSettings(SourceSettings):
    """The [sources.rss] table; base_url is a gateway that fetches instead, whatever the host."""

    feeds: tuple[FeedAddress, ...] = ()
    allow_private: bool = False  # feeds inside the own network may be fetched, too

    def post_servers(self) -> Iterable[Origin]:
        return sites(self.feeds)  # not base_url: a gateway that fetches is no site
