"""The [sources.threads] table of config.toml."""

from listener.sources.meta.settings import TokenSettings


class ThreadsSettings(TokenSettings):
    """The [sources.threads] table."""

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("access_token",)
