"""The [sources.reddit] table of config.toml."""

from pydantic import SecretStr

from listener.keys import Subreddit
from listener.settings import SourceSettings
from net.settings import Address, Secret


class RedditSettings(SourceSettings):
    """The [sources.reddit] table."""

    client_id: str = ""
    client_secret: Secret = SecretStr("")
    subreddits: tuple[Subreddit, ...] = ("all",)
    auth_url: Address | None = None  # where tokens are given; None: as base_url

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("client_id", "client_secret")
