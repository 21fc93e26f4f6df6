"""The [sources.stackexchange] table of config.toml."""

from collections.abc import Iterable

from pydantic import SecretStr

from domain.address import Origin
from listener.keys import Site
from listener.servers import origins
from listener.settings import SourceSettings
from net.settings import Secret


class StackExchangeSettings(SourceSettings):
    """The [sources.stackexchange] table."""

    sites: tuple[Site, ...] = ("stackoverflow",)
    api_key: Secret = SecretStr("")

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("sites",)

    def post_servers(self) -> Iterable[Origin]:
        return origins([self.base_url or ""])
