"""The [sources.threads] table of config.toml."""

from pydantic import SecretStr

from listener.keys import Secret
from listener.settings import SourceSettings


class ThreadsSettings(SourceSettings):
    """The [sources.threads] table."""

    access_token: Secret = SecretStr("")

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("access_token",)
