"""Shopify."""

from crm.api.kind import CrmKind
from crm.api.settings import ApiSettings
from crm.api.shopify.settings import ShopifySettings
from crm.api.source import CrmSource
from net.settings import given


def _make(settings: ApiSettings, phone_region: str) -> CrmSource:
    # Late: what speaks HTTP takes its time to import.
    from crm.api.shopify.source import ShopifySource  # noqa: PLC0415

    return ShopifySource(given(ShopifySettings, settings), phone_region)


KIND = CrmKind(ShopifySettings, _make)
