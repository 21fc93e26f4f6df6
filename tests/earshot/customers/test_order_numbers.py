from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from itertools import permutations

import pytest
from sqlalchemy import select

from domain.customer import CustomerRecord, OrderRecord
from earshot.core.app import App
from earshot.customers import order_numbers
from storage import customers, mention_orders, orders
from storage.tables import LinkRow, MentionRow
from tests.conftest import MakeApp
from tests.earshot.world import NOW, mention, store


def import_customers(app: App) -> None:
    with app.database.begin() as session:
        customers.save(session, [CustomerRecord("shopify", "1", "Olga")], now=NOW)


def import_orders(app: App) -> None:
    import_customers(app)
    with app.database.begin() as session:
        bought = OrderRecord("1", date(2025, 3, 14), Decimal(10), "EUR", "AH-100003")
        orders.save(session, "shopify", [bought])


def collect(app: App) -> None:
    store(
        app,
        mention("1", "Acme, where is order AH-100003?"),
        mention("2", "Acme, my neighbour's order ah100003 is late", is_repost=True),
        mention("3", "Acme, where is order AH-100004?"),
        mention("4", "Acme, Globex lost my order AH-100003"),
    )


def read(app: App) -> None:
    order_numbers.read(app)


def about(app: App) -> dict[str, list[tuple[str, bool]]]:
    """(number, whether it is only quoted) of the orders that each mention is about."""
    with app.database.read() as session:
        names = dict(session.execute(select(MentionRow.id, MentionRow.external_id)).all())
        found = mention_orders.about(session, names)
    return {names[one]: [(o.number, o.quoted) for o in some] for one, some in found.items()}


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param(some, id=", ".join(one.__name__ for one in some))
        for some in permutations([import_orders, collect, read])
    ],
)
def test_whatever_comes_first_the_same_orders_are_named(
    make_app: MakeApp, steps: Sequence[Callable[[App], None]]
) -> None:
    app = make_app().app
    for step in (*steps, read, read):
        step(app)
    assert about(app) == {"1": [("AH-100003", False)], "2": [("AH-100003", True)]}
    with app.database.read() as session:
        assert session.scalars(select(LinkRow)).all() == [], "it tells nothing of who wrote it"
