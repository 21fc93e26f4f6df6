from collections.abc import Sequence
from datetime import date

from domain.customer import CustomerRecord
from domain.mention import Author
from domain.valuation import CurrencyValue, Segment, ShopValuation, Valuation
from domain.value_at_risk import SegmentAtRisk, ValueAtRisk
from earshot.alerting import actions
from earshot.core.app import App
from earshot.reporting import value_at_risk
from storage import customers, valuation_runs, valuations
from tests.conftest import MakeApp
from tests.earshot.world import ANA, BEN, DAY, NOW, live, mention, reply, with_words

CLEO = Author(id="503", handle="cleo_cups", name="Cleo")
DAN = Author(id="504", handle="dan_drinks", name="Dan")
STRANGER = Author(id="505", handle="someone", name="Someone")
REDDITOR = Author(id="t2_red", handle="red_it", name="Red")


def worth(currency: str, revenue_12m: float, clv: float | None = None) -> CurrencyValue:
    return CurrencyValue(currency, 2, 500.0, revenue_12m, 250.0, 300.0, clv=clv)


def valued(person_id: int, segment: Segment, *values: CurrencyValue) -> Valuation:
    on = date(2026, 10, 1)
    rhythm = (2, on, on, 2.0, 30.0, None)
    return Valuation(person_id, segment, *rhythm, is_silent=False, values=values)


def known(app: App, *authors: Author) -> list[int]:
    """Make customers of these authors; their persons' ids, in this order."""
    records = [
        CustomerRecord("shop", one.id, one.name, handles=(("x", one.handle),)) for one in authors
    ]
    with app.database.begin() as session:
        customers.save(session, records, now=NOW)
        ids = {row.external_id: row.id for row in customers.every(session)}
    return [ids[one.id] for one in authors]


def store(app: App, people: Sequence[Valuation]) -> None:
    with app.database.begin() as session:
        run = valuation_runs.begin(session)
    valuations.store(app.database, run, people, ShopValuation(NOW.date(), 3.0, (), ()))


def at_risk(app: App, brand: str | None = "Acme", *, later: int = 0) -> ValueAtRisk:
    with app.database.read() as session:
        return value_at_risk.of(session, app.config, brand=brand, now=NOW + later * DAY)


def test_each_currency_and_segment_stands_apart() -> None:
    people = [
        valued(1, Segment.REGULAR, worth("EUR", 100.0, 40.0), worth("USD", 5.0)),
        valued(2, Segment.REGULAR, worth("EUR", 20.5, 2.5)),
        valued(3, Segment.OCCASIONAL, worth("USD", 900.0, 9.0)),
        valued(4, Segment.EXCLUSIVE, worth("EUR", 1.0, 1.0), worth("JPY", 0.0)),
        valued(5, Segment.OCCASIONAL, worth("USD", 1.0)),
    ]
    assert value_at_risk.by_segment(people) == (
        SegmentAtRisk("USD", Segment.REGULAR, 1, 5.0, None),
        SegmentAtRisk("USD", Segment.OCCASIONAL, 2, 901.0, None),
        SegmentAtRisk("EUR", Segment.EXCLUSIVE, 1, 1.0, 1.0),
        SegmentAtRisk("EUR", Segment.REGULAR, 2, 120.5, 42.5),
        SegmentAtRisk("JPY", Segment.EXCLUSIVE, 1, 0.0, None),
    )
    assert value_at_risk.by_segment([]) == ()


def test_who_waits_and_what_they_are_worth(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    ana, ben, _, dan = known(app, ANA, BEN, CLEO, DAN)
    live(
        app,
        mention("1"),
        mention("2", conversation_id="2"),  # Ana, once more
        mention("3", author=BEN),
        mention("4", author=CLEO, published_at=NOW - 10 * DAY),  # history opens no incident
        mention("5", author=DAN),
        mention("6", author=STRANGER),
        mention("t3_7", source="reddit", author=REDDITOR),  # which forbids links
    )
    assert at_risk(app) == ValueAtRisk((), 4, 4, 7, 6, 5), "nobody was valued yet"

    store(
        app,
        [
            valued(ana, Segment.REGULAR, worth("EUR", 70.0, 30.0), worth("USD", 8.0)),
            valued(ben, Segment.EXCLUSIVE, worth("EUR", 10.0, 5.0)),
            valued(dan, Segment.REGULAR, worth("EUR", 1000.0, 500.0)),
        ],
    )
    live(app, reply("r", "5"))  # Dan has an answer
    rows = (
        SegmentAtRisk("EUR", Segment.EXCLUSIVE, 1, 10.0, 5.0),
        SegmentAtRisk("EUR", Segment.REGULAR, 1, 70.0, 30.0),
        SegmentAtRisk("USD", Segment.REGULAR, 1, 8.0, None),
    )
    assert at_risk(app) == ValueAtRisk(rows, 3, 1, 6, 5, 4)
    assert at_risk(app, None) == at_risk(app)

    late = at_risk(app, later=40)
    assert late == ValueAtRisk(rows, 2, 0, 5, 4, 3), "Cleo's post was in no incident"

    with app.database.read() as session:
        of_ben = next(
            view.incident.id
            for view in value_at_risk.waiting(session, "Acme", since=NOW)
            if view.customer is not None and view.customer.id == ben and view.incident is not None
        )
    actions.dismiss(app, of_ben, by="mia", now=NOW)
    assert at_risk(app) == ValueAtRisk(rows[1:], 2, 1, 5, 4, 3)
