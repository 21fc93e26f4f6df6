"""What every CRM or shop with an API keeps to."""

import pytest

from crm.api import SYSTEMS
from crm.api.source import CrmSource, Holds
from crm.imports import SYSTEMS as OF_FILES
from crm.settings import CrmSettings

KEYS = {
    "hubspot": {"access_token": "canary"},
    "salesforce": {
        "base_url": "https://acme.my.salesforce.com",
        "client_id": "id",
        "client_secret": "canary",
    },
    "shopify": {"shop": "acme.myshopify.com", "token": "canary"},
}


def made(name: str) -> CrmSource:
    kind = SYSTEMS[name]
    return kind.make(kind.settings.model_validate({"enabled": True, **KEYS[name]}), "")


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_system_is_the_same_one_as_that_of_its_files(name: str) -> None:
    assert name in OF_FILES
    assert name in CrmSettings.model_fields
    assert made(name).name == name


@pytest.mark.parametrize("name", SYSTEMS)
def test_customers_are_read_before_what_they_bought(name: str) -> None:
    held = [one.holds for one in made(name).objects]

    assert held[0] is Holds.CUSTOMERS
    assert {Holds.ORDERS, Holds.SOME_ORDERS} & set(held)
