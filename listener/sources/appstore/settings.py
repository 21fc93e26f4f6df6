"""The [sources.appstore] table of config.toml."""

from pydantic import Field, SecretStr

from listener.keys import App, Pem
from listener.settings import SourceSettings


class AppStoreSettings(SourceSettings):
    """The [sources.appstore] table."""

    apps: dict[App, str] = Field(default_factory=dict)  # number -> the brand it is of
    key_id: str = ""
    issuer_id: str = ""
    private_key: Pem = SecretStr("")

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("apps", "key_id", "issuer_id", "private_key")
