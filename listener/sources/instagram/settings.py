"""The [sources.instagram] table of config.toml."""

from pydantic import SecretStr

from listener.keys import Number, Secret
from listener.settings import OneBrandSettings


class InstagramSettings(OneBrandSettings):
    """The [sources.instagram] table."""

    account: Number = ""  # the id of the brand's professional account
    access_token: Secret = SecretStr("")

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("brand", "account", "access_token")
