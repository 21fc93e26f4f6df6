"""The [sources.mastodon] table of config.toml."""

from collections.abc import Iterable

from pydantic import SecretStr

from domain.address import Origin
from listener.keys import Hashtag, Server
from listener.servers import origins
from listener.settings import SourceSettings
from net.settings import Secret


class MastodonSettings(SourceSettings):
    """The [sources.mastodon] table; base_url is asked instead of the servers."""

    servers: tuple[Server, ...] = ("https://mastodon.social",)
    access_token: Secret = SecretStr("")  # of an account on the first server, for its search
    hashtags: tuple[Hashtag, ...] = ()  # read for all brands, beside the #tags in their queries

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("servers",)

    def post_servers(self) -> Iterable[Origin]:
        return origins([*self.servers, self.base_url or ""])
