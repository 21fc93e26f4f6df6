"""Score, parts, sources and NPS proxy, recomputed from the stored rows to the ninth digit."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.customer import Basis, Judgement, LinkState
from domain.incident import Clock, Resolution, Severity
from domain.listing import Role, Stage
from domain.mention import Author, Mention
from domain.sentiment import Label, Sentiment
from earshot.core.app import App
from earshot.reporting import measure
from storage import clocks, corrections, customers, deletions, link_rules, listings
from storage.tables import AuthorRow, CustomerRow, MentionBrandRow, MentionRow, ScoreRow
from tests.conftest import BASIC, MakeApp
from tests.reputation.recomputed import Day, Rows, customers_of, recompute
from tests.storage.made import OWN, customer, mention, open_incident, store

ZONE = "Australia/Lord_Howe"  # its clock went forward by half an hour on 4 October
DAY = date(2026, 10, 20)
END = datetime(2026, 10, 20, 13, tzinfo=UTC)  # the midnight that ends it
BEGIN = datetime(2026, 9, 22, 13, 30, tzinfo=UTC)  # the midnight that begins the 28th day before
NOW = END + timedelta(days=1)
HOUR = timedelta(hours=1)
EXACT = 1e-9

# The accounts that wrote the deleted posts, and the customers that accounts had before that.
Books = tuple[dict[int, str], dict[str, int]]


def invent(session: Session, seed: int, gone: int = 20) -> Books:
    """A brand with everything that may happen to what is said of it."""
    chance = random.Random(seed)  # noqa: S311
    posts = _posts(chance)
    store(session, *posts, now=NOW)
    store(session, *_own(chance), roles=OWN, now=NOW)
    store(session, *_of_rivals(chance), roles={"Globex": Role.COMPETITOR}, now=NOW)
    _read(session, chance, "first@1")
    _read(session, chance, "second@2")
    ids = dict(session.execute(select(MentionRow.external_id, MentionRow.id)).all())
    named = [ids[one.external_id] for one in posts]
    _listing(session, chance.sample(named, 8), hidden="rule:spam")
    _listing(session, chance.sample(named, 90), asks_for_answer=True)
    _answer(session, chance, named)
    for mention_id in chance.sample(named, 12):
        label = chance.choice(list(Label))
        corrections.correct(session, mention_id, "Acme", label, by="mia", now=NOW)
    _tell_stories(session, chance, posts, ids)
    _link(session)
    _decide(session, chance, named)
    deleted = chance.sample([one for one in posts if one.author is not None], gone)
    books = {
        ids[one.external_id]: f"{one.source} {one.author.id}"
        for one in deleted
        if one.author is not None
    }
    known = customers_of(session)
    deletions.purge(session, list(books), now=NOW)
    return books, known


def _author(source: str, number: int, chance: random.Random) -> Author:
    old, young = END - timedelta(days=900), END - timedelta(days=12)
    return Author(
        id=str(number),
        handle=f"{source}{number}",
        followers=chance.choice([None, 3, 50_000]),
        created_at=chance.choice([None, old, young]),
    )


def _posts(chance: random.Random) -> list[Mention]:
    """Eighty accounts on X, twenty-five on Reddit, and a feed without authors."""
    people = [("x", _author("x", n, chance)) for n in range(80)]
    people += [("reddit", _author("reddit", n, chance)) for n in range(25)]
    found: list[Mention] = []
    for source, author in people:
        for _ in range(chance.choice([1, 1, 2, 3, 6])):
            at = END + timedelta(days=1) - timedelta(days=110 * chance.random() ** 1.5)
            found.append(
                _post(f"p{len(found)}", source, at, author, is_repost=chance.random() < 0.05)
            )
    for _ in range(15):
        at = END - timedelta(days=40 * chance.random())
        found.append(_post(f"p{len(found)}", "rss", at, None))
    # In the half hour that is in 28 times 24 hours, and not in 28 days.
    found.append(_post("early", "x", BEGIN - timedelta(minutes=15), people[0][1]))
    found.append(_post("first", "x", BEGIN, people[1][1]))
    return found


def _post(name: str, source: str, at: datetime, author: Author | None, **more: Any) -> Mention:  # noqa: ANN401 - any field
    return mention(
        name, f"acme {name}", source=source, published_at=at, author=author, parent_id=None, **more
    )


def _own(chance: random.Random) -> list[Mention]:
    us = Author("1000", "acme_help", followers=9)
    return [_post(f"own{n}", "x", END - 20 * HOUR * chance.random(), us) for n in range(5)]


def _of_rivals(chance: random.Random) -> list[Mention]:
    return [
        _post(f"rival{n}", "x", END - 90 * HOUR * chance.random(), _author("x", n, chance))
        for n in range(30)
    ]


def _read(session: Session, chance: random.Random, model: str) -> None:
    """Some stay without a label."""
    listings.use_model(session, model)
    scored = []
    for work in listings.waiting(session, Stage.COLLECTED, limit=10_000):
        cuts = sorted([chance.random(), chance.random()])
        negative, neutral, positive = cuts[0], cuts[1] - cuts[0], 1 - cuts[1]
        parts = dict(zip(Label, (negative, neutral, positive), strict=True))
        label = max(parts, key=lambda one: parts[one])
        said = Sentiment(label, negative, neutral, positive, model=model)
        nothing = Sentiment(None, 0.0, 0.0, 0.0, model=model, reason="empty text")
        scored.append((work, nothing if chance.random() < 0.04 else said))
    listings.add_scores(session, scored, now=NOW)


def _listing(session: Session, mention_ids: list[int], **changed: Any) -> None:  # noqa: ANN401 - any column
    session.execute(
        update(MentionBrandRow).where(MentionBrandRow.mention_id.in_(mention_ids)).values(**changed)
    )


def _answer(session: Session, chance: random.Random, mention_ids: list[int]) -> None:
    at = dict(session.execute(select(MentionRow.id, MentionRow.published_at)).all())
    for one in chance.sample(mention_ids, 70):
        _listing(session, [one], answered_at=at[one] + 48 * HOUR * chance.random())


def _tell_stories(
    session: Session, chance: random.Random, posts: list[Mention], ids: dict[str, int]
) -> None:
    """Four stories: any of their tellers may be hidden, gone, or before the window."""
    told = chance.sample(posts, 24)
    for number in range(4):
        mine = [ids[one.external_id] for one in told[number::4]]
        session.execute(
            update(MentionRow).where(MentionRow.id.in_(mine)).values(story_id=min(mine))
        )


def _link(session: Session) -> None:
    """Nine customers: two of two accounts, two records that are one, one account of two."""
    customers.save(session, [customer(f"C{n}") for n in range(9)], now=NOW)
    record = dict(session.execute(select(CustomerRow.external_id, CustomerRow.id)).all())
    session.execute(
        update(CustomerRow).where(CustomerRow.id == record["C6"]).values(joined_to=record["C5"])
    )
    session.expire_all()
    rows = session.execute(select(AuthorRow.source, AuthorRow.external_id, AuthorRow.id)).all()
    author = {f"{source} {account}": one for source, account, one in rows}
    pairs = {
        "x 3": ["C0"],
        "reddit 3": ["C0"],
        "x 4": ["C1"],
        "x 5": ["C2"],
        "reddit 8": ["C2"],
        "x 6": ["C5"],
        "x 7": ["C6"],
        "reddit 1": ["C3"],
        "x 9": ["C7", "C8"],
    }
    judged = {
        author[account]: [
            Judgement(record[one], LinkState.CONFIRMED, 0.9, Basis.HANDLE_ON_FILE, ())
            for one in those
        ]
        for account, those in pairs.items()
    }
    proposed = Judgement(record["C4"], LinkState.PROPOSED, 0.8, Basis.HANDLE_ON_FILE, ())
    link_rules.judge(session, {**judged, author["x 10"]: [proposed]}, now=NOW)


def _decide(session: Session, chance: random.Random, mention_ids: list[int]) -> None:
    """Some incidents were dismissed, needed no answer, or were answered where nobody sees it."""
    at = dict(session.execute(select(MentionRow.id, MentionRow.published_at)).all())
    how = ["dismissed", str(Resolution.NO_ANSWER_NEEDED), str(Resolution.ELSEWHERE), ""]
    for number, one in enumerate(chance.sample(mention_ids, 24)):
        made = open_incident(session, one, key=f"complaint {number}", posted_at=at[one])
        said = how[number % 4]
        clock = Clock(at[one], at[one] + 24 * HOUR, Severity.NORMAL, how=said)
        if said == Resolution.ELSEWHERE:
            clock = replace(clock, answered_at=at[one] + 40 * HOUR * chance.random())
        clocks.replace(session, made.id, [clock])


@pytest.fixture
def app(make_app: MakeApp) -> App:
    return make_app(basic=BASIC.replace("Europe/Madrid", ZONE)).app


@pytest.fixture
def day(app: App) -> Callable[[int, date], tuple[Day, Any, Any]]:
    """What is recomputed, the score and the NPS proxy of a day of a world of a seed."""

    def of(seed: int, on: date) -> tuple[Day, Any, Any]:
        with app.database.begin() as session:
            books = invent(session, seed)
        with app.database.read() as session:
            rows = Rows(session, "Acme", *books)
            yardstick = app.config.top.reputation.answer_yardstick
            return (
                recompute(rows, on, ZONE, yardstick),
                measure.measure(session, "Acme", on, app.config).reputation,
                measure.nps_of(session, "Acme", on, app.config),
            )

    return of


@pytest.mark.parametrize(
    ("seed", "on"),
    [
        pytest.param(1, DAY, id="the clock went forward"),
        pytest.param(2, DAY, id="another world"),
        pytest.param(3, date(2026, 10, 2), id="the clock did not"),
    ],
)
def test_every_number_is_what_its_definition_says_of_the_stored_rows(
    day: Callable[[int, date], tuple[Day, Any, Any]], seed: int, on: date
) -> None:
    expected, found, proxy = day(seed, on)
    assert expected.score is not None
    assert all(value is not None for value in expected.parts.values())
    assert found.score == pytest.approx(expected.score, abs=EXACT)
    for part in found.parts:
        assert part.value == pytest.approx(expected.parts[part.name], abs=EXACT)
        assert part.weight == pytest.approx(expected.weights[part.name], abs=EXACT)
        assert part.n == expected.counts[part.name]
    assert found.n_persons == expected.counts["sentiment"]
    alone = {one.source: (one.n, one.value) for one in found.sources}
    assert alone.keys() == expected.sources.keys()
    for source, (n, value) in expected.sources.items():
        assert alone[source] == (n, value if value is None else pytest.approx(value, abs=EXACT))
    assert (found.without_author.n, found.without_author.negative) == expected.without_author
    assert found.low <= found.score <= found.high
    assert (proxy.promoters, proxy.passives, proxy.detractors) == expected.classes
    assert (proxy.value, proxy.low, proxy.high) == pytest.approx(expected.nps, abs=EXACT)


def test_accounts_and_their_age_and_reach_are_those_of_the_rows(app: App) -> None:
    """Where nothing is deleted: of a deleted post only whose it was is kept."""
    with app.database.begin() as session:
        rows = Rows(session, "Acme", *invent(session, 4, gone=0))
        found = measure.measure(session, "Acme", DAY, app.config).reputation
    expected = recompute(rows, DAY, ZONE, app.config.top.reputation.answer_yardstick)
    assert found.score == pytest.approx(expected.score, abs=EXACT)
    assert found.n_authors == expected.accounts
    assert found.young.n == expected.young
    assert found.negative_reach == expected.negative_reach


def test_what_is_invented_has_everything_that_may_happen(app: App) -> None:
    with app.database.begin() as session:
        books = invent(session, 1)
        rows = Rows(session, "Acme", *books)
    assert len(books[0]) == 20
    assert len(set(rows.customers.values())) == 5
    assert {row["hidden"] for row in rows.listings.values()} == {"", "rule:spam"}
    assert any(post["is_repost"] for post in rows.posts)
    assert any(rows.tone(post) is None for post in rows.posts)
    with app.database.read() as session:
        assert len(set(session.scalars(select(ScoreRow.model)))) == 2
