from collections.abc import Mapping
from typing import Any

import pytest

from listener.hearing import is_called
from listener.query import parse
from listener.source import Watch
from listener.sources import SOURCES

ACME, GLOBEX = Watch("Acme", parse("acme")), Watch("Globex", parse("globex"))
TAGGED = Watch("Acme", parse("acme OR #acme"))


@pytest.mark.parametrize(
    ("source", "table", "said"),
    [
        *(
            pytest.param(name, {}, "", id=name)
            for name in ("x", "bluesky", "hackernews", "stackexchange", "github", "threads")
        ),
        pytest.param("reddit", {}, "", id="reddit"),
        pytest.param("reddit", {"subreddits": ["tea", "kettles"]}, "", id="anybody's subreddits"),
        pytest.param(
            "reddit",
            {"subreddits": ["all", "AcmeHelp"]},
            "no subreddit there is called after Globex",
            id="own subreddit",
        ),
        pytest.param("reddit", {"subreddits": ["acme", "globex"]}, "", id="a subreddit of each"),
        pytest.param("youtube", {}, "", id="youtube"),
        pytest.param("youtube", {"videos": ["dQw4w9WgXcQ"]}, "", id="anybody's video"),
        pytest.param(
            "youtube",
            {"brand": "Acme", "videos": ["dQw4w9WgXcQ"]},
            "channels and videos of Acme are among it",
            id="own videos",
        ),
        pytest.param("rss", {"feeds": ["https://news.example/feed"]}, "", id="a feed of news"),
        pytest.param(
            "rss",
            {"feeds": ["https://news.example/feed?q=acme"]},
            "no feed there is called after Globex",
            id="a feed of one brand's news",
        ),
        pytest.param(
            "discourse",
            {"servers": ["https://forum.example"]},
            "no forum there is called after Acme or Globex",
            id="forum",
        ),
        pytest.param(
            "discourse",
            {"servers": ["https://acme.example", "https://forum.globex.example"]},
            "",
            id="a forum of each",
        ),
        pytest.param("trustpilot", {"brand": "acme"}, "all there is about acme", id="trustpilot"),
        *(
            pytest.param(name, {"brand": "Acme"}, "all there is about Acme", id=name)
            for name in ("facebook", "instagram", "linkedin")
        ),
        *(
            pytest.param(name, {"apps": {"org.acme": "Acme"}}, "no app there is of Globex", id=name)
            for name in ("googleplay",)
        ),
        pytest.param(
            "googleplay",
            {"apps": {"org.acme": "Acme", "org.globex": "globex"}},
            "",
            id="an app of each",
        ),
        pytest.param(
            "appstore",
            {"apps": {"123456789": "Acme"}},
            "no app there is of Globex",
            id="appstore",
        ),
        pytest.param(
            "email",
            {},
            "what is written to your own mailboxes is written to nobody else's",
            id="email",
        ),
        pytest.param(
            "mastodon",
            {"hashtags": ["acme"]},
            "only hashtags are read without access_token, and none is of Globex",
            id="a hashtag of one",
        ),
        pytest.param("mastodon", {"hashtags": ["tea"]}, "", id="anybody's hashtag"),
        pytest.param("mastodon", {"hashtags": ["acme", "globex"]}, "", id="a hashtag of each"),
    ],
)
def test_a_source_hears_all_alike_or_says_why_not(
    source: str, table: Mapping[str, Any], said: str
) -> None:
    kind = SOURCES[source]
    assert kind.unheard(kind.settings.model_validate(table), [ACME, GLOBEX]) == said


def test_a_hashtag_in_the_query_of_one_alone_makes_it_heard_better() -> None:
    kind = SOURCES["mastodon"]
    assert kind.unheard(kind.settings(), [TAGGED, GLOBEX]).endswith("none is of Globex")
    assert kind.unheard(kind.settings(), [TAGGED, Watch("Globex", parse("#globex"))]) == ""


def test_who_cannot_be_asked_for_is_not_compared() -> None:
    kind, coffee = SOURCES["reddit"], Watch("Coffee", parse("☕"))
    assert kind.unheard(kind.settings(), [ACME, coffee]).startswith(
        "it cannot be asked for Coffee: "
    )


@pytest.mark.parametrize(
    ("place", "name", "expected"),
    [
        pytest.param("acme_help", "Acme", True, id="begins with it"),
        pytest.param("pacmen", "Acme", False, id="within a word"),
        pytest.param("https://blog.bluekettle.example/feed", "Blue Kettle", True, id="two words"),
        pytest.param("gossip", "Go", False, id="short"),
        pytest.param("https://go.example", "Go", True, id="short and whole"),
    ],
)
def test_a_place_is_called_after_a_brand(place: str, name: str, *, expected: bool) -> None:
    assert is_called(place, name) is expected
