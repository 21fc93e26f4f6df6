from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal

import pytest

from domain.clock import iso
from earshot.core import budget
from earshot.core.app import App
from earshot.queries.network_counts import count
from storage import network_counts, source_state
from tests.conftest import MakeApp
from tests.earshot.world import DAY, HOUR, NOW
from tests.net.replay import Answer, Asked, Replay, serve

TODAY = NOW.date()
COUNTS = "/2/tweets/counts/recent"
Make = Callable[..., App]


def counts(asked: Asked) -> Answer:
    """Seven days that end with today, which is not over: 1 to 7 posts of Acme, twice of others."""
    assert asked.path == COUNTS, asked.path
    times = 1 if asked.query["query"].startswith("acme") else 2
    midnight = NOW.replace(hour=0, minute=0)
    data = [
        {
            "start": iso(midnight - n * DAY),
            "end": iso(min(NOW, midnight - (n - 1) * DAY)),
            "tweet_count": times * (7 - n),
        }
        for n in range(6, -1, -1)
    ]
    return Answer({"data": data, "meta": {"total_tweet_count": 28 * times}})


@pytest.fixture
def replay() -> Iterator[Replay]:
    with serve() as server:
        server.by_query = counts
        yield server


@pytest.fixture
def make(make_app: MakeApp, replay: Replay, monkeypatch: pytest.MonkeyPatch) -> Make:
    monkeypatch.setenv("X_TOKEN", "invented")

    def made(more: str = "", **basic: str) -> App:
        table = f'[sources.x]\nenabled = true\nbearer_token = "env:X_TOKEN"\n{more}\n'
        return make_app(f'{table}base_url = "{replay.url}"', **basic).app

    return made


def stored(app: App) -> Mapping[tuple[str, str], Mapping[date, int]]:
    with app.database.read() as session:
        week = {"since": TODAY - 30 * DAY, "until": TODAY + 30 * DAY}
        return network_counts.by_day(session, ["Acme", "Globex"], **week)


def spent(app: App) -> Decimal:
    return budget.spent_this_month(app.database, "x", now=NOW)


def trouble(app: App) -> str:
    with app.database.read() as session:
        return source_state.state(session, "x (counts)").trouble


def test_the_whole_days_of_the_brand_and_its_competitor_are_counted_once_a_day(make: Make) -> None:
    app = make()
    assert count(app, now=NOW) == 2
    assert count(app, now=NOW + 11 * HOUR) == 0, "the same day in UTC"

    days = [TODAY - n * DAY for n in range(6, 0, -1)]
    assert stored(app) == {
        ("x", "Acme"): dict(zip(days, range(1, 7), strict=True)),
        ("x", "Globex"): dict(zip(days, range(2, 14, 2), strict=True)),
    }
    assert spent(app) == Decimal("0.010")
    assert count(app, now=NOW + 12 * HOUR) == 2


def test_without_a_competitor_nothing_is_asked(make: Make, replay: Replay) -> None:
    app = make(basic='[[brands]]\nname = "Acme"\nquery = "acme"\n')
    assert count(app, now=NOW) == 0
    assert (replay.asked, stored(app)) == ([], {})


def test_what_the_budget_does_not_pay_is_not_counted_and_said(make: Make, replay: Replay) -> None:
    app = make("monthly_budget = 0.004")
    assert count(app, now=NOW) == 0
    assert (replay.asked, stored(app)) == ([], {})
    assert "the next request may cost" in trouble(app)


def test_a_network_that_fails_is_asked_again_some_hours_later(make: Make, replay: Replay) -> None:
    app = make()
    replay.by_query = lambda _: Answer({}, 503)
    assert count(app, now=NOW) == 0
    replay.by_query = counts
    assert count(app, now=NOW + HOUR) == 0
    assert trouble(app) == "x: the service fails (503)"
    assert count(app, now=NOW + 7 * HOUR) == 2
    assert trouble(app) == ""


def test_who_was_counted_before_a_failure_is_not_paid_for_again(make: Make, replay: Replay) -> None:
    app = make()

    def answer(asked: Asked) -> Answer:
        return counts(asked) if "acme" in asked.query["query"] else Answer({}, 503)

    replay.by_query = answer
    assert count(app, now=NOW) == 1
    replay.by_query = counts
    assert count(app, now=NOW + timedelta(hours=8)) == 1
    assert spent(app) == Decimal("0.010")
