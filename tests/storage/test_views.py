import itertools
from typing import Any

import pytest

from domain.listing import Role
from domain.sentiment import Label
from storage import answers, customers, link_work, links, views
from storage.answers import Answer
from storage.engine import Database
from storage.views import Filter, MentionView
from tests.conftest import Furnish
from tests.storage.made import (
    ANA,
    BEN,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    OWN,
    author_of,
    customer,
    customer_id,
    mention,
    open_incident,
    row_of,
    score,
    store,
)


def ids(found: list[MentionView]) -> list[str]:
    return [view.mention.external_id for view in found]


@pytest.fixture
def filled(database: Database, furnish: Furnish) -> Database:
    """Mentions that each differ in one thing from the first; Ana is a customer."""
    furnish("filled", lambda: fill(database))
    return database


def fill(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("plain", "acme is awful"))
        store(session, mention("ben", "acme is awful", author=BEN))
        store(session, mention("reddit", "acme is awful", source="reddit"))
        store(session, mention("old", "acme is awful", published_at=NOW - 9 * DAY))
        store(session, mention("rival", "globex"), roles={"Globex": Role.COMPETITOR})
        store(session, mention("own", "acme says sorry"), roles=OWN)
        store(session, mention("answered", "acme is awful"))
        score(session)
        store(session, mention("lovely", "acme is great"))
        score(session, Label.POSITIVE)
        store(session, mention("unscored", "acme"))
        answers.note(session, Answer(row_of(session, "answered").id, "Acme", NOW, None, None))
        customers.save(session, [customer()], now=NOW)
        for author in link_work.take(session, limit=9, now=NOW):
            if author.source == "x" and author.handle_key == "ana_writes":
                links.add(
                    session, author, customer_id(session), evidence=["told us"], by="me", now=NOW
                )


EVERY = {"plain", "ben", "reddit", "old", "rival", "answered", "lovely", "unscored"}
FILTERS: dict[str, tuple[Any, set[str]]] = {
    "brand": ("Acme", EVERY - {"rival"}),
    "source": ("x", EVERY - {"reddit"}),
    "since": (NOW - DAY, EVERY - {"old"}),
    "until": (NOW - 2 * DAY, {"old"}),
    "label": (Label.NEGATIVE, EVERY - {"lovely", "unscored"}),
    "customer_id": (1, EVERY - {"ben", "reddit"}),
    "search": ("awful", EVERY - {"rival", "lovely", "unscored"}),
    "unanswered": (True, EVERY - {"rival", "answered"}),
    "roles": ((Role.BRAND,), EVERY - {"rival"}),
}


def test_without_a_filter_everything_but_own_posts_is_listed(filled: Database) -> None:
    with filled.read() as session:
        assert set(ids(views.search(session, Filter()))) == EVERY


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(names, id="+".join(names))
        for size in (1, 2)
        for names in itertools.combinations(FILTERS, size)
    ]
    + [pytest.param(tuple(FILTERS), id="all")],
)
def test_filters_narrow_together(filled: Database, names: tuple[str, ...]) -> None:
    wanted = {name: FILTERS[name][0] for name in names}
    with filled.read() as session:
        if "customer_id" in wanted:
            wanted["customer_id"] = customer_id(session)
        found = ids(views.search(session, Filter(**wanted)))
    assert set(found) == EVERY.intersection(*(FILTERS[name][1] for name in names))
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(Filter(brand="Nobody"), id="brand"),
        pytest.param(Filter(source="mars"), id="source"),
        pytest.param(Filter(customer_id=4711), id="customer"),
        pytest.param(Filter(since=NOW, until=NOW - DAY), id="an empty span"),
        pytest.param(Filter(ids=[]), id="no ids"),
        pytest.param(Filter(roles=()), id="no roles"),
        pytest.param(Filter(brand="Acme' OR '1'='1"), id="SQL"),
        pytest.param(Filter(source="%"), id="LIKE"),
    ],
)
def test_what_fits_nothing_lists_nothing(filled: Database, wanted: Filter) -> None:
    with filled.read() as session:
        assert views.search(session, wanted) == []


def test_the_span_holds_its_beginning_and_not_its_end(filled: Database) -> None:
    with filled.read() as session:
        at = NOW - HOUR
        assert "plain" in ids(views.search(session, Filter(since=at)))
        assert "plain" not in ids(views.search(session, Filter(until=at)))


def test_the_newest_come_first_and_the_limit_cuts_the_rest(database: Database) -> None:
    with database.begin() as session:
        store(session, *[mention(str(n), published_at=NOW - n * MINUTE) for n in range(9)])
        again = mention("0", published_at=NOW)
        store(session, again, roles={"Globex": Role.COMPETITOR})
        found = views.search(session, Filter(), limit=4)
        assert [(one.mention.external_id, one.listing.brand) for one in found] == [
            ("0", "Acme"),
            ("0", "Globex"),
            ("1", "Acme"),
            ("2", "Acme"),
        ]


def test_as_many_ids_as_there_are_may_be_asked_for(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"))
        wanted = Filter(ids=range(-5, 70_000))
        assert ids(views.search(session, wanted)) == ["1"]


def test_a_view_holds_all_that_is_known(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"))
        score(session)
        customers.save(session, [customer()], now=NOW)
        who = author_of(session, "501")
        link = links.add(session, who, customer_id(session), evidence=["told us"], by="me", now=NOW)
        mention_id = row_of(session, "1").id
        open_incident(session, mention_id, key="first", state="resolved")
        newest = open_incident(session, mention_id, key="second")
        open_incident(session, mention_id, key="another brand's", brand="Globex")
    with database.read() as session:
        [view] = views.search(session, Filter())
        assert view.author is not None
        assert view.author.handle == ANA.handle
        assert view.sentiment is not None
        assert view.sentiment.label is Label.NEGATIVE
        assert view.customer is not None
        assert view.customer.name == "Customer C1"
        assert view.link is not None
        assert view.link.id == link.now.id
        assert view.incident is not None
        assert view.incident.id == newest.id


def test_a_bare_mention_has_nothing_around_it(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1", author=None))
        [view] = views.search(session, Filter())
        around = (view.author, view.score, view.sentiment, view.customer, view.link, view.incident)
        assert around == (None,) * 6


def test_what_was_not_scored_has_no_label_and_is_no_tone(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"))
        score(session, None)
        [view] = views.search(session, Filter())
        assert view.sentiment is not None
        assert (view.sentiment.label, view.sentiment.reason) == (None, "empty text")
        for label in Label:
            assert views.search(session, Filter(label=label)) == []


# --- words ------------------------------------------------------------------------------------

TEXTS = {
    "cafe": "The café was cold",
    "tag": "I #love @acme_help's e-mail service",
    "url": "see https://acme.example/help?q=1&b=two for more",
    "quote": 'she said "never again" and left',
    "ops": "AND OR NOT NEAR",
    "emoji": "so good 🙂🙂 ☕",
    "german": "STRASSE und Straße, Größe 42",
    "cjk": "咖啡 很好",
    "cyrillic": "Кофе Отличный",
    "stop": "the who is it",
    "numbers": "v2.5 costs 1e5 or 3,14 or -7",
    "under": "snake_case_name",
    "html": "<b>bold</b> &amp; brave",
    "long": "w" * 300,
}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        pytest.param("cold", {"cafe"}, id="a word"),
        pytest.param("COLD cafÉ", {"cafe"}, id="case and accents, any order"),
        pytest.param("cafe", set(), id="another letter is another word"),
        pytest.param("cafe\u0301", {"cafe"}, id="an accent written apart"),
        pytest.param("cold left", set(), id="all of the words"),
        pytest.param("col", set(), id="whole words only"),
        pytest.param("#love", {"tag"}, id="tag"),
        pytest.param("@acme_help", {"tag", "url"}, id="handle"),
        pytest.param("e-mail", {"tag"}, id="hyphen"),
        pytest.param("acme", {"tag", "url"}, id="a part of a handle or an address"),
        pytest.param("https://acme.example/help?q=1&b=two", {"url"}, id="address"),
        pytest.param('"never again"', {"quote"}, id="quotes"),
        pytest.param('"', set(), id="one quote"),
        pytest.param("never'again", {"quote"}, id="apostrophe"),
        pytest.param("AND", {"ops", "quote"}, id="AND"),
        pytest.param("OR", {"ops", "numbers"}, id="OR"),
        pytest.param("NOT", {"ops"}, id="NOT"),
        pytest.param("NEAR(and or)", {"ops"}, id="NEAR"),
        pytest.param("cold NOT left", set(), id="operators are words"),
        pytest.param("cold OR left", set(), id="no alternative"),
        pytest.param("text:cold ^cold", set(), id="column"),
        pytest.param("^cold", {"cafe"}, id="caret"),
        pytest.param("col*", set(), id="star"),
        pytest.param("cold & !left | :* <->", set(), id="PostgreSQL's operators"),
        pytest.param("cold:*", {"cafe"}, id="PostgreSQL's prefix"),
        pytest.param("🙂", set(), id="emoji alone"),
        pytest.param("good 🙂", {"emoji"}, id="emoji beside a word"),
        pytest.param("straße", {"german"}, id="sharp s"),
        pytest.param("größe", {"german"}, id="umlaut"),
        pytest.param("42", {"german"}, id="number"),
        pytest.param("咖啡", {"cjk"}, id="Chinese"),
        pytest.param("кофе", {"cyrillic"}, id="Cyrillic"),
        pytest.param("who is the", {"stop"}, id="stop words count"),
        pytest.param("v2.5", {"numbers"}, id="version"),
        pytest.param("1e5", {"numbers"}, id="scientific"),
        pytest.param("-7", {"numbers"}, id="sign"),
        pytest.param("snake_case_name", {"under"}, id="underscore"),
        pytest.param("case", {"under"}, id="a part of it"),
        pytest.param("<b>bold</b>", {"html"}, id="tags"),
        pytest.param("amp brave", {"html"}, id="entity"),
        pytest.param("w" * 300, {"long"}, id="a long word"),
        pytest.param("w" * 299, set(), id="nearly a long word"),
        pytest.param("% _ \\", set(), id="LIKE"),
        pytest.param("cold\0", {"cafe"}, id="NUL"),
        pytest.param("cold \udcff", {"cafe"}, id="a lone surrogate"),
        pytest.param("cold" * 2500, set(), id="10,000 letters"),
        pytest.param(" ".join(["cold", "was", "the"] * 833), {"cafe"}, id="2,500 words"),
        pytest.param(" ".join(f"n{n}" for n in range(2500)), set(), id="2,500 other words"),
    ],
)
def test_words_are_found_alike_on_both_databases(
    database: Database, words: str, found: set[str]
) -> None:
    with database.begin() as session:
        store(session, *[mention(key, text) for key, text in TEXTS.items()])
        assert set(ids(views.search(session, Filter(search=words)))) == found


def test_no_words_are_no_filter(database: Database) -> None:
    with database.begin() as session:
        store(session, mention("1"))
        assert ids(views.search(session, Filter(search=""))) == ["1"]
