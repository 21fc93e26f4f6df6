from datetime import date
from math import fsum

from domain.customer import CustomerRecord
from domain.mention import Author
from domain.reputation import Status
from domain.segments import SegmentFigures, SegmentValue
from domain.valuation import CurrencyValue, Segment, ShopValuation, Valuation
from earshot.core.app import App
from earshot.reporting.segments import segments_of
from storage import customers, valuation_runs, valuations
from tests.conftest import MakeApp
from tests.earshot.world import DAY, HOUR, NOW, live, mention, reply, with_words

ON = date(2026, 10, 1)
CROWD = 31  # one more than the fewest of whom there is a proxy


def author(number: int) -> Author:
    return Author(id=f"6{number:02}", handle=f"buyer_{number:02}", name=f"Buyer {number}")


def valued(
    person_id: int, segment: Segment, often: float, *values: tuple[str, float, float | None]
) -> Valuation:
    money = tuple(
        CurrencyValue(code, 2, 2 * lately, lately, lately, 9.0, clv=clv)
        for code, lately, clv in values
    )
    rhythm = (3, ON, ON, often, 30.0, None)
    return Valuation(person_id, segment, *rhythm, is_silent=False, values=money)


def known(app: App) -> dict[str, int]:
    """Customers, each with a handle on X, the first with one on Bluesky, too; their ids."""
    records = [
        CustomerRecord(
            "shop",
            f"{number}",
            f"Buyer {number}",
            handles=(
                ("x", f"buyer_{number:02}"),
                *([("bluesky", "buyer.example")] if number == 0 else []),
            ),
        )
        for number in range(CROWD + 3)
    ]
    with app.database.begin() as session:
        customers.save(session, [*records, CustomerRecord("shop", "q", "Quiet")], now=NOW)
        return {row.external_id: row.id for row in customers.every(session)}


def store(app: App, people: list[Valuation]) -> None:
    with app.database.begin() as session:
        run = valuation_runs.begin(session)
    valuations.store(app.database, run, people, ShopValuation(NOW.date(), 3.0, (), ()))


def figures(app: App, brand: str | None = "Acme") -> dict[Segment | None, SegmentFigures]:
    with app.database.read() as session:
        found = segments_of(session, app.config, brand=brand, now=NOW + HOUR)
    assert [one.segment for one in found] == [
        *(Segment.EXCLUSIVE, Segment.REGULAR, Segment.OCCASIONAL, None)
    ]
    return {one.segment: one for one in found}


def test_segments_stand_beside_each_other(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    ids = known(app)
    live(
        app,
        *(mention(f"{n}", author=author(n)) for n in range(CROWD)),  # each is awful
        mention("again", "Acme is awful, I said", author=author(0), published_at=NOW - DAY),
        mention(
            "b",
            "Acme was lovely and lovely",
            source="bluesky",
            author=Author(id="did:plc:b", handle="buyer.example", name="Buyer 0"),
        ),
        mention("old", "Acme is awful, long ago", author=author(31), published_at=NOW - 99 * DAY),
        mention("praise", "Acme is lovely", author=author(32)),
        mention("plain", "Acme is a brand", author=author(33)),
        mention("stranger", author=Author(id="999", handle="who", name="Who")),
    )
    live(app, reply("r", "1"))
    crowd = [ids[f"{n}"] for n in range(CROWD)]
    store(
        app,
        [
            *(valued(one, Segment.REGULAR, 2.0, ("EUR", 10.5, 20.25)) for one in crowd),
            valued(ids["31"], Segment.REGULAR, 5.2, ("EUR", 4.0, 1.0), ("USD", 7.0, None)),
            valued(ids["32"], Segment.EXCLUSIVE, 12.0, ("USD", 100.0, None)),
            valued(ids["q"], Segment.OCCASIONAL, 1.0, ("EUR", 0.0, 3.0)),
        ],
    )
    found = figures(app)

    regular = found[Segment.REGULAR]
    assert (regular.people, regular.linked) == (32, 32)
    assert regular.orders_per_year == fsum([*[2.0] * 31, 5.2]) / 32
    assert regular.values == (
        SegmentValue("EUR", 32, 64, 659.0, 329.5, 659.0 / 64, 628.75),
        SegmentValue("USD", 1, 2, 14.0, 7.0, 7.0, None),
    )
    # Who wrote long ago is not heard; who wrote on two networks is one voice.
    counts = (regular.nps.promoters, regular.nps.passives, regular.nps.detractors)
    assert (regular.nps.n_authors, counts) == (31, (0, 1, 30))
    assert regular.nps.value == -100 * 30 / 31
    assert regular.stance is not None
    assert -0.9 < regular.stance < -0.7
    assert regular.promises.answered == 1
    assert regular.promises.needed >= 31

    exclusive = found[Segment.EXCLUSIVE]
    assert (exclusive.people, exclusive.linked, exclusive.nps.promoters) == (1, 1, 1)
    assert (exclusive.nps.status, exclusive.stance) == (Status.INSUFFICIENT, None)
    assert exclusive.promises.needed == 0

    quiet, never = found[Segment.OCCASIONAL], found[None]
    assert (quiet.people, quiet.linked, quiet.nps.n_authors) == (1, 0, 0)
    assert quiet.values == (SegmentValue("EUR", 1, 2, 0.0, 0.0, 0.0, 3.0),)
    assert (never.people, never.linked, never.values) == (1, 1, ())
    assert (never.nps.passives, never.orders_per_year) == (1, None)

    assert figures(app, None)[Segment.REGULAR].nps.detractors == 30
