"""The [crm] table of config.toml."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from crm import phones
from crm.api import SYSTEMS
from crm.api.hubspot.settings import HubSpotSettings
from crm.api.salesforce.settings import SalesforceSettings
from crm.api.settings import ApiSettings
from crm.api.shopify.settings import ShopifySettings

TierName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Threshold = Annotated[Decimal, Field(gt=0)]


class CrmSettings(BaseModel):
    """What makes a customer valuable, and the systems that are read over their APIs."""

    # Input is hidden: an error about a table must not print the secret that stands in it.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    # Tier -> revenue of the past 12 months from which a customer is in it. A tier that the CRM
    # itself gives wins over these.
    tiers: dict[TierName, Threshold] = {"gold": Decimal(1000), "silver": Decimal(300)}
    # The country of telephone numbers that are written without one; "": these are not read.
    phone_region: str = ""
    hubspot: HubSpotSettings | None = None
    salesforce: SalesforceSettings | None = None
    shopify: ShopifySettings | None = None

    @field_validator("phone_region")
    @classmethod
    def _region_is_known(cls, region: str) -> str:
        if region and not phones.is_region(region):
            raise ValueError("is no country: write its two capitals, such as 'DE'")
        return region

    @property
    def systems(self) -> Mapping[str, ApiSettings]:
        """The tables of the systems that are read over their API, by name."""
        return {name: table for name in SYSTEMS if (table := getattr(self, name)) is not None}

    @property
    def enabled(self) -> Sequence[str]:
        """The names of those that are switched on."""
        return [name for name, table in self.systems.items() if table.enabled]

    @model_validator(mode="after")
    def _each_tier_is_its_own(self) -> Self:
        if len({name.casefold() for name in self.tiers}) < len(self.tiers):
            raise ValueError("two tiers have the same name: give each its own")
        if len(set(self.tiers.values())) < len(self.tiers):
            raise ValueError("two tiers have the same threshold: give each its own")
        return self
