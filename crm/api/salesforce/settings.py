"""The [crm.salesforce] table of config.toml."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr, StringConstraints

from crm.api.settings import ApiSettings, Network, Secret

FieldName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,79}$")]


class SalesforceSettings(ApiSettings):
    """base_url is the address of your own org (My Domain): https://acme.my.salesforce.com."""

    client_id: Secret = SecretStr("")
    client_secret: Secret = SecretStr("")
    # What counts as an order: a won opportunity and the order made of it are one sale.
    orders: Literal["Opportunity", "Order"] = "Opportunity"
    currency: Annotated[str, StringConstraints(pattern="^([A-Z]{3})?$")] = ""  # of a one-money org
    # Besides those whose names say it, such as LinkedIn_URL__c: network -> field.
    handle_fields: dict[Network, FieldName] = Field(default_factory=dict)

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("base_url", "client_id", "client_secret")
