from dataclasses import replace
from typing import Any

import pytest

from crm.linking.people import Candidate, Order, Writer
from domain.customer import Basis, LinkState
from listener.contracts import contract_of
from tests.crm.linking.people import (
    ANA,
    AS_SHIPPED,
    BETWEEN,
    LIFTED,
    NEW,
    author,
    found,
    on_file,
    verdict,
)

CONFIRMED, PROPOSED = LinkState.CONFIRMED, LinkState.PROPOSED
HANDLE, STATED, SCORED = Basis.HANDLE_ON_FILE, Basis.SELF_STATED, Basis.SCORED
HOLDER = replace(ANA, handles=on_file("moonwalker77"))
MAIL = "My order is late, mail me at ana.silveira@mail.example"
HERE: dict[str, Any] = {"name": "Ana Silveira", "location": "Leeds, UK"}


def test_the_handle_on_file_links() -> None:
    assert found(HOLDER, contract=AS_SHIPPED) == [(7, CONFIRMED, HANDLE)]


def test_a_handle_that_another_account_has_taken_since_does_not() -> None:
    assert found(HOLDER, created_at=NEW, name="Kim Lee") == []
    assert found(HOLDER, created_at=NEW, name="Ana Silveira") == [(7, PROPOSED, HANDLE)]


def test_without_an_age_the_name_must_not_be_another_one() -> None:
    assert found(HOLDER, created_at=None, name="") == [(7, CONFIRMED, HANDLE)]
    assert found(HOLDER, created_at=None, name="Ana S.") == [(7, CONFIRMED, HANDLE)]
    for other in ("Kim Lee", "Róża", "vespa 4ever"):
        assert found(HOLDER, created_at=None, name=other) == [(7, PROPOSED, HANDLE)]


def test_a_handle_of_two_customers_asks_a_person() -> None:
    other = replace(HOLDER, customer_id=8, name="Bo Berg", emails=())
    assert found(HOLDER, other) == [(7, PROPOSED, HANDLE), (8, PROPOSED, HANDLE)]
    assert found(HOLDER, replace(other, joined_to=7)) == [(7, CONFIRMED, HANDLE)]


@pytest.mark.parametrize(
    ("post", "known"),
    [
        pytest.param(MAIL, {}, id="an e-mail in the first person"),
        pytest.param("Call me on +49 151 12345678", {}, id="a number"),
        pytest.param("Ruft mich an: 0151 / 12345678", {}, id="a number without its country"),
        pytest.param("ana.silveira (at) mail.example", {}, id="bare, and hidden from robots"),
        pytest.param(
            "Napište na ana.silveira@mail.example", {"name": "Ana S."}, id="any language, by name"
        ),
    ],
)
def test_what_authors_say_of_themselves_links(post: str, known: dict[str, Any]) -> None:
    assert found(posts=(post,), contract=AS_SHIPPED, **known) == [(7, CONFIRMED, STATED)]


@pytest.mark.parametrize(
    "post",
    [
        pytest.param("why does your agent write from ana.silveira@mail.example", id="the sender"),
        pytest.param("my husband's mail is ana.silveira@mail.example", id="kin"),
        pytest.param("Schreibt meiner Schwester: ana.silveira@mail.example", id="kin, German"),
        pytest.param("escribid a mi vecina, ana.silveira@mail.example", id="neighbour, Spanish"),
        pytest.param("nummer van mijn huisgenoot 0049 15112345678", id="flatmate, Dutch"),
        pytest.param('They wrote "mail me at ana.silveira@mail.example"', id="a quotation"),
        pytest.param("> mail me at ana.silveira@mail.example", id="a cited line"),
        pytest.param("the shop (ana.silveira@mail.example) won't help", id="in brackets"),
        pytest.param("They told me to write to ana.silveira@mail.example", id="what was told"),
    ],
)
def test_other_peoples_addresses_link_nobody(post: str) -> None:
    assert found(posts=(post,), contract=AS_SHIPPED) == []
    assert found(posts=(post,), name="Kim Lee", location="Leeds") == []


def test_a_stated_address_of_somebody_of_another_name_asks_a_person() -> None:
    assert found(posts=(MAIL,), name="Kim Lee", location="Leeds") == [(7, PROPOSED, SCORED)]
    assert found(posts=(MAIL,), name="Rui Silveira", location="Leeds") != [(7, CONFIRMED, STATED)]


def test_an_office_is_nobody() -> None:
    office = replace(ANA, emails=("support@mail.example", "service.leeds@mail.example"))
    for address in office.emails:
        assert found(office, posts=(f"mail me at {address}",)) == []


def test_an_address_that_two_customers_hold_asks_a_person() -> None:
    other = replace(ANA, customer_id=8)
    assert {state for _, state, _ in found(ANA, other, posts=(MAIL,))} == {PROPOSED}


def test_the_own_site_links_with_the_name_and_not_the_company_account() -> None:
    site: dict[str, Any] = {"url": "https://www.silveira.example/about"}
    assert found(name="Ana Silveira", **site) == [(7, CONFIRMED, STATED)]
    assert found(name="Harthall GmbH", **site) == []
    assert found(name="Kim Lee", **site) == []
    domain: dict[str, Any] = {"source": "bluesky", "handle": "silveira.example", "name": "Ana S."}
    assert found(contract=AS_SHIPPED, **domain) == [(7, CONFIRMED, STATED)]


def test_a_name_alone_never_links() -> None:
    alike: dict[str, Any] = {"name": "Ana Silveira", "handle": "ana.silveira"}
    assert all(state is PROPOSED for _, state, _ in found(**alike))


def test_a_score_confirms_itself_where_the_contract_lets_it() -> None:
    assert found(**HERE) == [(7, CONFIRMED, SCORED)]
    assert found(**HERE, contract=AS_SHIPPED) == [(7, PROPOSED, SCORED)]
    assert found(**HERE, contract=contract_of("reddit")) == []
    assert found(HOLDER, posts=(MAIL,), **HERE, contract=contract_of("reddit")) == []


@pytest.mark.parametrize(
    "known",
    [
        pytest.param({"name": "Ana Silveira (Parodie)"}, id="says parody"),
        pytest.param({"bio": "satira, no oficial"}, id="says it in the bio"),
        pytest.param({"bio": "Σατιρικός λογαριασμός"}, id="says it in Greek"),
        pytest.param({"bio": "حساب ساخر"}, id="says it in Arabic"),
        pytest.param({"name": "Not Ana Silveira"}, id="says not"),
        pytest.param({"name": "Rui Silveira"}, id="a relative"),
        pytest.param({"location": "Boston"}, id="a namesake elsewhere"),
    ],
)
def test_somebody_like_a_customer_is_not_linked(known: dict[str, Any]) -> None:
    assert not [one for one in found(**{**HERE, **known}) if one[1] is CONFIRMED]


def test_a_squatter_of_a_handle_on_file_is_not_linked() -> None:
    known = replace(ANA, handles=on_file("ana_silveira"))
    assert found(known, **HERE, handle="ana_silveira_", created_at=NEW) == []


def test_two_customers_of_one_name_and_place_tie() -> None:
    twin = replace(ANA, customer_id=8, emails=(), phones=(), website="")
    assert not [one for one in found(ANA, twin, **HERE) if one[1] is CONFIRMED]


def test_an_order_is_no_identity_but_speaks_beside_a_name() -> None:
    order = (Order("A-1001", 7),)
    assert found(orders=order, location="Leeds") != [(7, CONFIRMED, SCORED)]
    assert found(orders=order, name="Ana Silveira") == [(7, CONFIRMED, SCORED)]
    assert found(orders=order, name="Ana", handle="ana_silveira") == [(7, CONFIRMED, SCORED)]
    first_name = found(orders=order, name="Ana", handle="ana77", location="Somewhereton")
    assert not [one for one in first_name if one[1] is CONFIRMED]
    told = (Order("A-1001", 7, others=True),)
    assert not [one for one in found(orders=told, **HERE) if one[1] is CONFIRMED]
    assert not [one for one in found(orders=(Order("A-9", 99),), **HERE) if one[1] is CONFIRMED]


def test_the_order_of_candidates_changes_nothing() -> None:
    others = [
        Candidate(9, "shop", name="Ana Silva", city="Leeds", created_at=BETWEEN),
        Candidate(8, "shop", name="A. Silveira", emails=("asilveira@mail.example",)),
        ANA,
    ]
    writer = Writer(author(name="Ana Silveira", location="Leeds"), "x", (MAIL,))
    assert verdict(writer, *others) == verdict(writer, *reversed(others))


def test_the_evidence_is_sentences_without_addresses() -> None:
    [judgement] = verdict(Writer(author(**HERE), "x", (MAIL,)), contract=LIFTED)
    assert judgement.evidence == ("the author names the e-mail address of the record as their own",)
    [judgement] = verdict(Writer(author(**HERE), "x"), contract=LIFTED)
    assert judgement.evidence == (
        "the profile is called 'Ana Silveira', the record 'Ana Silveira'",
        "the profile says 'Leeds, UK', the record Leeds",
    )
