"""The [sources.instagram] table of config.toml."""

from listener.keys import Number
from listener.sources.meta.settings import OwnPageSettings


class InstagramSettings(OwnPageSettings):
    """The [sources.instagram] table."""

    account: Number = ""  # the id of the brand's professional account

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("brand", "account", "access_token")
