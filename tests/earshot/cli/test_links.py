"""The ledger of links on the command line: who said what, on what basis, and since when."""

from datetime import timedelta
from decimal import Decimal

import pytest

from domain.customer import Basis, CustomerRecord, Judgement, LinkState, OrderRecord
from domain.mention import Author, Mention
from earshot.service import steps
from storage import customers, link_rules, links, orders
from tests.earshot.cli.conftest import AWFUL, NOW, Cli
from tests.earshot.world import store

DAY = timedelta(days=1)
SKY = Mention(
    source="bluesky",
    external_id="b1",
    text="Acme is awful",
    published_at=NOW - DAY,
    author=Author(id="did:plc:sky", handle="sky.example"),
)


@pytest.fixture
def ana(cli: Cli) -> Cli:
    """Ana writes on X, somebody on Bluesky; the shop has two customers, and no rule links them."""
    store(cli.app, AWFUL, SKY)
    people = [CustomerRecord("shop", str(n), f"Customer {n}") for n in (1, 2)]
    with cli.app.database.begin() as session:
        customers.save(session, people, now=NOW)
    return cli


def propose(cli: Cli, source: str, name: str, basis: Basis = Basis.SCORED) -> int:
    """What the rules find likely; the link's id."""
    with cli.app.database.begin() as session:
        author = links.find_author(session, source, name)
        assert author is not None
        said = Judgement(1, LinkState.PROPOSED, 0.8, basis, ("both are of Graz",))
        link_rules.judge(session, {author.id: [said]}, now=NOW)
    [found] = cli("links", "list", "--json").records
    return int(found["id"])


def history(cli: Cli, link_id: int) -> list[tuple[str, str, str]]:
    record = cli("links", "show", link_id, "--json").record
    return [(one["state"], one["basis"], one["decided_by"]) for one in record["history"]]


def test_of_two_people_the_later_is_heard_and_both_stand(ana: Cli) -> None:
    link_id = propose(ana, "bluesky", "sky.example")
    assert ana("links", "confirm", link_id, "--by", "Ana").err == f"link {link_id} is confirmed\n"

    told = ana("links", "reject", link_id, "--by", "Ben", "--note", "it is her sister").err

    assert told == (
        f"link {link_id} is rejected\n"
        f"Ana had confirmed it on {NOW:%Y-%m-%d}: both stand in earshot links show {link_id}\n"
    )
    assert history(ana, link_id) == [
        ("proposed", "scored", "rule:scored"),
        ("confirmed", "person", "Ana"),
        ("rejected", "person", "Ben"),
    ]
    assert ana("links", "list", "--json").record["evidence"] == [
        "both are of Graz",
        "it is her sister",
    ]
    shown = ana("links", "show", link_id).out
    assert "proposed   evidence weighed, 80% probable, by rule:scored" in shown
    assert "it is her sister" in shown


def test_what_it_is_worth_most_to_decide_is_proposed_first(ana: Cli) -> None:
    """Customer 1 paid more, 2 is likelier; Ana's post waits for an answer."""
    paid = OrderRecord("1", NOW.date() - 30 * DAY, Decimal(400), "EUR")
    steps.work(ana.app, clock=lambda: NOW)
    with ana.app.database.begin() as session:
        orders.save(session, "shop", [paid])
        for source, name, customer_id, probability in (
            ("x", "ana", 1, 0.4),
            ("bluesky", "sky.example", 2, 0.9),
        ):
            author = links.find_author(session, source, name)
            assert author is not None
            said = Judgement(customer_id, LinkState.PROPOSED, probability, Basis.SCORED, ())
            link_rules.judge(session, {author.id: [said]}, now=NOW)

    found = ana("links", "list", "--state", "proposed", "--json").records

    assert [one["customer_id"] for one in found] == [1, 2]
    assert [one["waiting"] for one in found] == [1, 1]
    assert [one["worth"] for one in found] == [0.4 * 401 * 2, 0.9 * 2]
    first, _ = ana("links", "list", "--state", "proposed").lines
    assert first.endswith("40% probable, 400.00 EUR in 12 months, 1 post waiting")


def test_what_was_withdrawn_says_why_and_no_rule_makes_it_again(ana: Cli) -> None:
    link_id = propose(ana, "bluesky", "sky.example")
    ana("links", "withdraw", link_id, "--why", "asked us by mail not to be linked", "--by", "Ana")
    propose(ana, "bluesky", "sky.example")
    record = ana("links", "list", "--json", "--state", "withdrawn").record
    assert (record["state"], record["evidence"]) == (
        "withdrawn",
        ["asked us by mail not to be linked"],
    )
    assert len(history(ana, link_id)) == 2


def test_the_links_of_a_day_are_listed_as_they_stood(ana: Cli) -> None:
    with ana.app.database.begin() as session:
        author = links.find_author(session, "x", "ana")
        assert author is not None
        made = links.add(session, author, 1, by="Ana", now=NOW - 60 * DAY, evidence=["by mail"])
        links.decide(session, made.link.id, LinkState.WITHDRAWN, by="Ben", now=NOW - 10 * DAY)

    def stood(days: int) -> list[tuple[str, str]]:
        day = f"{NOW - days * DAY:%Y-%m-%d}"
        found = ana("links", "list", "--json", "--at", day).records
        return [(one["state"], one["decided_by"]) for one in found]

    assert [stood(days) for days in (70, 30, 5)] == [
        *([], [("confirmed", "Ana")], [("withdrawn", "Ben")]),
    ]
    assert ana("links", "list", "--source", "twitter").lines != []
    assert ana("links", "list", "--source", "bluesky").lines == []


def test_where_a_network_asks_for_a_basis_a_score_is_none(ana: Cli) -> None:
    link_id = propose(ana, "x", "ana")

    refused = ana("links", "confirm", link_id, code=1).err

    assert "on x a link may not rest on “a person decided”" in refused
    assert f"earshot links confirm {link_id} --basis given or handle_on_file or" in refused
    assert ana("links", "list", "--json").record["state"] == "proposed"
    ana("links", "confirm", link_id, "--basis", "given", "--note", "wrote it in ticket 881")
    record = ana("links", "list", "--json").record
    assert (record["state"], record["basis"]) == ("confirmed", "given")
    assert record["evidence"] == ["both are of Graz", "wrote it in ticket 881"]


def test_a_handle_on_file_is_a_basis_that_a_person_may_confirm(ana: Cli) -> None:
    link_id = propose(ana, "x", "ana", Basis.HANDLE_ON_FILE)
    ana("links", "confirm", link_id)
    assert ana("links", "list", "--json").record["basis"] == "handle_on_file"


@pytest.mark.parametrize(
    ("said", "basis", "evidence"),
    [
        pytest.param(["ticket 881"], "given", ["ticket 881"], id="in ones own words"),
        pytest.param(
            ["given", "--told-on", "2026-03-02", "--note", "by phone"],
            "given",
            ["the customer told us the handle on 2026-03-02", "by phone"],
            id="with the day",
        ),
        pytest.param(["self-stated"], "self_stated", ["says so in public"], id="named"),
    ],
)
def test_a_link_that_a_person_makes_says_what_it_rests_on(
    ana: Cli, said: list[str], basis: str, evidence: list[str]
) -> None:
    ana("links", "add", "x:ana", 1, "--by", "Ana", "--basis", *said)
    record = ana("links", "list", "--json").record
    assert (record["basis"], record["evidence"], record["decided_by"]) == (basis, evidence, "Ana")


def test_a_persons_word_is_a_basis_only_where_the_contract_says_so(ana: Cli) -> None:
    ran = ana("links", "add", "x:ana", 1, "--basis", "person", code=1)
    assert "on x a link may not rest on" in ran.err
    ana("links", "add", "bluesky:sky.example", 1, "--basis", "person")
    assert ana("links", "list", "--json").record["basis"] == "person"


def test_a_link_ends_with_the_day_it_was_to_hold_until(ana: Cli) -> None:
    until = f"{NOW + 3 * DAY:%Y-%m-%d}"
    ana("links", "add", "x:ana", 1, "--basis", "given", "--until", until, "--by", "Ana")
    assert ana("links", "list", "--json").record["expires_at"] is not None
    for days, ended in ((2, 0), (5, 1), (6, 0)):
        with ana.app.database.begin() as session:
            assert link_rules.expire(session, now=NOW + days * DAY) == ended
    record = ana("links", "list", "--json").record
    assert (record["state"], record["decided_by"]) == ("withdrawn", "rule:expired")
    assert record["evidence"][0].startswith("held until ")


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(["--basis", "person", "--told-on", "2026-03-02"], id="told, by nobody"),
        pytest.param(["--basis", "given", "--until", "2026-03-02"], id="over already"),
        pytest.param(["--basis", "given", "--by", "rule:me"], id="no person"),
    ],
)
def test_what_makes_no_sense_is_refused(ana: Cli, wrong: list[str]) -> None:
    ana("links", "add", "bluesky:sky.example", 1, *wrong, code=2)
    assert ana("links", "list").out == ""


def test_a_link_that_is_none_has_no_history(cli: Cli) -> None:
    assert "there is no link 7" in cli("links", "show", 7, code=1).err
