"""The [crm.hubspot] table of config.toml."""

from pydantic import SecretStr

from crm.api.settings import ApiSettings, Secret


class HubSpotSettings(ApiSettings):
    """The token is that of a private app which may read contacts and deals."""

    access_token: Secret = SecretStr("")

    @classmethod
    def required(cls) -> tuple[str, ...]:
        """The token is all there is."""
        return ("access_token",)
