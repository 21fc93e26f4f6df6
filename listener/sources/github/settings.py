"""The [sources.github] table of config.toml."""

from pydantic import SecretStr

from listener.keys import Secret
from listener.settings import SourceSettings


class GitHubSettings(SourceSettings):
    """The [sources.github] table."""

    token: Secret = SecretStr("")
