"""Salesforce."""

from crm.api.kind import CrmKind
from crm.api.salesforce.settings import SalesforceSettings
from crm.api.settings import ApiSettings
from crm.api.source import CrmSource
from net.settings import given


def _make(settings: ApiSettings, phone_region: str) -> CrmSource:
    # Late: what speaks HTTP takes its time to import.
    from crm.api.salesforce.source import SalesforceSource  # noqa: PLC0415

    return SalesforceSource(given(SalesforceSettings, settings), phone_region)


KIND = CrmKind(SalesforceSettings, _make)
