"""Money from the search to the ledger, the digest and doctor: X as it answers, our own database."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from alerts.digest.sources import sources
from domain.elements import Notes, Section
from domain.incident import State
from earshot.core import budget
from earshot.core.app import App
from earshot.pipeline import collect as collecting
from earshot.reporting.digest_facts import digest_of
from storage.tables import CoverageRow, IncidentRow, SpendRow
from tests.conftest import MakeApp
from tests.earshot.world import DAY, HOUR, NOW, live, mention, with_words
from tests.journeys.networks import XNetwork, x_post, x_user
from tests.net.replay import Answer, Asked, Replay, serve

QUARTER = timedelta(minutes=15)
Make = Callable[..., App]


@pytest.fixture
def x() -> XNetwork:
    network = XNetwork()
    network.users = {"501": x_user("501", "ana_writes")}
    network.posts = [x_post(NOW - HOUR - n * QUARTER, f"acme {n}", "501") for n in range(3)]
    return network


@pytest.fixture
def replay(x: XNetwork) -> Iterator[Replay]:
    with serve() as server:
        server.by_query = x.answer
        yield server


@pytest.fixture
def make(make_app: MakeApp, replay: Replay, monkeypatch: pytest.MonkeyPatch) -> Make:
    monkeypatch.setenv("X_TOKEN", "canary-bearer")

    def made(more: str = "") -> App:
        table = f'[sources.x]\nenabled = true\nbearer_token = "env:X_TOKEN"\n{more}\n'
        return with_words(make_app(f'{table}base_url = "{replay.url}"').app)

    return made


@pytest.fixture
def app(make: Make) -> App:
    return make()


def spent(app: App, now: datetime = NOW) -> Decimal:
    return budget.spent_this_month(app.database, "x", now=now)


def bought(app: App) -> dict[tuple[date, str], int]:
    with app.database.read() as session:
        return {(row.day, row.kind): row.units for row in session.scalars(select(SpendRow))}


def test_a_pass_books_posts_authors_and_counts(app: App) -> None:
    assert collecting.collect(app, "x", now=NOW).new == 3

    # A first pass counts, for the brand and for its competitor.
    assert bought(app) == {
        (NOW.date(), "post"): 3,
        (NOW.date(), "user"): 1,
        (NOW.date(), "counts_request"): 2,
    }
    assert spent(app) == Decimal("0.035")


def test_what_was_counted_is_kept_with_what_came(app: App) -> None:
    collecting.collect(app, "x", now=NOW)

    with app.database.read() as session:
        row = session.scalars(select(CoverageRow)).one()
    # The competitor's search finds none of the three posts that the network counts for it.
    assert (row.counted, row.came) == (6, 3)


def test_a_search_that_fails_for_hours_is_counted_once(
    app: App, x: XNetwork, replay: Replay
) -> None:
    def answer(asked: Asked) -> Answer:
        return x.answer(asked) if "counts" in asked.path else Answer({}, 503)

    replay.by_query = answer
    for number in range(4):
        found = collecting.collect(app, "x", now=NOW + number * QUARTER)
        assert found.trouble == "x: the service fails (503)"
    assert bought(app) == {(NOW.date(), "counts_request"): 1}

    replay.by_query = x.answer
    assert collecting.collect(app, "x", now=NOW + HOUR).new == 3
    assert bought(app)[NOW.date(), "counts_request"] == 2, "of the competitor, whose turn it is"


def test_what_is_read_again_on_that_day_costs_nothing(app: App) -> None:
    for number in range(5):
        collecting.collect(app, "x", now=NOW + number * QUARTER)

    assert spent(app) == Decimal("0.035")


def test_on_the_next_day_it_costs_again(app: App) -> None:
    collecting.collect(app, "x", now=NOW)
    for hours in (5, 10, 13):
        collecting.collect(app, "x", now=NOW + timedelta(hours=hours))

    assert bought(app)[NOW.date() + DAY, "post"] == 2, "those within the overlap"


def test_when_the_budget_is_spent_nothing_is_asked_until_next_month(
    make: Make, replay: Replay
) -> None:
    app = make("monthly_budget = 1.52")
    collecting.collect(app, "x", now=NOW)
    replay.asked.clear()

    found = collecting.collect(app, "x", now=NOW + QUARTER)

    assert found.trouble == (
        "x: USD 0.03 of the USD 1.52 for this month are spent, and the next request may cost "
        "USD 1.50: nothing is read before 2026-12-01; sources.x.monthly_budget sets the limit"
    )
    assert replay.asked == []

    december = datetime(2026, 12, 1, tzinfo=UTC)
    assert collecting.collect(app, "x", now=december).trouble == ""
    assert replay.asked


def test_a_page_that_is_not_stored_is_not_booked(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(budget, "book", dies)
    with pytest.raises(KeyboardInterrupt):
        collecting.collect(app, "x", now=NOW)

    assert {kind for _, kind in bought(app)} == {"counts_request"}


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        pytest.param(date(2026, 11, 20), (date(2026, 11, 1), date(2026, 12, 1)), id="november"),
        pytest.param(date(2026, 12, 31), (date(2026, 12, 1), date(2027, 1, 1)), id="december"),
        pytest.param(date(2028, 2, 29), (date(2028, 2, 1), date(2028, 3, 1)), id="a leap day"),
    ],
)
def test_the_month_that_is_billed(day: date, expected: tuple[date, date]) -> None:
    late = datetime(day.year, day.month, day.day, 23, 59, tzinfo=UTC)
    assert budget.month_of(late) == expected


# -- the digest


def digest_notes(app: App, now: datetime) -> list[str]:
    day = now.date()
    with app.database.read() as session:
        made = digest_of(session, app.config.brands[0], day, app.config, now=now)
    section = next(one for one in sources(made, app.config.networks) if isinstance(one, Section))
    notes = next(one for one in section.elements if isinstance(one, Notes))
    return [line for line in notes.lines if line.startswith("X cost")]


def test_the_digest_says_what_x_cost_and_brought(app: App) -> None:
    collecting.collect(app, "x", now=NOW)
    tomorrow = NOW + DAY

    (said,) = digest_notes(app, tomorrow)
    assert said == (
        "X cost USD 0.035 yesterday and USD 0.035 this month of USD 50.00, for all brands "
        "together; no alert of this month was of use yet."
    )

    live(app, mention("77", "acme is awful"), now=NOW)
    with app.database.begin() as session:
        incident = session.scalars(select(IncidentRow)).one()
        incident.state, incident.acknowledged_at = State.ACKNOWLEDGED, NOW

    (said,) = digest_notes(app, tomorrow)
    assert said.endswith("together; USD 0.035 per useful alert (1).")


def test_a_digest_without_a_source_that_charges_says_nothing_of_money(make_app: MakeApp) -> None:
    assert digest_notes(make_app().app, NOW) == []
