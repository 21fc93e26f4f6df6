"""Every source has its network's facts, and the servers that config.toml names may be opened."""

from pathlib import Path

import pytest

from alerts.console import render_console
from domain.network import NETWORKS, PUBLIC, Networks
from earshot.alerting import delivery
from earshot.config.load import load
from earshot.reporting import digest_messages
from earshot.reporting.digest_facts import digest_of
from listener.contracts import contracts
from listener.sources import SOURCES
from tests.conftest import Made, MakeApp
from tests.earshot.world import DAY, NOW, live, mention, with_words

BRAND = '[[brands]]\nname = "Acme"\nquery = "acme"\n'
TABLES = """
[sources.discourse]
servers = ["https://forum.example.org", "http://old-forum.example.org:3000/board"]

[sources.mastodon]
servers = ["one.example", "https://two.example"]

[sources.stackexchange]
base_url = "https://acme.stackenterprise.example/api/2.3"

[sources.github]
base_url = "https://git.acme.example/api/v3"

[sources.x]
base_url = "https://gateway.acme.example"

[sources.rss]
feeds = [
    "https://blog.example.org/feed.xml", "http://news.example/feed", "https://feeds.paper.example/a",
    "https://www.paper2.example/rss", "https://feeds.co.uk/a", "https://feeds.feedburner.com/acme",
    "https://news.google.com/rss/search?q=acme", "http://127.0.0.1:8000/feed",
]
base_url = "https://fetcher.acme.example"
"""
# As the tests of each source expect or record it; None: its posts have no public address.
POSTS = {
    "x": "https://x.com/i/status/1991450000000000005",
    "reddit": "https://www.reddit.com/r/tea/comments/1plya7/some_words/",
    "bluesky": "https://bsky.app/profile/did:plc:anaaaaaaaaaaaaaaaaaaaaaa/post/p1",
    "mastodon": "https://one.example/@ana/115582000000000006",
    "hackernews": "https://news.ycombinator.com/item?id=1",
    "rss": "http://news.example/1",
    "youtube": "https://www.youtube.com/watch?v=testAcme-01&lc=UgzA",
    "stackexchange": "https://stackoverflow.com/q/1",
    "github": "https://github.com/tea/pot/discussions/1#discussioncomment-2",
    "discourse": "https://forum.example.org/t/5/3",
    "trustpilot": "https://www.trustpilot.com/reviews/r0",
    "appstore": "https://apps.apple.com/app/id1234567890?see-all=reviews",
    "googleplay": "https://play.google.com/store/apps/details?id=com.example.app&reviewId=r0",
    "facebook": "https://www.facebook.com/9/posts/1",
    "instagram": "https://www.instagram.com/p/x/",
    "threads": "https://www.threads.net/@ana_t/post/1",
    "linkedin": "https://www.linkedin.com/feed/update/urn:li:share:1/",
    "email": None,
}


@pytest.fixture
def networks(tmp_path: Path) -> Networks:
    path = tmp_path / "config.toml"
    path.write_text(BRAND + TABLES, encoding="utf-8")
    return load(path).networks


def test_no_source_is_without_its_facts() -> None:
    assert set(SOURCES) == set(contracts()) == set(POSTS)
    assert [name for name in SOURCES if name not in NETWORKS] == []


@pytest.mark.parametrize("name", SOURCES)
def test_a_post_of_every_source_opens_on_its_own_network_alone(
    networks: Networks, name: str
) -> None:
    post = POSTS[name]
    if post is not None:
        assert networks.opens(name, post) == post
    for other in {*SOURCES} - {name}:
        assert networks.opens(other, post or "https://mail.example.org/1") is None


@pytest.mark.parametrize(
    ("name", "url"),
    [
        pytest.param("discourse", "http://old-forum.example.org:3000/board/t/1/2", id="http, port"),
        pytest.param("mastodon", "https://two.example/@ana/1", id="the second server"),
        pytest.param("mastodon", "https://mastodon.social/@ana/1", id="the public server"),
        pytest.param("stackexchange", "https://acme.stackenterprise.example/questions/1", id="own"),
        pytest.param("github", "https://git.acme.example/a/b/issues/1", id="own GitHub"),
        pytest.param("rss", "https://blog.example.org/2026/kettle", id="the feed's host"),
        pytest.param("rss", "https://news.example/1", id="http feed, https entry"),
        pytest.param("rss", "https://www.news.example/1", id="with www"),
        pytest.param("rss", "https://paper2.example/1", id="without www"),
        pytest.param("rss", "https://www.paper.example/1", id="the site of a host for feeds"),
        pytest.param("rss", "http://127.0.0.1:8000/1", id="on this machine"),
    ],
)
def test_what_the_configuration_names_opens(networks: Networks, name: str, url: str) -> None:
    assert networks.opens(name, url) == url
    assert PUBLIC.opens(name, url) is None or "mastodon.social" in url


@pytest.mark.parametrize(
    ("name", "url"),
    [
        pytest.param("discourse", "https://old-forum.example.org/board/t/1/2", id="another port"),
        pytest.param("discourse", "http://forum.example.org/t/1/2", id="http of an https server"),
        pytest.param("mastodon", "https://three.example/@ana/1", id="a server of others"),
        pytest.param("mastodon", "https://one.example.evil.example/@ana/1", id="goes on"),
        pytest.param("mastodon", "https://evil-one.example/@ana/1", id="begins otherwise"),
        pytest.param("x", "https://gateway.acme.example/ana/status/1", id="a gateway is no site"),
        pytest.param("rss", "https://fetcher.acme.example/1", id="what fetches is no site"),
        pytest.param("rss", "https://shop.example.org/1", id="the site beside the feed's host"),
        pytest.param("rss", "https://example.org/1", id="above a host that is read itself"),
        pytest.param("rss", "https://co.uk/1", id="above everybody"),
        pytest.param("rss", "https://www.co.uk/1", id="somebody else's"),
        pytest.param("rss", "https://www.google.com/url?url=https://evil.example", id="forwards"),
        pytest.param("rss", "https://news.google.com/rss/articles/x", id="of other people"),
        pytest.param("rss", "https://feeds.feedburner.com/~r/acme/1", id="leads on"),
        pytest.param("rss", "http://www.paper2.example/1", id="http of an https feed"),
        pytest.param("forum", "https://forum.example.org/t/1", id="an import by another name"),
    ],
)
def test_what_it_does_not_name_stays_closed(networks: Networks, name: str, url: str) -> None:
    assert networks.opens(name, url) is None


def test_ghe_com_keeps_its_api_apart(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    table = '[sources.github]\nbase_url = "https://api.acme.ghe.com"\n'
    path.write_text(BRAND + table, encoding="utf-8")
    url = "https://acme.ghe.com/a/b/issues/1"
    assert load(path).networks.opens("github", url) == url


# --- what people see ---------------------------------------------------------------------------

OWN = "https://forum.example.org/t/5/3"
DEAD = "https[:]//forum[.]example[.]org/t/5/3"


@pytest.fixture
def made(make_app: MakeApp) -> Made:
    made = make_app('[sources.discourse]\nservers = ["https://forum.example.org"]')
    with_words(made.app)
    return made


def told(made: Made, source: str) -> str:
    """What the channel is told of a complaint and of another one by the same person."""
    asked = {"source": source, "url": OWN, "conversation_id": "1"}
    for number, text in (("1", "Acme is awful"), ("2", "Two weeks later awful Acme is silent")):
        live(made.app, mention(number, text, **asked))
        delivery.notify(made.app, clock=lambda: NOW, wait=lambda _: None)
    return made.printed.getvalue()


def digest(made: Made) -> str:
    """What the channel is told the next morning."""
    config = made.app.config
    day = (NOW + DAY).date()
    with made.app.database.read() as session:
        drawn = digest_of(session, config.brands[0], day, config, now=NOW + DAY)
    return render_console(digest_messages.message(drawn, config))


def test_a_post_on_ones_own_server_can_be_opened_from_every_message(made: Made) -> None:
    alerts = told(made, "discourse")
    assert "a post about Acme on Discourse" in alerts
    assert alerts.count(OWN) == 3, "the first message, the one in its thread, the first anew"
    assert "Address" not in alerts
    assert OWN in digest(made)
    assert "on Discourse" in digest(made)


def test_the_same_address_is_text_where_an_import_claims_it(made: Made) -> None:
    alerts = told(made, "some forum")
    assert "a post about Acme on some forum" in alerts
    assert alerts.count(DEAD) == 3
    assert DEAD in digest(made)
    assert OWN not in alerts + digest(made)
