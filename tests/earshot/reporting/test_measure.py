from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from math import fsum

import pytest
from sqlalchemy import select

from domain.customer import CustomerRecord, OrderRecord
from domain.mention import Author, Mention
from domain.press import NoAnswerNeeded
from domain.reputation import Reputation, Status
from earshot.alerting import actions
from earshot.compliance import redaction
from earshot.core.app import App
from earshot.reporting import answer_times, measure
from storage import customers, mentions, orders
from storage.tables import IncidentRow
from tests.conftest import Furnish, MakeApp
from tests.earshot.world import (
    ACME,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    day,
    live,
    mention,
    reply,
    with_words,
)

TODAY = day("2026-11-20")
SENTIMENT = 60.75  # 50 * (1 + 4.3 / 20), see crowd()


def crowd(app: App) -> list[Mention]:
    """Twenty praise, ten curse and ten only name the brand, each 14 days before the day's end.

    Each voice weighs 0.5 (half-life 14 days, no reach) and polarity is 0.86 or -0.86, so they sum
    to (20 - 10) * 0.86 * 0.5 = 4.3 over a weight of 20.
    """
    at = measure.end_of(TODAY, app.config) - 14 * DAY
    tones = ["is lovely"] * 20 + ["is awful"] * 10 + [""] * 10
    return [
        mention(str(n), f"Acme {tone}", author=Author(str(n), f"author{n}"), published_at=at)
        for n, tone in enumerate(tones)
    ]


def scored(app: App, on: date = TODAY) -> Reputation:
    with app.database.read() as session:
        return measure.measure(session, "Acme", on, app.config).reputation


def sentiment(found: Reputation) -> float:
    value = next(part.value for part in found.parts if part.name == "sentiment")
    assert value is not None
    return value


@pytest.fixture
def app(make_app: MakeApp, furnish: Furnish) -> App:
    made = with_words(make_app().app)
    furnish("crowd", lambda: live(made, *crowd(made)))
    return made


def test_a_brand_small_enough_to_add_up_by_hand(app: App) -> None:
    found = scored(app)
    assert found.status is Status.OK
    assert found.n_authors == 40
    assert sentiment(found) == pytest.approx(SENTIMENT, abs=1e-5)
    assert found.low is not None
    assert found.high is not None
    assert found.score is not None
    assert found.low < found.score < found.high

    with app.database.read() as session:
        proxy = measure.nps_of(session, "Acme", TODAY, app.config)
    assert (proxy.promoters, proxy.passives, proxy.detractors) == (20, 10, 10)
    assert proxy.value == pytest.approx(25.0)


def test_below_thirty_authors_there_is_no_number(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    live(app, *crowd(app)[:29])
    found = scored(app)
    assert (found.status, found.score, found.low, found.high) == (
        *(Status.INSUFFICIENT, None, None, None),
    )


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"is_repost": True, "parent_id": "1"}, id="plain reposts"),
        pytest.param({"author": ACME}, id="own posts"),
        pytest.param({"text": "Acme nan"}, id="unscored ones"),
        pytest.param({"text": "Globex is awful"}, id="a competitor's"),
        pytest.param({"published_at": NOW - 60 * DAY}, id="what is older than the window"),
        pytest.param({"published_at": NOW + 2 * DAY}, id="what is of a later day"),
    ],
)
def test_does_not_count(app: App, changed: dict[str, object]) -> None:
    others = [
        replace(
            mention(f"other{n}", "Acme is awful", author=Author(f"o{n}", f"other{n}")),
            **changed,  # type: ignore[arg-type]
        )
        for n in range(12)
    ]
    before = scored(app)
    live(app, *others, now=NOW + 3 * DAY)
    found = scored(app)
    assert found.score == pytest.approx(before.score)
    assert found.n_authors == 40


def test_the_parts_add_up_to_the_score(app: App) -> None:
    at = NOW - 2 * DAY
    live(app, mention("late", published_at=at), reply("answer", to="late", published_at=at + HOUR))
    found = scored(app)
    parts = {part.name: part for part in found.parts}
    # Eleven asked, and one had an answer.
    assert parts["response"].value == pytest.approx(100 * 1.5 / 12)
    assert found.score == pytest.approx(fsum(part.contribution for part in found.parts), abs=1e-9)
    assert fsum(part.weight for part in found.parts) == pytest.approx(1)


def test_one_author_is_one_voice_however_often_they_write(app: App) -> None:
    loud = Author("loud", "loud")
    first = mention("loud", author=loud, published_at=NOW - DAY)
    live(app, first)
    before = scored(app)
    live(
        app,
        *(
            mention(f"l{n}", f"Acme awful {n}", author=loud, published_at=NOW - DAY)
            for n in range(50)
        ),
    )
    assert scored(app).n_authors == before.n_authors == 41
    part = next(part for part in scored(app).parts if part.name == "sentiment")
    assert part.value == pytest.approx(
        next(part for part in before.parts if part.name == "sentiment").value, abs=0.01
    )


def test_posts_without_an_author_are_nobodys(app: App) -> None:
    before = scored(app)
    nobodys = [
        mention(f"n{n}", "Acme is awful", author=None, published_at=NOW - DAY) for n in range(200)
    ]
    live(app, *(replace(one, source="forum") for one in nobodys))
    after = scored(app)
    assert (after.score, after.n_persons) == (before.score, 40)
    assert (after.without_author.n, after.without_author.negative) == (200, 200)


def test_the_voices_of_linked_customers_are_a_part_of_their_own(app: App) -> None:
    with app.database.begin() as session:
        people = [
            CustomerRecord("shop", str(n), f"Customer {n}", handles=(("x", f"author{n}"),))
            for n in range(12)
        ]
        customers.save(session, people, now=NOW)
        orders.save(
            session,
            "shop",
            [OrderRecord(str(n), date(2026, 10, 1), Decimal(2000), "EUR") for n in range(12)],
        )

    live(app)

    voice = next(part for part in scored(app).parts if part.name == "customers")
    assert voice.n == 12
    assert voice.value == pytest.approx(50 * (1 + 0.86), abs=1e-5)


def test_what_is_deleted_is_no_longer_in_the_number(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    everyone = crowd(app)
    live(app, *everyone)
    before = scored(app)
    extra = [
        mention(f"e{n}", author=Author(f"e{n}", f"extra{n}"), published_at=NOW - DAY)
        for n in range(30)
    ]
    with app.database.begin() as session:
        session.execute(select(IncidentRow))
    live(app, *(replace(one, source="forum") for one in extra))
    assert scored(app).score != pytest.approx(before.score)

    with app.database.begin() as session:
        assert mentions.forget_stored_before(session, "forum", NOW + MINUTE) == 30
        for row in session.scalars(select(IncidentRow)):
            session.delete(row)

    assert scored(app).score == pytest.approx(before.score)


CLOSES: dict[str, Callable[[App], object]] = {
    "dismissed": lambda app: actions.dismiss(app, 1, by="eva", now=NOW),
    "no answer": lambda app: actions.resolve(app, 1, NoAnswerNeeded(), by="eva", now=NOW),
}


@pytest.mark.parametrize("how", ["deleted", *CLOSES])
def test_what_needed_no_answer_is_not_in_the_answer_times(make_app: MakeApp, how: str) -> None:
    app = with_words(make_app().app)
    live(app, mention("1", published_at=NOW - 2 * DAY))
    with app.database.begin() as session:
        window = {"since": NOW - 7 * DAY, "until": NOW + DAY}
        assert len(answer_times.clocked_of(session, "Acme", **window)) == 1
        if how == "deleted":
            redaction.take_back(session, app, [1], now=NOW)
    if how in CLOSES:
        CLOSES[how](app)
    with app.database.read() as session:
        assert answer_times.clocked_of(session, "Acme", **window) == []


def test_the_same_data_in_another_order_give_the_same_number(make_app: MakeApp) -> None:
    app = with_words(make_app().app)
    for one in reversed(crowd(app)):
        live(app, one)
    assert sentiment(scored(app)) == pytest.approx(SENTIMENT, abs=1e-5)


def test_the_window_begins_at_a_midnight_also_where_the_clock_was_changed_in_it(
    make_app: MakeApp,
) -> None:
    """Madrid, 25 October: the 28 days before 10 November begin an hour earlier than 28 x 24 h."""
    app = make_app().app
    since, until = measure.window_of(date(2026, 11, 9), 28 * DAY, app.config)
    assert until - since == 28 * DAY + HOUR
    assert since.astimezone(app.config.tz).hour == 0
