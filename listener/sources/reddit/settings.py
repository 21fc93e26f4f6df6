"""The [sources.reddit] table of config.toml."""

from pydantic import SecretStr

from listener.keys import Address, Secret, Subreddit
from listener.settings import SourceSettings


class RedditSettings(SourceSettings):
    """The [sources.reddit] table."""

    client_id: str = ""
    client_secret: Secret = SecretStr("")
    subreddits: tuple[Subreddit, ...] = ("all",)
    auth_url: Address | None = None  # where tokens are given; None: as base_url

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("client_id", "client_secret")
