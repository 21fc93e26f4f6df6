"""The [crm.salesforce] table of config.toml."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, model_validator

from crm.api.settings import ApiSettings, Network
from crm.handles import network_of_column
from crm.imports.reader import squeeze
from net.settings import Secret

FieldName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,79}$")]


def _own_field(name: str) -> str:
    if not name.endswith("__c") or network_of_column(squeeze(name)):
        raise ValueError("is not a field of your own for it: make one such as Earshot_Handle__c")
    return name


class SalesforceSettings(ApiSettings):
    """base_url is the address of your own org (My Domain): https://acme.my.salesforce.com."""

    client_id: Secret = SecretStr("")
    client_secret: Secret = SecretStr("")
    # What counts as an order: a won opportunity and the order made of it are one sale.
    orders: Literal["Opportunity", "Order"] = "Opportunity"
    currency: Annotated[str, StringConstraints(pattern="^([A-Z]{3})?$")] = ""  # of a one-money org
    # Besides those whose names say it, such as LinkedIn_URL__c: network -> field.
    handle_fields: dict[Network, FieldName] = Field(default_factory=dict)

    # The field of contacts that confirmed handles are written into.
    write_back: Annotated[FieldName, AfterValidator(_own_field)] | None = None

    @model_validator(mode="after")
    def _reads_no_word_of_ours(self) -> Self:
        if self.write_back in self.handle_fields.values():
            raise ValueError("write_back and handle_fields name one field: make another")
        return self

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("base_url", "client_id", "client_secret")
