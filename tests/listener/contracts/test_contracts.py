from datetime import date, timedelta

import pytest

from domain.customer import Basis
from domain.network import NETWORKS
from listener.contracts import contract_of, contracts
from listener.sources import SOURCES


def test_every_source_has_its_own_contract() -> None:
    assert SOURCES.keys() == contracts().keys()
    for name, contract in contracts().items():
        assert contract.source == name == contract_of(name.upper()).source


@pytest.mark.parametrize("name", SOURCES)
def test_a_contract_is_found_by_every_spelling_of_its_network(name: str) -> None:
    for spelling in (*NETWORKS[name].spellings, f" {name.upper()} "):
        assert contract_of(spelling) is contract_of(name)


def test_what_the_networks_allow() -> None:
    x, reddit = contract_of("twitter"), contract_of("Reddit ")
    assert (x.source, x.may_link, x.may_reply) == ("x", True, "when mentioned")
    assert (reddit.may_link, reddit.sunset) == (False, date(2027, 3, 1))
    assert (x.delete_within, reddit.delete_within) == (timedelta(hours=24), timedelta(hours=48))


@pytest.mark.parametrize("name", [*SOURCES, "Glassdoor"])
def test_a_link_rests_on_what_the_contract_names_and_no_score_confirms_one(name: str) -> None:
    contract = contract_of(name)
    assert contract.may_link is bool(contract.bases)
    assert not contract.may_score
    assert Basis.SCORED not in contract.bases


def test_where_consent_is_asked_for_a_persons_word_is_no_basis() -> None:
    asked = {name for name, one in contracts().items() if one.may_link} - {
        name for name, one in contracts().items() if Basis.PERSON in one.bases
    }
    assert asked == {"x", "facebook", "instagram", "threads"}


def test_an_imported_network_has_a_contract_that_says_what_it_does_not_know() -> None:
    contract = contract_of("Glassdoor")
    assert contract.source == "glassdoor"
    assert contract.may_reply == "no"
    assert "no rules" in contract.reason
