"""The [sources.github] table of config.toml."""

from collections.abc import Iterable
from dataclasses import replace

from pydantic import SecretStr

from domain.address import Origin
from listener.servers import origins
from listener.settings import SourceSettings
from net.settings import Secret


class GitHubSettings(SourceSettings):
    """The [sources.github] table."""

    token: Secret = SecretStr("")

    def post_servers(self) -> Iterable[Origin]:
        for origin in origins([self.base_url or ""]):
            yield origin
            if origin.host.startswith("api."):  # on ghe.com, too
                yield replace(origin, host=origin.host.removeprefix("api."))
