"""What nobody can do to the score by posting, deleting or importing: on a real database.

Each attack with the bar that the score's definition sets. The same attacks on the arithmetic alone
are in tests/reputation.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy.orm import Session

from domain.clock import midnight
from domain.customer import Basis, Judgement, LinkState
from domain.listing import Role, Stage
from domain.mention import Author, Mention
from domain.reputation import Reputation
from domain.sentiment import Label, Sentiment
from earshot.core.app import App
from earshot.reporting import measure
from storage import customers, deletions, link_rules, listings, mentions, stories
from storage.mentions import Listed
from storage.tables import MentionBrandRow, MentionRow
from tests.conftest import BASIC, Furnish, MakeApp
from tests.storage.made import HOUR, MINUTE, NOW, author_of, customer, row_of

TODAY = date(2026, 11, 20)
PERSONS = 120
MOST = 1.5  # points that one person may move the score of a hundred and more
MODEL = "tiny@1"
Said = tuple[Mention, float]  # a post and its polarity


def said(
    name: str,
    polarity: float,
    author: str | None,
    *,
    ago: timedelta = HOUR,
    **more: Any,  # noqa: ANN401 -- any field
) -> Said:
    made = Mention(
        source=more.pop("source", "x"),
        external_id=name,
        text=name,
        published_at=NOW - ago,
        author=None if author is None else Author(author, author),
        **more,
    )
    return made, polarity


def public(seed: int = 7) -> list[Said]:
    """One to three posts each of many people, on three sources, over four weeks."""
    chance = random.Random(seed)  # noqa: S311
    found = []
    for person in range(PERSONS):
        likes = chance.uniform(-0.9, 0.7)
        for post in range(chance.randint(1, 3)):
            polarity = max(-1.0, min(1.0, likes + chance.uniform(-0.3, 0.3)))
            ago = timedelta(days=27 * chance.random())
            source = ("x", "reddit", "bluesky")[person % 3]
            name = f"{person} {post}"
            found.append(said(name, polarity, f"p{person}", ago=ago, source=source))
    return found


def tone(polarity: float) -> Sentiment:
    negative, positive = (1 - polarity) / 2, (1 + polarity) / 2
    label = Label.NEGATIVE if negative > positive else Label.POSITIVE
    return Sentiment(label, negative, 0.0, positive, model=MODEL)


def store(session: Session, these: Sequence[Said], role: Role = Role.BRAND) -> None:
    """Store and score posts, in the order given."""
    listed = [Listed(one, {"Acme": role}) for one, _ in these]
    mentions.add_new(session, listed, now=NOW)
    listings.use_model(session, MODEL)
    polarities = {one.external_id: polarity for one, polarity in these}
    works = listings.waiting(session, Stage.COLLECTED, limit=10_000)
    scored = [(work, tone(polarities[row(session, work.mention_id)])) for work in works]
    listings.add_scores(session, scored, now=NOW)


def row(session: Session, mention_id: int) -> str:
    return session.get_one(MentionRow, mention_id).external_id


def ask(session: Session, persons: int, *, answered: int) -> None:
    """The first posts of so many persons ask, and that many were answered an hour later."""
    for person in range(persons):
        post = row_of(session, f"{person} 0")
        listing = session.get_one(MentionBrandRow, (post.id, "Acme"))
        listing.asks_for_answer = True
        if person < answered:
            listing.answered_at = listing.published_at + HOUR
    session.flush()


def number(session: Session, app: App, on: date = TODAY) -> Reputation:
    session.flush()
    session.expire_all()
    found = measure.measure(session, "Acme", on, app.config).reputation
    assert found.score is not None
    return found


def moved(before: Reputation, after: Reputation) -> float:
    assert before.score is not None
    assert after.score is not None
    return after.score - before.score


@pytest.fixture
def app(make_app: MakeApp, furnish: Furnish) -> App:
    made = make_app().app

    def fill() -> None:
        with made.database.begin() as session:
            store(session, public())
            ask(session, 40, answered=20)

    furnish("public_opinion", fill)
    return made


def purge(session: Session, names: Sequence[str]) -> None:
    deletions.purge(session, [row_of(session, one).id for one in names], now=NOW)


def link(session: Session, account: str, record: int) -> None:
    verdict = Judgement(record, LinkState.CONFIRMED, 0.9, Basis.HANDLE_ON_FILE, ())
    link_rules.judge(session, {author_of(session, account).id: [verdict]}, now=NOW)


def test_a_thousand_posts_of_one_author_are_one_persons_voice(app: App) -> None:
    with app.database.begin() as session:
        before = number(session, app)
        flood = [
            said(f"flood {n}", -1.0, "enemy", ago=n * MINUTE, conversation_id=f"c{n}")
            for n in range(1000)
        ]
        store(session, flood)
        for one, _ in flood:
            post = row_of(session, one.external_id)
            session.get_one(MentionBrandRow, (post.id, "Acme")).asks_for_answer = True
        after = number(session, app)
    assert after.n_persons == before.n_persons + 1
    assert abs(moved(before, after)) <= MOST


def test_two_hundred_posts_without_author_change_nothing_and_are_shown_beside(app: App) -> None:
    with app.database.begin() as session:
        before = number(session, app)
        store(session, [said(f"n{n}", -1.0, None, source="forum") for n in range(200)])
        after = number(session, app)
    assert (after.score, after.low, after.high) == (before.score, before.low, before.high)
    assert after.parts == before.parts
    assert (after.without_author.n, after.without_author.negative) == (200, 200)


def test_who_deletes_forty_posts_is_the_same_person(app: App) -> None:
    posts = [said(f"d{n}", -1.0, "deleter", ago=n * HOUR) for n in range(40)]
    with app.database.begin() as session:
        store(session, posts)
        before = number(session, app)
        purge(session, [one.external_id for one, _ in posts[:25]])
        assert number(session, app).score == pytest.approx(before.score, abs=1e-9)
        purge(session, [one.external_id for one, _ in posts[25:]])
        after = number(session, app)
        assert (after.n_persons, after.n_authors) == (before.n_persons, before.n_authors)
        assert after.score == pytest.approx(before.score, abs=1e-9)
        store(session, [said("again", -1.0, "deleter")])
        assert number(session, app).n_persons == before.n_persons


def test_an_article_on_fifty_sites_counts_once(app: App) -> None:
    sites = [said(f"site{n}", -1.0, f"site{n}", ago=(60 - n) * MINUTE) for n in range(50)]
    with app.database.begin() as session:
        before = number(session, app)
        store(session, sites)
        ids = [row_of(session, one.external_id).id for one, _ in sites]
        marked = {one: [10**6 + n, 7] for n, one in enumerate(ids)}
        assert stories.assign(session, marked, lambda *_: True, now=NOW) == 49
        after = number(session, app)
    assert after.n_persons == before.n_persons + 1
    assert abs(moved(before, after)) <= MOST


def test_the_same_post_on_six_networks_speaks_once(app: App) -> None:
    networks = ("x", "reddit", "bluesky", "mastodon", "youtube", "hackernews")
    copies = [
        said(f"copy {n}", -1.0, "crossposter", ago=HOUR - n * MINUTE, source=one)
        for n, one in enumerate(networks)
    ]
    with app.database.begin() as session:
        before = number(session, app)
        store(session, copies)
        ids = [row_of(session, one.external_id).id for one, _ in copies]
        assert stories.assign(session, {one: [7] for one in ids}, lambda *_: True, now=NOW) == 5
        after = number(session, app)
    assert after.n_persons == before.n_persons + 1
    assert abs(moved(before, after)) <= MOST


def test_a_customer_on_three_accounts_is_one_person(app: App) -> None:
    accounts = [said(f"c{n}", -1.0, f"account{n}") for n in range(3)]
    with app.database.begin() as session:
        before = number(session, app)
        store(session, accounts)
        customers.save(session, [customer()], now=NOW)
        for n in range(3):
            link(session, f"account{n}", 1)
        after = number(session, app)
        assert after.n_persons == before.n_persons + 1
        assert after.n_authors == before.n_authors + 3
        assert abs(moved(before, after)) <= MOST
        purge(session, ["c0", "c1", "c2"])
        gone = number(session, app)
        assert gone.n_persons == after.n_persons
        assert gone.score == pytest.approx(after.score, abs=1e-9)


def test_each_customer_that_is_linked_moves_the_score_by_little(app: App) -> None:
    with app.database.begin() as session:
        customers.save(session, [customer(f"C{n}") for n in range(12)], now=NOW)
        scores = [number(session, app)]
        for n in range(12):
            link(session, f"p{n}", n + 1)
            scores.append(number(session, app))
    steps = [abs(moved(*pair)) for pair in pairwise(scores)]
    assert max(steps) <= MOST


def test_one_who_was_not_answered_in_time_moves_the_score_by_little(make_app: MakeApp) -> None:
    app = make_app().app
    with app.database.begin() as session:
        store(session, public())
        scores = [number(session, app)]
        for n in range(5):
            ask(session, n + 1, answered=0)
            scores.append(number(session, app))
    steps = [abs(moved(*pair)) for pair in pairwise(scores)]
    assert max(steps) <= MOST


def test_a_rule_that_promises_less_adds_no_point(app: App, make_app: MakeApp) -> None:
    relaxed = make_app(basic=BASIC.replace('"1h"', '"24h"').replace('"24h"', '"90h"')).app
    with app.database.read() as session:
        assert number(session, relaxed) == number(session, app)


def test_own_posts_change_nothing(app: App) -> None:
    with app.database.begin() as session:
        before = number(session, app)
        store(session, [said(f"own{n}", 1.0, "acme") for n in range(50)], role=Role.OWN)
        assert number(session, app) == before


def test_a_panel_of_ratings_is_shown_beside_and_not_mixed_in(app: App) -> None:
    def rated(stars: float) -> list[Said]:
        return [
            said(f"r{stars}{n}", 0.2, f"r{stars}{n}", source="trustpilot", rating=stars)
            for n in range(5)
        ]

    with app.database.begin() as session:
        store(session, rated(1.0))
        one = number(session, app)
        for post, _ in rated(1.0):
            row_of(session, post.external_id).rating = 5.0
        session.flush()
        five = number(session, app)
    assert (one.score, one.parts) == (five.score, five.parts)
    assert [found.mean for found in (*one.stars, *five.stars)] == pytest.approx(
        [29.5 / 12, 49.5 / 12]
    )


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(lambda those: those[::-1], id="backwards"),
        pytest.param(lambda those: sorted(those, key=lambda one: one[1]), id="worst first"),
        pytest.param(lambda those: [*those[1::2], *those[::2], *those[:9]], id="some twice"),
    ],
)
def test_the_order_of_import_changes_nothing(
    app: App, order: Callable[[list[Said]], list[Said]]
) -> None:
    with app.database.read() as session:
        expected = number(session, app)
    with app.database.begin() as session:
        for name in ("mention_score", "mention_brand", "mention", "author"):
            session.connection().exec_driver_sql(f"DELETE FROM {name}")  # noqa: S608
        for half in (order(public())[:50], order(public())[50:]):
            store(session, half)
        ask(session, 40, answered=20)
        assert number(session, app) == expected


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Europe/Madrid", date(2026, 10, 25)),  # of 25 hours
        ("Europe/Madrid", date(2026, 3, 29)),  # of 23
        ("Australia/Lord_Howe", date(2026, 4, 5)),  # half an hour
        ("Pacific/Chatham", date(2026, 9, 27)),  # 12:45 ahead
        ("Pacific/Kiritimati", date(2026, 11, 18)),
        ("America/St_Johns", date(2026, 11, 18)),
        ("Africa/Cairo", date(2026, 4, 24)),  # begins at one o'clock
    ],
)
def test_days_are_the_brands_own_in_every_zone(make_app: MakeApp, zone: str, day: date) -> None:
    app = make_app(basic=BASIC.replace("Europe/Madrid", zone)).app
    until = midnight(day + timedelta(days=1), app.config.tz)
    since = midnight(day - timedelta(days=27), app.config.tz)

    def post(name: str, at: datetime) -> Said:
        return replace(said(name, 0.5, name)[0], published_at=at), 0.5

    inside = [post(f"in{n}", until - timedelta(microseconds=1)) for n in range(20)]
    inside += [post(f"old{n}", since) for n in range(20)]
    outside = [post("too late", until), post("too old", since - MINUTE)]
    with app.database.begin() as session:
        store(session, [*inside, *outside])
        found = number(session, app, day)
        assert found.n_persons == 40
        assert found.score == pytest.approx(75)
        following = measure.measure(session, "Acme", day + timedelta(days=1), app.config)
        assert len(following.voices) == 21
