"""The [crm.shopify] table of config.toml."""

from typing import Annotated, Self

from pydantic import SecretStr, StringConstraints, model_validator

from crm.api.settings import ApiSettings
from net.settings import Secret

ShopName = Annotated[str, StringConstraints(pattern=r"^([a-z0-9][a-z0-9-]*\.myshopify\.com)?$")]


class ShopifySettings(ApiSettings):
    """An app of the Dev Dashboard has an id and a secret, one of the admin a token of its own."""

    shop: ShopName = ""
    client_id: Secret = SecretStr("")
    client_secret: Secret = SecretStr("")
    token: Secret = SecretStr("")

    @model_validator(mode="after")
    def _enabled_has_a_key(self) -> Self:
        has_app = self.client_id.get_secret_value() and self.client_secret.get_secret_value()
        if self.enabled and not (has_app or self.token.get_secret_value()):
            raise ValueError(
                "enabled, but client_id and client_secret, or token, missing "
                "(env:NAME or file:/path)"
            )
        return self

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("shop",)
