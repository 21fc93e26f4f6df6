"""The [sources.facebook] table of config.toml."""

from pydantic import SecretStr

from listener.keys import Number, Secret
from listener.settings import OneBrandSettings


class FacebookSettings(OneBrandSettings):
    """The [sources.facebook] table."""

    page: Number = ""  # the id of the brand's page
    access_token: Secret = SecretStr("")

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("brand", "page", "access_token")
