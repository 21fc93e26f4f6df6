"""The [sources.trustpilot] table of config.toml."""

from pydantic import Field, SecretStr

from listener.settings import OneBrandSettings
from net.settings import Secret


class TrustpilotSettings(OneBrandSettings):
    """The [sources.trustpilot] table."""

    api_key: Secret = SecretStr("")
    business_unit_id: str = Field(default="", pattern="^([0-9a-fA-F]{24})?$")

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("brand", "business_unit_id", "api_key")
