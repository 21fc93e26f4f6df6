"""The [sources.googleplay] table of config.toml."""

from pydantic import Field, SecretStr

from listener.keys import App, ServiceAccount
from listener.settings import SourceSettings
from net.settings import Address


class GooglePlaySettings(SourceSettings):
    """The [sources.googleplay] table."""

    apps: dict[App, str] = Field(default_factory=dict)  # package name -> the brand it is of
    service_account: ServiceAccount = SecretStr("")
    auth_url: Address | None = None  # where tokens are given; None: as base_url

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("apps", "service_account")
