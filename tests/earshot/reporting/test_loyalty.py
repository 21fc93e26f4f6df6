"""Through the steps that a post takes in the service, and by what is stored afterwards."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from domain.customer import CustomerRecord, LinkState, OrderRecord
from domain.loyalty import Answered, Loyalty, LoyaltyGroup, Outside
from domain.mention import Author, Mention
from domain.press import Elsewhere
from domain.valuation import Purchase, Segment, ShopValuation, Valuation
from earshot.alerting import actions
from earshot.core.app import App
from earshot.reporting.loyalty import loyalty_of
from storage import (
    crm_removal,
    customers,
    incidents,
    link_ledger,
    links,
    orders,
    valuation_runs,
    valuations,
)
from tests.conftest import Furnish, MakeApp
from tests.earshot.world import DAY, MINUTE, NOW, live, mention, reply, with_words

THEN = NOW - 300 * DAY
NAMES = ("ana", "ben", "cleo", "dan", "eve", "fay", "gus", "hal")
BLUE_ANA = Author("did:plc:ana", "ana.example", "Ana")
BOUGHT = (  # who, how many days ago, how much, which order
    ("ana", 310, 30, "A1"),
    ("ana", 290, 20, "A2"),
    ("ben", 310, 50, "B1"),
    ("ben", 200, 40, "B2"),
    ("ben", 190, -40, "B2"),  # sent back: no order any more
    ("cleo", 300, 9, "C1"),  # on the very day
    ("dan", 320, 7, "D1"),
    ("eve", 330, 8, "E1"),
    ("eve", 299, 8, "E2"),
    ("fay", 299, 5, "F1"),  # only after she wrote
    ("gus", 1000, 5, "G1"),
    ("hal", 1, 5, "H1"),
    ("ian", 2, 5, "I1"),  # of whom no account is known
)


def post(
    name: str, text: str = "Acme is awful", at: datetime = THEN, author: Author | None = None
) -> Mention:
    by = author or Author(f"u-{name}", name, name.title())
    source = "x" if author is None else "bluesky"
    key = f"{source}-{name}"
    return mention(
        key,
        f"{text}, says {name}",
        source=source,
        author=by,
        published_at=at,
        conversation_id=key,
    )


def customer(name: str) -> CustomerRecord:
    blue = (("bluesky", "ana.example"),) if name == "ana" else ()
    return CustomerRecord("shop", name, name.title(), handles=(("x", name), *blue))


def import_shop(app: App) -> None:
    rows = [
        OrderRecord(who, (NOW - ago * DAY).date(), Decimal(amount), "EUR", external_id=key)
        for who, ago, amount, key in BOUGHT
    ]
    with app.database.begin() as session:
        records = [*map(customer, NAMES), CustomerRecord("shop", "ian", "Ian")]
        customers.save(session, records, now=NOW - 1000 * DAY)
        assert not orders.save(session, "shop", rows).refused


def build(app: App) -> None:
    """Customers who were answered in every way, who never asked, and who are in no group."""
    import_shop(app)
    long_ago = NOW - 900 * DAY
    live(app, post("gus", at=long_ago), now=long_ago)
    complain = [post(name) for name in ("ana", "ben", "cleo", "dan", "fay", "stranger")]
    unanswered = post("ana", "They took my money, awful, Acme!", THEN + MINUTE, BLUE_ANA)
    plain = post("eve", "Acme, plain")
    live(app, *complain, unanswered, plain, now=THEN + 5 * MINUTE)
    answer(app, "x-ana", THEN + 6 * MINUTE)
    late = THEN + 4 * DAY
    answer(app, "x-ben", late)
    actions.resolve(app, incident_of(app, "dan"), Elsewhere("phone", late), by="mia", now=late)
    live(app, post("hal", at=NOW - MINUTE), now=NOW)


def answer(app: App, to: str, at: datetime) -> None:
    answered = reply(f"re-{to}", to, published_at=at)
    live(app, answered, now=at + MINUTE)


def incident_of(app: App, name: str) -> int:
    with app.database.read() as session:
        of = {one.customer_id: one.id for one in incidents.listing(session, live_only=False)}
        return of[ids(app)[name]]


def ids(app: App) -> dict[str, int]:
    with app.database.read() as session:
        return {row.external_id: row.id for row in customers.every(session)}


@pytest.fixture
def app(make_app: MakeApp, furnish: Furnish) -> App:
    made = with_words(make_app().app)
    furnish("loyalty", lambda: build(made))
    return made


def told(app: App, brand: str | None = None, since: datetime | None = None) -> Loyalty:
    with app.database.read() as session:
        return loyalty_of(session, app.config, brand=brand, now=NOW, since=since)


def sizes(found: Loyalty) -> dict[str, int]:
    return {str(one.answered): one.customers + one.pending for one in found.groups}


def group(found: Loyalty, answered: Answered) -> LoyaltyGroup:
    return next(one for one in found.groups if one.answered is answered)


def test_each_linked_customer_counts_once_by_how_their_first_post_was_answered(app: App) -> None:
    found = told(app)

    assert sizes(found) == {"in_time": 1, "late": 1, "never": 1, "elsewhere": 1, "never_asked": 1}
    assert found.left_out == {
        Outside.RUNNING: 1,  # Hal
        Outside.NO_PROMISE: 1,  # Gus, whose was long ago
        Outside.UNREAD: 0,
        Outside.QUIET: 0,
        Outside.NEVER_ORDERED: 1,  # Fay, by then
    }
    assert (found.linked, found.unlinked) == (8, 1)
    assert sum(sizes(found).values()) + sum(found.left_out.values()) == found.linked
    assert (found.brand, found.since, found.as_of) == (None, date(2024, 11, 20), NOW.date())
    assert found.until == NOW.date() - DAY, "of today not all orders are known"
    assert told(app, "Acme").groups == found.groups


def test_what_they_bought_before_and_after_stands_beside_it(app: App) -> None:
    found = told(app)

    again = {str(one.answered): one.repeat.raw.hits for one in found.groups}
    assert again == {"in_time": 1, "late": 0, "never": 0, "elsewhere": 0, "never_asked": 1}
    assert [one.repeat.raw.value for one in found.groups] == [None] * 5, "one is too few"
    spent = {str(one.answered): [each.currency for each in one.spent] for one in found.groups}
    assert spent.pop("never") == [], "had ordered on the very day alone"
    assert all(one == ["EUR"] for one in spent.values())


def test_of_posts_before_the_time_looked_at_nothing_is_told(app: App) -> None:
    recent = told(app, since=NOW - 10 * DAY)
    assert set(sizes(recent).values()) == {0}
    # Of all who asked once nobody says that they never did.
    assert recent.left_out[Outside.NO_PROMISE] == 6
    assert recent.left_out[Outside.QUIET] == 1  # Eve

    whole = told(app, since=NOW - 1000 * DAY)
    assert whole.left_out[Outside.NO_PROMISE] == 0
    assert sizes(whole)["never"] == 2


def test_who_is_linked_no_more_is_not_counted(app: App) -> None:
    with app.database.begin() as session:
        of_ben = next(
            view.link.id
            for view in link_ledger.listing(session)
            if view.customer.external_id == "ben"
        )
        links.decide(session, of_ben, LinkState.WITHDRAWN, by="mia", now=NOW)

    found = told(app)
    assert sizes(found)["late"] == 0
    assert (found.linked, found.unlinked) == (7, 2)


def test_who_has_two_accounts_loses_one_and_keeps_what_the_other_wrote(app: App) -> None:
    with app.database.begin() as session:
        on_x = next(
            view.link.id
            for view in link_ledger.listing(session)
            if view.author.source == "x" and view.customer.external_id == "ana"
        )
        links.decide(session, on_x, LinkState.WITHDRAWN, by="mia", now=NOW)

    found = told(app)
    assert (sizes(found)["in_time"], sizes(found)["never"]) == (0, 2)
    assert found.linked == 8


def test_who_was_dismissed_asked_for_nothing(app: App) -> None:
    actions.dismiss(app, incident_of(app, "cleo"), by="mia", now=NOW)
    found = sizes(told(app))
    assert (found["never"], found["never_asked"]) == (0, 2)


def test_abandonment_is_as_it_was_worked_out_last(app: App) -> None:
    known = ids(app)
    rhythm = (2, date(2026, 1, 1), date(2026, 2, 2), 2.0)
    people = [
        Valuation(known["ana"], Segment.REGULAR, *rhythm, 20.0, 0.75, is_silent=True),
        Valuation(known["ben"], Segment.OCCASIONAL, *rhythm, None, None, is_silent=False),
    ]
    with app.database.begin() as session:
        run = valuation_runs.begin(session)
    valuations.store(app.database, run, people, ShopValuation(NOW.date(), 3.0, (), ()))

    found = told(app)
    in_time, late = (group(found, one) for one in (Answered.IN_TIME, Answered.LATE))
    assert (in_time.abandonment.raw.n, late.abandonment.raw.n) == (1, 0)
    assert (in_time.silent.raw.hits, late.silent.raw.n) == (1, 0)


def test_nobody_is_followed_beyond_the_newest_order(app: App) -> None:
    with app.database.begin() as session:
        for key in ("H1", "I1"):
            crm_removal.remove_orders(session, "shop", [key])
    found = told(app)
    assert found.until == (NOW - 190 * DAY).date()
    assert {one.customers for one in found.groups} == {0}
    assert sum(one.pending for one in found.groups) == 5


def test_an_empty_database_has_no_figures(make_app: MakeApp) -> None:
    found = told(make_app().app)
    assert (found.linked, found.unlinked) == (0, 0)
    assert set(sizes(found).values()) == {0}


# --- refunds --------------------------------------------------------------------------------------


def purchase(on: date, amount: int, order: str, currency: str = "EUR") -> Purchase:
    return Purchase(1, on, Decimal(amount), currency, f"shop:{order}")
