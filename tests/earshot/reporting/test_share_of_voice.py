"""Like with like: what is heard of one side alone moves no share."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from domain.listing import Role
from domain.mention import Author, Mention
from domain.reputation import Status
from domain.share_of_voice import NotCompared, ShareOfVoice, Side
from earshot.core.app import App
from earshot.reporting.share_of_voice import share_of_voice
from storage import hearing, mentions, network_counts
from storage.mentions import Listed
from tests.conftest import MakeApp
from tests.earshot.world import DAY, MINUTE, NOW, day, mention, store, with_words, work

BRANDS = """
timezone = "Europe/Madrid"

[[brands]]
name = "Acme"
query = "acme"
own_accounts = ["x:1000"]
languages = ["en"]
competitors = [{ name = "Globex", query = "globex -corp", own_accounts = ["x:2000"] }]
"""
BOTH = ("Acme", "Globex")
X = """
[sources.x]
enabled = true
bearer_token = "env:X_TOKEN"
"""
TRUSTPILOT = """
[sources.trustpilot]
enabled = true
brand = "Acme"
business_unit_id = "5f9c9d1e2b3a4c5d6e7f8a9b"
api_key = "env:TRUSTPILOT_KEY"
"""


@pytest.fixture
def app(make_app: MakeApp) -> App:
    return filled(make_app(basic=BRANDS).app)


def filled(app: App) -> App:
    """30 persons who speak of Acme on X, half of them badly, and 30 who speak of Globex."""
    store(with_words(app), *crowd("Acme", 30, bad=15), *crowd("Globex", 30, first=500))
    work(app)
    return app


def crowd(name: str, n: int, *, first: int = 100, bad: int = 0, **more: Any) -> list[Mention]:  # noqa: ANN401 - any field
    return [
        one(number, f"{name} is {'awful' if number < first + bad else 'here'} {number}", **more)
        for number in range(first, first + n)
    ]


def one(number: int, text: str, post: str = "", **more: Any) -> Mention:  # noqa: ANN401 - any field
    """A post by the person of this number."""
    fields = {"published_at": NOW - 3 * DAY, "author": Author(str(number), f"p{number}"), **more}
    return mention(post or f"{text} {number}", text, **fields)


def voices(app: App) -> ShareOfVoice:
    with app.database.read() as session:
        return share_of_voice(
            session, app.config, app.config.brands[0], since=NOW - 28 * DAY, until=NOW
        )


def sides(app: App) -> tuple[Side, Side]:
    acme, globex = voices(app).sides
    return acme, globex


def test_a_share_is_of_persons(app: App) -> None:
    found = voices(app)
    acme, globex = found.sides
    assert (found.persons, found.status, found.compared) == (60, Status.OK, ("x",))
    assert (acme.name, acme.share, globex.share) == ("Acme", 0.5, 0.5)
    assert acme.low is not None
    assert 0.35 < acme.low < 0.42
    assert (acme.scored, acme.negative, globex.negative) == (30, 0.5, 0.0)


def by_globex(app: App) -> None:
    own = Author("2000", "globex")
    store(app, *(one(0, f"Globex news {n}", author=own) for n in range(40)), brand="Globex")
    store(app, *(one(0, f"Acme is awful, says Globex {n}", author=own) for n in range(40)))


def by_acme(app: App) -> None:
    own = Author("1000", "acme")
    store(app, *(one(0, f"Globex is awful {n}", author=own) for n in range(40)), brand="Globex")


def in_german(app: App) -> None:
    store(app, *crowd("Globex", 40, first=900, lang="de"), brand="Globex")


def shut_out(app: App) -> None:
    store(app, *crowd("Globex Corp", 40, first=900))


def on_one_source(app: App) -> None:
    store(app, *crowd("Acme", 40, first=900, source="trustpilot"), brand="Acme")


def one_loud_person(app: App) -> None:
    loud = Author("500", "p500")
    words = ("tea", "cup", "sun", "moon", "sea", "rain", "oak", "elm", "fog", "ice")
    store(
        app,
        *(
            one(0, f"Globex {a} {b} {c}", author=loud, published_at=NOW - n * 7 * MINUTE)
            for n, (a, b, c) in enumerate((a, b, c) for a in words for b in words for c in words)
        ),
    )


def copies_of_a_story(app: App) -> None:
    text = (
        "Globex opens a large new factory near the harbour next spring, its director said on "
        "Monday, and will hire two hundred people from the region"
    )
    store(
        app,
        *(
            one(n, text, f"copy {n}", published_at=NOW - 2 * DAY + n * MINUTE)
            for n in range(500, 530)
        ),
        *(one(n, text, f"copy {n}", published_at=NOW - DAY + n * MINUTE) for n in range(900, 930)),
    )


def a_bot(app: App) -> None:
    bots = (Author(str(n), f"globex_{n}_bot") for n in range(900, 940))
    store(app, *(one(0, f"Globex is lovely {bot.id}", author=bot) for bot in bots))


@pytest.mark.parametrize(
    "attack",
    [
        pytest.param(by_globex, id="the competitor's own posts"),
        pytest.param(by_acme, id="the brand's own posts"),
        pytest.param(in_german, id="another language"),
        pytest.param(shut_out, id="what the query shuts out"),
        pytest.param(on_one_source, id="a source that hears one side"),
        pytest.param(one_loud_person, id="one person's thousand posts"),
        pytest.param(copies_of_a_story, id="copies of a story"),
        pytest.param(a_bot, id="noise"),
    ],
)
def test_what_is_not_alike_moves_no_share(app: App, attack: Callable[[App], None]) -> None:
    attack(app)
    work(app)
    acme, globex = sides(app)
    assert (acme.persons, globex.persons) == (30, 30)
    assert (acme.share, acme.negative) == (0.5, 0.5)


def test_who_speaks_of_both_is_a_person_of_both(app: App) -> None:
    store(app, one(100, "Acme or Globex, which is better?"))
    work(app)
    found = voices(app)
    assert [side.persons for side in found.sides] == [30, 31]
    assert found.persons == 60


def test_what_only_stands_in_the_brands_conversations_has_no_like(app: App) -> None:
    below = one(900, "It is awful")
    with app.database.begin() as session:
        assert mentions.add_new(session, [Listed(below, {"Acme": Role.BRAND})], now=NOW) == 1
    work(app)
    assert [side.persons for side in sides(app)] == [30, 30]


def test_a_source_of_one_side_alone_is_left_out_and_said(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUSTPILOT_KEY", "a-key")
    app = filled(make_app(TRUSTPILOT, basic=BRANDS).app)
    store(app, *crowd("Acme", 3, first=900, source="trustpilot"), brand="Acme")
    store(app, *crowd("Globex", 3, first=900, source="tiktok"), brand="Globex")

    found = voices(app)

    assert found.compared == ("x",)
    assert found.left_out == (
        NotCompared("tiktok", "nothing was imported of Acme"),
        NotCompared("trustpilot", "all there is about Acme"),
    )


def test_a_story_counts_where_it_is_told_first_of_what_is_compared(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUSTPILOT_KEY", "a-key")
    app = filled(make_app(TRUSTPILOT, basic=BRANDS).app)
    text = (
        "Acme opens a large new factory near the harbour next spring, its director said on "
        "Monday, and will hire two hundred people from the region"
    )
    first = one(900, text, "first", source="trustpilot", published_at=NOW - 2 * DAY)
    store(app, first, brand="Acme")
    store(app, one(901, text, "copy", published_at=NOW - DAY))
    work(app)
    assert sides(app)[0].persons == 31


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param(timedelta(), (50, 30), id="added with the brand"),
        pytest.param(26 * DAY, (20, 30), id="added later"),
    ],
)
def test_a_competitor_is_compared_from_when_it_was_heard(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, after: timedelta, expected: tuple[int, int]
) -> None:
    monkeypatch.setenv("X_TOKEN", "a-token")
    app = with_words(make_app(X, basic=BRANDS).app)
    begun = NOW - 30 * DAY
    store(app, *crowd("Acme", 30, published_at=NOW - 20 * DAY), *crowd("Acme", 20, first=900))
    store(app, *crowd("Globex", 30, first=500))
    work(app)
    with app.database.begin() as session:
        for name, at in (("Acme", begun), ("Globex", begun + after)):
            passes = int((NOW - at) / DAY) + 1
            for number in range(passes):
                hearing.note(session, "x", [name], now=at + number * DAY)

    found = voices(app)

    assert tuple(side.persons for side in found.sides) == expected
    assert found.later == ((("x", begun + after),) if after else ())


def test_a_source_that_has_not_heard_a_new_competitor_yet_is_left_out(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("X_TOKEN", "a-token")
    app = filled(make_app(X, basic=BRANDS).app)
    with app.database.begin() as session:
        hearing.note(session, "x", ["Acme"], now=NOW)
    assert voices(app).left_out == (NotCompared("x", "Globex was not heard there yet"),)


def test_who_was_not_heard_for_days_is_heard_anew(app: App) -> None:
    with app.database.begin() as session:
        for at in (NOW - 9 * DAY, NOW - 8 * DAY, NOW - 2 * DAY, NOW - DAY):
            hearing.note(session, "x", BOTH[:1], now=at)
        hearing.note(session, "x", BOTH, now=NOW)
        assert hearing.since(session, BOTH) == {"x": {"Acme": NOW - 2 * DAY, "Globex": NOW}}


def test_few_persons_are_insufficient(make_app: MakeApp) -> None:
    app = with_words(make_app(basic=BRANDS).app)
    store(app, *crowd("Acme", 14), *crowd("Globex", 15, first=500))
    work(app)
    found = voices(app)
    assert (found.status, found.persons) == (Status.INSUFFICIENT, 29)
    assert [side.share for side in found.sides] == [None, None]


def test_the_window_is_half_open_in_time(app: App) -> None:
    store(
        app,
        one(900, "Acme then", published_at=NOW - 28 * DAY - timedelta(microseconds=1)),
        one(901, "Acme first", published_at=NOW - 28 * DAY),
        one(902, "Acme after", published_at=NOW),
    )
    work(app)
    assert sides(app)[0].persons == 31


def test_a_competitor_that_is_a_brand_is_heard_as_the_brand(make_app: MakeApp) -> None:
    two = BRANDS.replace(
        'competitors = [{ name = "Globex", query = "globex -corp", own_accounts = ["x:2000"] }]',
        'competitors = ["globex"]\n[[brands]]\nname = "Globex"\nquery = "globex"\n',
    )
    app = filled(make_app(basic=two).app)
    assert [(side.name, side.persons) for side in voices(app).sides] == [
        ("Acme", 30),
        ("Globex", 30),
    ]


def test_without_a_competitor_there_is_one_side_and_no_share(make_app: MakeApp) -> None:
    app = with_words(make_app(basic='[[brands]]\nname = "Acme"\nquery = "acme"').app)
    store(app, *crowd("Acme", 40))
    work(app)
    found = voices(app)
    assert [(side.name, side.persons, side.share) for side in found.sides] == [("Acme", 40, None)]


def test_a_networks_own_count_is_beside_and_of_the_days_that_all_have(app: App) -> None:
    days = [day(f"2026-11-{number}") for number in range(12, 21)]
    with app.database.begin() as session:
        acme = dict.fromkeys(days, 100)
        network_counts.save(session, "x", "Acme", acme, now=NOW)
        network_counts.save(session, "x", "Acme", {days[-1]: 40}, now=NOW)
        network_counts.save(session, "x", "Globex", dict.fromkeys(days[3:], 7), now=NOW)
        network_counts.save(session, "reddit", "Globex", {days[-1]: 7}, now=NOW)

    found = voices(app)

    assert [(one.source, one.name, one.posts) for one in found.counts] == [
        ("x", "Acme", 540),
        ("x", "Globex", 42),
    ]
    assert (found.counts[0].since, found.counts[0].until) == (days[3], day("2026-11-21"))
    assert [side.share for side in found.sides] == [0.5, 0.5]
