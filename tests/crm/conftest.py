"""Systems with an API, on loopback."""

from collections.abc import Iterator

import pytest

from tests.crm.hubspot_double import HubSpotDouble
from tests.crm.salesforce_double import SalesforceDouble
from tests.crm.shopify_double import ShopifyDouble
from tests.net.replay import Replay, serve


@pytest.fixture
def replay() -> Iterator[Replay]:
    with serve() as server:
        yield server


@pytest.fixture
def portal(replay: Replay) -> HubSpotDouble:
    double = HubSpotDouble()
    replay.by_query = double.answer
    return double


@pytest.fixture
def org(replay: Replay) -> SalesforceDouble:
    double = SalesforceDouble()
    replay.by_query = double.answer
    return double


@pytest.fixture
def shop(replay: Replay) -> ShopifyDouble:
    double = ShopifyDouble()
    replay.by_query = double.answer
    return double
