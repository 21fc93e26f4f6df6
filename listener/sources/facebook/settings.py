"""The [sources.facebook] table of config.toml."""

from listener.keys import Number
from listener.sources.meta.settings import OwnPageSettings


class FacebookSettings(OwnPageSettings):
    """The [sources.facebook] table."""

    page: Number = ""  # the id of the brand's page

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("brand", "page", "access_token")
