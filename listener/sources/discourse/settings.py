"""The [sources.discourse] table of config.toml."""

from collections.abc import Iterable
from typing import Self

from pydantic import SecretStr
from pydantic import model_validator as check_model

from domain.address import Origin
from listener.servers import origins
from listener.settings import SourceSettings
from net.settings import Address, Secret


class DiscourseSettings(SourceSettings):
    """The [sources.discourse] table."""

    servers: tuple[Address, ...] = ()
    api_key: Secret = SecretStr("")
    api_username: str = ""

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("servers",)

    def post_servers(self) -> Iterable[Origin]:
        return origins([*self.servers, self.base_url or ""])

    @check_model(mode="after")
    def _key_stays_with_its_server(self) -> Self:
        if self.api_key.get_secret_value() and len(self.servers) != 1:
            raise ValueError("api_key belongs to one forum: name only that one in servers")
        if self.api_key.get_secret_value() and not self.api_username:
            raise ValueError("api_key needs api_username: whoever it reads as")
        return self
