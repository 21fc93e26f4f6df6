"""Who an author is: only by a handle on file, only where it is allowed, never by a name."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from crm.match import Candidate, match
from domain.contract import Contract
from domain.customer import Basis, LinkState
from domain.mention import Author

ALLOWED = Contract(
    source="x",
    may_link=True,
    bases=tuple(Basis),
    may_score=False,
    may_reply="no",
    may_derive=True,
    keep_authors=True,
    may_export=True,
    retention=timedelta(days=30),
    delete_within=timedelta(days=1),
    sunset=None,
    reason="invented",
    reference="",
    read_on=date(2026, 11, 21),
)
ANA = Author(id="99", handle="Ana", name="Ana Ruiz")
ON_FILE = Candidate(customer_id=12, system="hubspot", network="x", handle="ana")


def test_exactly_one_customer_with_the_handle_is_confirmed_with_evidence() -> None:
    (verdict,) = match(ANA, "x", [ON_FILE], ALLOWED)

    assert (verdict.customer_id, verdict.state) == (12, LinkState.CONFIRMED)
    assert (verdict.probability, verdict.basis) == (0.99, Basis.HANDLE_ON_FILE)
    assert verdict.evidence == ("CRM hubspot holds @ana for x",)


def test_several_customers_with_the_handle_are_left_to_a_person() -> None:
    other = replace(ON_FILE, customer_id=7, system="shopify")

    verdicts = match(ANA, "x", [ON_FILE, other], ALLOWED)

    assert [(one.customer_id, one.state) for one in verdicts] == [
        (7, LinkState.PROPOSED),
        (12, LinkState.PROPOSED),
    ]
    assert verdicts[0].evidence == (
        "CRM shopify holds @ana for x",
        "2 customers hold this handle",
    )
    assert sum(one.probability for one in verdicts) == pytest.approx(0.99)
    assert match(ANA, "x", [other, ON_FILE], ALLOWED) == verdicts


def test_one_customer_with_the_handle_on_file_twice_is_one_customer() -> None:
    (verdict,) = match(ANA, "x", [ON_FILE, replace(ON_FILE, handle="@Ana")], ALLOWED)

    assert verdict.state is LinkState.CONFIRMED


def test_a_contract_that_forbids_linking_is_obeyed() -> None:
    assert match(ANA, "x", [ON_FILE], replace(ALLOWED, may_link=False)) == ()


@pytest.mark.parametrize(
    ("handle", "source", "on_file"),
    [
        pytest.param("anna", "x", ("x", "ana"), id="another handle"),
        pytest.param("ana", "reddit", ("x", "ana"), id="another network"),
        pytest.param("", "x", ("x", ""), id="no handle at all"),
        pytest.param("@", "x", ("x", "@"), id="nothing behind the @"),
        pytest.param("\u0430na", "x", ("x", "ana"), id="a Cyrillic a"),
        pytest.param("\u212aim", "x", ("x", "kim"), id="the Kelvin sign"),
        pytest.param("\u212aimé", "youtube", ("youtube", "kimé"), id="beside another letter"),
        pytest.param("ａna", "x", ("x", "ana"), id="a wide a"),  # noqa: RUF001
        pytest.param("Ana Ruiz", "x", ("x", "ana"), id="the customer's name as handle"),
        pytest.param("ana.ruiz@mail.example", "x", ("x", "ana"), id="an e-mail as handle"),
    ],
)
def test_nothing_but_the_very_handle_links(
    handle: str, source: str, on_file: tuple[str, str]
) -> None:
    author = Author(id="1", handle=handle, name="Ana Ruiz", bio="ana")
    candidate = replace(ON_FILE, network=on_file[0], handle=on_file[1])

    assert match(author, source, [candidate], ALLOWED) == ()


@pytest.mark.parametrize(
    ("handle", "source", "network"),
    [
        pytest.param("@ANA", "x", "x", id="case and @"),
        pytest.param("ana", "twitter", "x", id="a source by its old name"),
        pytest.param("ana", "x", "Twitter", id="a file with the old name"),
    ],
)
def test_the_same_handle_in_another_spelling_is_the_same(
    handle: str, source: str, network: str
) -> None:
    candidate = replace(ON_FILE, network=network)

    assert match(replace(ANA, handle=handle), source, [candidate], ALLOWED)


def test_an_account_younger_than_the_file_is_somebody_else_until_a_person_says_no() -> None:
    on_file = replace(ON_FILE, on_file_at=datetime(2024, 5, 1, tzinfo=UTC))
    taken = replace(ANA, created_at=datetime(2026, 7, 7, tzinfo=UTC))

    (verdict,) = match(taken, "x", [on_file], ALLOWED)

    assert (verdict.state, verdict.probability) == (LinkState.PROPOSED, 0.05)
    assert verdict.evidence[1] == (
        "the x account was made on 2026-07-07, after the CRM had the handle (2024-05-01)"
    )
    (older,) = match(
        replace(ANA, created_at=datetime(2015, 1, 1, tzinfo=UTC)), "x", [on_file], ALLOWED
    )
    assert older.state is LinkState.CONFIRMED


def test_nobody_on_file_is_nobody() -> None:
    assert match(ANA, "x", [], ALLOWED) == ()
