"""The [crm] table of config.toml."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from crm import phones
from crm.api import SYSTEMS
from crm.api.hubspot.settings import HubSpotSettings
from crm.api.salesforce.settings import SalesforceSettings
from crm.api.settings import ApiSettings
from crm.api.shopify.settings import ShopifySettings
from crm.tiers import ANY, why_unclear

TierName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _number(given: object) -> Decimal:
    if isinstance(given, bool) or not isinstance(given, int | float | Decimal):
        raise PydanticCustomError("decimal_type", "Input should be a valid decimal")
    return Decimal(str(given))


Threshold = Annotated[Decimal, BeforeValidator(_number), Field(gt=0)]


def _by_currency(given: object) -> dict[str, Any]:
    """A plain number counts in every currency."""
    if not isinstance(given, dict):
        return {ANY: given}
    if not given:
        raise ValueError("names no currency: write { EUR = 300 }, or a plain number for all")
    if not all(re.fullmatch("[A-Z]{3}", str(name)) for name in given):
        raise ValueError("names what is no currency: write its three capitals, { EUR = 300 }")
    return given


TierThresholds = Annotated[dict[str, Threshold], BeforeValidator(_by_currency)]


class CrmSettings(BaseModel):
    """What makes a customer valuable, and the systems that are read over their APIs."""

    # Input is hidden: an error about a table must not print the secret that stands in it.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    # Tier -> revenue of the past 12 months from which a customer is in it, by currency (crm.tiers).
    # A tier that the CRM itself gives wins over these.
    tiers: dict[TierName, TierThresholds] = {
        "gold": {ANY: Decimal(1000)},
        "silver": {ANY: Decimal(300)},
    }
    # How far the lifetime value of a customer looks ahead, in years.
    clv_years: Annotated[float, Field(gt=0, le=20)] = 3
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
    def _tiers_rank(self) -> Self:
        if len({name.casefold() for name in self.tiers}) < len(self.tiers):
            raise ValueError("two tiers have the same name: give each its own")
        if problem := why_unclear(self.tiers):
            raise ValueError(problem)
        return self
