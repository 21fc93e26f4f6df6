"""Customers and orders as CRMs and shops give them over their APIs."""

from collections.abc import Mapping

from crm.api import hubspot, salesforce, shopify
from crm.api.kind import CrmKind

# Each has a table [crm.NAME] of config.toml, which is a field of crm.settings.CrmSettings.
SYSTEMS: Mapping[str, CrmKind] = {
    "hubspot": hubspot.KIND,
    "salesforce": salesforce.KIND,
    "shopify": shopify.KIND,
}
