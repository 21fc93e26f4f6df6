import pytest
from sqlalchemy import select

from domain.mention import Author
from earshot.core.app import App
from earshot.reporting.measure import measure, nps_of
from earshot.reporting.rivals import left_out
from storage import opinions
from storage.tables import AuthorRow
from tests.conftest import MakeApp
from tests.earshot.world import ANA, DAY, NOW, day, mention, store, with_words, work

BRANDS = """
[[brands]]
name = "Acme"
query = "acme"
own_accounts = ["x:1000"]
competitors = [
    "Bolt",
    { name = "Globex", own_accounts = ["x:globex", "mastodon:globex@toots.example"] },
    { name = "Hooli", own_accounts = ["x:id:77"] },
]

[[brands]]
name = "Bolt"
query = "bolt"
own_accounts = ["reddit:bolt_help"]
"""


@pytest.fixture
def app(make_app: MakeApp) -> App:
    return make_app(basic=BRANDS).app


def left_out_of_acme(app: App) -> set[tuple[str, str]]:
    with app.database.read() as session:
        ids = left_out(session, app.config, app.config.brands[0])
        rows = session.scalars(select(AuthorRow).where(AuthorRow.id.in_(ids)))
        return {(row.source, row.handle) for row in rows}


@pytest.mark.parametrize(
    ("source", "author"),
    [
        pytest.param("x", Author("5", "Globex"), id="by its handle, whatever its case"),
        pytest.param("x", Author("77", "renamed"), id="by its id"),
        pytest.param("mastodon", Author("https://toots.example/@globex", "globex"), id="profile"),
        pytest.param(
            "reddit", Author("t2_bolt", "bolt_help"), id="of a competitor that is a brand"
        ),
    ],
)
def test_what_a_competitor_writes_of_the_brand_is_left_out(
    app: App, source: str, author: Author
) -> None:
    store(
        app,
        mention("1", author=author, source=source),
        mention("2", author=ANA),
        mention("3", author=Author("501", "globex"), source="reddit"),
        mention("4", author=Author("6", "77")),
        brand="Acme",
    )
    assert left_out_of_acme(app) == {(source, author.handle)}


def test_what_the_brand_wrote_before_its_account_was_told_is_left_out(make_app: MakeApp) -> None:
    before = make_app(basic='[[brands]]\nname = "Acme"\nquery = "acme"').app
    store(before, mention("1", author=Author("1000", "acme_help")), mention("2", author=ANA))
    app = make_app(basic=BRANDS).app
    assert left_out_of_acme(app) == {("x", "acme_help")}


def test_without_accounts_nobody_is_left_out(make_app: MakeApp) -> None:
    app = make_app(basic='[[brands]]\nname = "Acme"\nquery = "acme"\ncompetitors = ["Globex"]').app
    store(app, mention("1", author=ANA))
    assert left_out_of_acme(app) == set()


def test_what_a_competitor_writes_moves_neither_score_nor_proxy(app: App) -> None:
    people = [
        mention(str(n), f"Acme is here {n}", author=Author(f"9{n}", f"p{n}")) for n in range(30)
    ]
    store(with_words(app), *people)
    theirs = [
        mention(f"g{n}", f"Acme is awful {n}, where is my order?", author=Author("5", "globex"))
        for n in range(9)
    ]
    store(app, *theirs)
    work(app)
    with app.database.read() as session:
        score = measure(session, "Acme", day("2026-11-20"), app.config).reputation
        proxy = nps_of(session, "Acme", day("2026-11-20"), app.config)
        asking = opinions.asked(session, "Acme", since=NOW - DAY, until=NOW)
        asked = opinions.asked(
            *(session, "Acme"),
            since=NOW - DAY,
            until=NOW,
            left_out=left_out(session, app.config, app.config.brands[0]),
        )
    assert (score.n_persons, score.parts[0].value, score.without_author.n) == (30, 50.0, 0)
    assert (proxy.n_authors, proxy.detractors) == (30, 0)
    assert (len(asking), asked) == (9, [])
