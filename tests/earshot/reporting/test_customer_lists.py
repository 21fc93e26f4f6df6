"""One invented shop: a person for each way onto a list, and for each way past it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from itertools import chain

import pytest
from sqlalchemy.orm import Session

from domain.customer import Basis, CustomerRecord, Judgement, LinkState, OrderRecord
from domain.customer_lists import ListName
from domain.listing import Role
from domain.mention import Author, Mention, Standing
from domain.sentiment import Label
from domain.valuation import CurrencyValue, Segment, ShopValuation, Valuation
from earshot.core.app import App
from earshot.reporting import customer_lists
from earshot.reporting.customer_lists import Listed, Member
from storage import (
    customers,
    deletions,
    link_ledger,
    noise,
    orders,
    persons,
    valuation_runs,
    valuations,
)
from storage.link_ledger import Entry
from storage.tables import ScoreRow
from tests.conftest import Furnish, MakeApp
from tests.storage.made import DAY, NOW, author_of, row_of, score, store

TODAY = NOW.date()
CONFIRMED = LinkState.CONFIRMED
GOOD, BAD = Label.POSITIVE, Label.NEGATIVE


@dataclass(frozen=True)
class Person:
    """A customer of the invented shop, named for what they are there for."""

    name: str
    source: str = "x"
    permission: str = "yes"
    good: Sequence[int] = ()  # how many days ago they wrote so
    bad: Sequence[int] = ()
    followers: int | None = 40
    basis: Basis = Basis.HANDLE_ON_FILE
    state: LinkState = CONFIRMED
    segment: Segment | None = Segment.REGULAR  # None: nothing bought
    last: int = 10  # days since the last order
    gap: float | None = 30
    p_alive: float | None = 0.9
    tier: str = ""
    role: Role = Role.BRAND
    is_repost: bool = False
    paid: dict[str, float] = field(default_factory=lambda: {"EUR": 100.0})

    @property
    def author(self) -> Author:
        return Author(id=f"id {self.name}", handle=self.name, followers=self.followers)

    def posts(self, tone: str, days: Sequence[int]) -> list[Mention]:
        return [
            Mention(
                source=self.source,
                external_id=f"{self.name} {tone} {ago}",
                text=f"acme {tone}, says {self.name} of day {ago}",
                published_at=NOW - ago * DAY,
                author=self.author,
                is_repost=self.is_repost,
            )
            for ago in days
        ]

    def valuation(self, person_id: int) -> Valuation | None:
        if self.segment is None:
            return None
        last = TODAY - timedelta(days=self.last)
        return Valuation(
            person_id=person_id,
            segment=self.segment,
            orders=5 if self.gap else 1,
            first_order_on=last - timedelta(days=400 if self.gap else 0),
            last_order_on=last,
            orders_per_year=4.0,
            median_gap_days=self.gap,
            p_alive=self.p_alive if self.gap else None,
            is_silent=False,
            values=tuple(
                CurrencyValue(currency, 5, 2 * amount, amount, 20.0, 300.0)
                for currency, amount in self.paid.items()
            ),
        )


def once(one: Person) -> Person:
    """The same with a single order."""
    return replace(one, segment=Segment.OCCASIONAL, gap=None)


PEOPLE = (
    # Ambassadors, and who misses it by one thing.
    Person("praises", good=[3, 20], paid={"EUR": 500.0, "USD": 40.0}),
    Person("praises on bluesky", source="bluesky", basis=Basis.PERSON, good=[4, 30]),
    once(Person("read by many", source="mastodon", good=[8], followers=5_000)),
    Person("gold", good=[5, 6], segment=Segment.SPORADIC, p_alive=0.6, tier="Gold"),
    Person("bought nothing", good=[5, 6], segment=None, followers=2_000),
    Person("pays in dollars", good=[5, 6], paid={"USD": 9_000.0}),
    Person("praised once", good=[3]),
    once(Person("of no worth", good=[3, 20])),
    Person("says no", good=[3, 20], permission="no"),
    Person("not asked", good=[3, 20], permission=""),
    Person("praised in spring", good=[91, 200]),
    Person("last word is bad", good=[2, 3, 4, 5, 6], bad=[1]),
    Person("of two minds", good=[3], bad=[5]),
    # At risk, and who misses it by one thing.
    Person("angry and silent", bad=[8, 30], last=97),
    Person("angry on trustpilot", source="trustpilot", bad=[9], last=97, paid={"USD": 50.0}),
    Person("angry and doubted", bad=[7], p_alive=0.31),
    Person("angry, no model", bad=[7], p_alive=None, last=97),
    Person("angry says no", bad=[7], last=97, permission="no"),
    Person("angry and buying", bad=[7]),
    once(Person("angry, bought once", bad=[7], last=300)),
    Person("angry perhaps", bad=[9], last=97),
    Person("angry in spring", bad=[91], last=97),
    # What is no reason, though all else is.
    Person("reddit", source="reddit", basis=Basis.GIVEN, good=[3, 4], bad=[9], last=97),
    Person("x by a person", basis=Basis.PERSON, bad=[9], last=97),
    Person("x by a score", basis=Basis.SCORED, bad=[9], last=97),
    Person("proposed", state=LinkState.PROPOSED, bad=[9], last=97),
    Person("withdrawn", state=LinkState.WITHDRAWN, bad=[9], last=97),
    Person("rejected", state=LinkState.REJECTED, bad=[9], last=97),
    Person("competitor's", role=Role.COMPETITOR, bad=[9], last=97),
    Person("own", role=Role.OWN, bad=[9], last=97),
    Person("repost", is_repost=True, bad=[9], last=97),
    Person("hidden", bad=[9], last=97),
    Person("deleted", bad=[9], last=97),
    Person("not shown", bad=[9], last=97),
    Person("dated ahead", bad=[-1], last=97),
    Person("two people", bad=[9], last=97),
    # Lost, and who misses it by one thing.
    Person("lost", last=200, p_alive=0.05),
    Person("lost, no model", last=200, p_alive=None, paid={"USD": 7.0}),
    Person("lost says no", last=200, p_alive=0.05, permission="no"),
    Person("lost not asked", last=200, p_alive=0.05, permission=""),
    Person("kept by the model", last=200, p_alive=0.25),
    once(Person("bought once", last=900)),
)


def build(app: App) -> None:
    with app.database.begin() as session:
        ids = _customers(session)
        for label, tone in ((GOOD, "lovely"), (BAD, "awful")):
            for role in Role:
                for one in PEOPLE:
                    posts = one.posts(tone, one.good if label is GOOD else one.bad)
                    if one.role is role:
                        store(session, *posts, roles={"Acme": role})
            score(session, label)
        _links(session, ids)
        perhaps = row_of(session, "angry perhaps awful 9").id
        unsure = session.get_one(ScoreRow, (perhaps, "Acme", "tiny@1"))
        unsure.negative, unsure.neutral, unsure.positive = 0.45, 0.3, 0.25
        noise.hide(session, row_of(session, "hidden awful 9").id, "Acme", by="ana", now=NOW)
        row_of(session, "not shown awful 9").standing = Standing.HIDDEN
        deletions.purge(session, [row_of(session, "deleted awful 9").id], now=NOW)
    value(app, [one.valuation(ids[one.name]) for one in PEOPLE])


def value(app: App, people: Sequence[Valuation | None]) -> None:
    with app.database.begin() as session:
        run = valuation_runs.begin(session)
    valued = [one for one in people if one is not None]
    valuations.store(app.database, run, valued, ShopValuation(TODAY, 3, (), ()))


def _customers(session: Session) -> dict[str, int]:
    records = [
        CustomerRecord("shop", one.name, one.name, tier=one.tier, permission=one.permission)
        for one in PEOPLE
    ]
    customers.save(session, records, now=NOW)
    persons.join(session)
    return {row.external_id: row.id for row in customers.every(session)}


def _links(session: Session, ids: dict[str, int]) -> None:
    wrote = [one for one in PEOPLE if one.good or one.bad]
    pairs = [(one, ids[one.name]) for one in wrote]
    pairs += [(one, ids["bought once"]) for one in wrote if one.name == "two people"]
    entries = [
        Entry(
            author_of(session, one.author.id).id,
            Judgement(person_id, one.state, 1.0, one.basis, ("said so",)),
            "ana",
        )
        for one, person_id in pairs
    ]
    link_ledger.write(session, entries, now=NOW)


@pytest.fixture
def app(make_app: MakeApp, furnish: Furnish) -> App:
    made = make_app().app
    furnish("shop_of_lists", lambda: build(made))
    return made


def listed(app: App, name: ListName, brand: str | None = None) -> Listed:
    with app.database.read() as session:
        return customer_lists.listed(session, app.config, name, brand=brand, now=NOW)


def names(app: App, members: Sequence[Member]) -> list[str]:
    with app.database.read() as session:
        known = {row.id: row.name for row in customers.every(session)}
    return [known[one.person_id] for one in members]


def reasons(app: App, name: ListName) -> dict[str, str]:
    found = listed(app, name).members
    return dict(zip(names(app, found), [one.reason for one in found], strict=True))


# --- who is on them -------------------------------------------------------------------------------


def test_ambassadors_are_promoters_of_value_or_reach_who_agreed(app: App) -> None:
    found = listed(app, ListName.AMBASSADORS)
    assert names(app, found.members) == [
        *("praises", "pays in dollars"),  # the best of each currency
        *("praises on bluesky", "read by many", "gold"),
        "bought nothing",
    ]
    assert (found.said_no, found.not_said) == (1, 1)
    assert [(one.posts, one.newest and one.newest.source) for one in found.members] == [
        *((2, "x"), (2, "x"), (2, "bluesky"), (1, "mastodon"), (2, "x"), (2, "x")),
    ]
    assert [(one.currency, one.amount) for one in found.members[0].values_12m] == [
        ("EUR", 500.0),
        ("USD", 40.0),
    ]


def test_at_risk_is_who_wrote_negative_and_orders_less(app: App) -> None:
    found = listed(app, ListName.AT_RISK)
    assert names(app, found.members) == [
        *("angry and silent", "angry on trustpilot", "angry and doubted", "angry, no model"),
    ]
    assert (found.said_no, found.not_said) == (1, 0)
    with app.database.read() as session:
        everybody = customer_lists.everybody_at_risk(session, app.config, brand=None, now=NOW)
    assert set(names(app, everybody)) - set(names(app, found.members)) == {"angry says no"}


def test_lost_is_who_bought_again_and_again_until_they_did_not(app: App) -> None:
    found = listed(app, ListName.LOST)
    assert names(app, found.members) == ["lost", "lost, no model"]
    assert (found.said_no, found.not_said) == (1, 1)
    assert {one.newest for one in found.members} == {None}


def test_posts_of_another_brand_are_no_reason_and_orders_belong_to_none(app: App) -> None:
    assert listed(app, ListName.AMBASSADORS, "Acme") == listed(app, ListName.AMBASSADORS)
    for name in (ListName.AMBASSADORS, ListName.AT_RISK):
        assert listed(app, name, "Globex") == Listed((), 0, 0)
    assert listed(app, ListName.LOST, "Globex") == listed(app, ListName.LOST)


def test_all_lists_at_once_are_those_of_the_commands(app: App) -> None:
    with app.database.read() as session:
        found = customer_lists.members(session, app.config, brand=None, now=NOW)
    assert found == {name: list(listed(app, name).members) for name in found}
    assert set(found) == set(ListName) - {ListName.LEADS}


# --- why ------------------------------------------------------------------------------------------


def test_a_reason_can_be_checked(app: App) -> None:
    of = reasons(app, ListName.AMBASSADORS)
    assert of["praises"] == (
        "wrote twice about Acme in 90 days, last on 2026-11-17 (x), on the whole positive (+0.85 "
        "on a scale from -1 to 1); 5 orders, the last on 2026-11-10; 40 followers"
    )
    assert "wrote once about Acme" in of["read by many"]
    assert "ordered on one day alone, 2026-11-10; 5,000 followers" in of["read by many"]
    assert "no order on file" in of["bought nothing"]
    of = reasons(app, ListName.AT_RISK)
    assert of["angry and silent"] == (
        "wrote negative on 2026-11-12 (x), twice in 90 days; 5 orders, every 30 days in the "
        "median, none since 2026-08-15 (97 days); by the model 90% likely to still be a customer"
    )
    assert of["angry, no model"].endswith("no model tells whether they still are a customer")
    of = reasons(app, ListName.LOST)
    assert of["lost"] == (
        "5 orders, every 30 days in the median, none since 2026-05-04 (200 days); by the model 5% "
        "likely to still be a customer"
    )


# --- what changes it ------------------------------------------------------------------------------


def test_a_copy_makes_no_ambassador(app: App) -> None:
    with app.database.begin() as session:
        rows = [row_of(session, f"praises lovely {ago}") for ago in (3, 20)]
        rows[0].story_id = rows[1].story_id = rows[1].id
    assert "praises" not in names(app, listed(app, ListName.AMBASSADORS).members)


def test_who_is_one_person_in_two_systems_has_one_voice_and_the_stricter_permission(
    app: App,
) -> None:
    with app.database.begin() as session:
        ids = {row.name: row.id for row in customers.every(session)}
        persons.join_by_hand(session, ids["praised once"], ids["says no"], by="ana", now=NOW)
        stands = persons.join_by_hand(
            session, ids["praised once"], ids["praises"], by="ana", now=NOW
        )
    value(app, [Person("joined").valuation(stands)])
    found = listed(app, ListName.AMBASSADORS)
    assert not {"praises", "praised once"} & set(names(app, found.members))
    assert found.said_no == 1


# --- won back -------------------------------------------------------------------------------------


def ordered(buyer: str, *days: int) -> list[OrderRecord]:
    """Orders of so many days ago."""
    return [
        OrderRecord(
            buyer, TODAY - timedelta(days=one), Decimal(10), "EUR", external_id=f"{buyer} {one}"
        )
        for one in days
    ]


def refunded(order: OrderRecord) -> OrderRecord:
    return replace(order, amount=-order.amount)


def test_won_back_is_who_ordered_again_after_a_long_silence(make_app: MakeApp) -> None:
    app = make_app().app
    bought = {
        "came back": ordered("came back", 330, 300, 40, 5),
        "never left": ordered("never left", 330, 300, 270, 240, 210, 180, 150, 120, 90, 60, 30),
        "slow": ordered("slow", 700, 600, 300, 200, 5),
        "came back in spring": ordered("came back in spring", 330, 300, 120, 5),
        "bought twice": ordered("bought twice", 300, 5),
        "sent it back": ordered("sent it back", 330, 300, 40),
        "sent all back between": ordered("sent all back between", 330, 300, 92, 5),
        "did not agree": ordered("did not agree", 330, 300, 40),
    }
    bought["sent it back"].append(refunded(bought["sent it back"][-1]))
    bought["sent all back between"].append(refunded(bought["sent all back between"][2]))
    with app.database.begin() as session:
        records = [
            CustomerRecord("shop", one, one, permission="" if one == "did not agree" else "yes")
            for one in bought
        ]
        customers.save(session, records, now=NOW)
        assert not orders.save(session, "shop", list(chain.from_iterable(bought.values()))).refused
        ids = {row.name: row.id for row in customers.every(session)}
    newest = {
        name: min((TODAY - one.ordered_on).days for one in bought[name]) for name in bought
    } | {"sent it back": 300}
    value(app, [Person(name, last=newest[name]).valuation(ids[name]) for name in bought])

    found = listed(app, ListName.WON_BACK)
    assert names(app, found.members) == ["came back", "sent all back between"]
    assert (found.said_no, found.not_said) == (0, 1)
    assert [one.reason for one in found.members] == [
        f"no order from 2026-01-24 to {back}, after one every 30 days in the median; ordered "
        f"{times} since then"
        for back, times in (
            ("2026-10-11 (260 days)", "twice"),
            ("2026-11-15 (295 days)", "once"),
        )
    ]
