"""The [sources.linkedin] table of config.toml."""

from pydantic import SecretStr

from listener.keys import Month, Number
from listener.settings import OneBrandSettings
from net.settings import Secret


class LinkedInSettings(OneBrandSettings):
    """The [sources.linkedin] table."""

    organization: Number = ""  # the id of the brand's page
    access_token: Secret = SecretStr("")
    version: Month = "202607"  # of the API; LinkedIn closes each about a year after it came

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("brand", "organization", "access_token")
