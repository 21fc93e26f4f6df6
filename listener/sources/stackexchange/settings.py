"""The [sources.stackexchange] table of config.toml."""

from pydantic import SecretStr

from listener.keys import Secret, Site
from listener.settings import SourceSettings


class StackExchangeSettings(SourceSettings):
    """The [sources.stackexchange] table."""

    sites: tuple[Site, ...] = ("stackoverflow",)
    api_key: Secret = SecretStr("")

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("sites",)
