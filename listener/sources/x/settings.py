"""The [sources.x] table of config.toml."""

from pydantic import SecretStr

from listener.keys import Number
from listener.settings import PaidSettings
from net.settings import Secret


class XSettings(PaidSettings):
    """The [sources.x] table."""

    bearer_token: Secret = SecretStr("")
    own_mentions: tuple[Number, ...] = ()  # own accounts that own the app: mentions at owned_post
    archive: bool = False  # whether `collect --since` may go back further than 7 days
    stream: bool = False  # whether posts are also read as they are written

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("bearer_token",)
