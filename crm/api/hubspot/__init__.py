"""HubSpot: contacts, and the deals that were won."""

from crm.api.hubspot.settings import HubSpotSettings
from crm.api.kind import CrmKind
from crm.api.settings import ApiSettings
from crm.api.source import CrmSource
from net.settings import given


def _make(settings: ApiSettings, phone_region: str) -> CrmSource:
    # Late: what speaks HTTP takes time to import, which reading the configuration must not.
    from crm.api.hubspot.source import HubSpotSource  # noqa: PLC0415

    return HubSpotSource(given(HubSpotSettings, settings), phone_region)


KIND = CrmKind(HubSpotSettings, _make)
