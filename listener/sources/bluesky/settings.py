"""The [sources.bluesky] table of config.toml."""

from pydantic import SecretStr

from listener.keys import Handle, StreamAddress
from listener.settings import SourceSettings
from net.settings import Secret


class BlueskySettings(SourceSettings):
    """The [sources.bluesky] table."""

    handle: Handle = ""  # of any account: what is public is read with it
    app_password: Secret = SecretStr("")
    stream: bool = False  # whether posts are read as they are written, besides searching
    stream_url: StreamAddress = "wss://jetstream.us-east.bsky.network"

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("handle", "app_password")
