from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.address import Origin
from domain.network import NETWORKS, PUBLIC, SPELLINGS, Networks, name_of

OWN = Networks(
    {
        "discourse": frozenset({Origin("https", "forum.example.org", 443)}),
        "github": frozenset({Origin("http", "git.acme.internal", 8080)}),
    }
)
NAMES = pytest.mark.parametrize("name", NETWORKS)


@NAMES
def test_a_title_is_written_as_people_write_it(name: str) -> None:
    title = PUBLIC.title_of(name)
    assert title == NETWORKS[name].title
    assert title.strip() == title != ""
    assert title[0].isupper()


@NAMES
def test_a_host_is_written_as_browsers_compare_it(name: str) -> None:
    known = NETWORKS[name]
    for host in (*known.hosts, *known.people_at):
        assert host == host.lower().strip(".")
        assert host.removeprefix("*.").replace(".", "").replace("-", "").isalnum()
        assert host.removeprefix("*.").count(".") >= 1


def test_no_spelling_means_two_networks() -> None:
    assert len(SPELLINGS) == sum(1 + len(known.spellings) for known in NETWORKS.values())
    assert all(name_of(spelling) == name for spelling, name in SPELLINGS.items())


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        pytest.param("Twitter", "x", id="old name"),
        pytest.param("X ", "x", id="capital and blank"),
        pytest.param("Hacker News", "hackernews", id="two words"),
        pytest.param("app-store", "appstore", id="hyphen"),
        pytest.param("google_play", "googleplay", id="underscore"),
        pytest.param("Some Forum ", "some forum", id="unknown"),
    ],
)
def test_a_network_is_known_by_any_of_its_spellings(spelling: str, name: str) -> None:
    assert name_of(spelling) == name


@pytest.mark.parametrize(
    ("source", "title"),
    [
        pytest.param("twitter", "X", id="a spelling"),
        pytest.param("some forum", "some forum", id="unknown"),
        pytest.param(" a\n\tb\u202ec\x00 ", "a b c", id="cleaned"),
        pytest.param(" \x1b ", "unknown", id="nothing left"),
        pytest.param("", "unknown", id="empty"),
    ],
)
def test_every_source_has_a_title(source: str, title: str) -> None:
    assert PUBLIC.title_of(source) == title


@NAMES
def test_a_post_opens_on_each_of_its_networks_hosts_and_on_no_others(name: str) -> None:
    for pattern in NETWORKS[name].hosts:
        host, domain = pattern.replace("*", "de"), pattern.removeprefix("*.")
        url = f"https://{host}/a/1?b=c#d"
        assert PUBLIC.opens(name, url) == url
        for other in (
            f"https://{host}.evil.example/a",
            f"https://evil-{domain}/a",
            f"https://a.evil.{domain}/a",
            f"https://evil.example/{host}",
            f"https://{host}@evil.example/",
            f"https://{host}:8443/a",
            f"https://{host}./a",
            f"http://{host}/a",
        ):
            assert PUBLIC.opens(name, other) is None


@pytest.mark.parametrize(
    ("source", "url"),
    [
        pytest.param("trustpilot", "https://de.trustpilot.com/reviews/1", id="country page"),
        pytest.param("trustpilot", "https://fr-be.trustpilot.com/reviews/1", id="of a language"),
        pytest.param("stackexchange", "https://diy.stackexchange.com/a/1", id="a site"),
        pytest.param("stackexchange", "https://es.stackoverflow.com/q/1", id="in Spanish"),
        pytest.param("twitter", "https://twitter.com/ana/status/1", id="import by an old name"),
    ],
)
def test_a_familys_hosts_open(source: str, url: str) -> None:
    assert PUBLIC.opens(source, url) == url


@pytest.mark.parametrize(
    ("source", "url"),
    [
        pytest.param("trustpilot", "https://evil-trustpilot.com/reviews/1", id="begins otherwise"),
        pytest.param("trustpilot", "https://trustpilot.com.evil.example/", id="goes on"),
        pytest.param("trustpilot", "https://a.b.trustpilot.com/", id="two labels below"),
        pytest.param("trustpilot", "https://.trustpilot.com/", id="no label below"),
        pytest.param("trustpilot", "https://*.trustpilot.com/", id="the pattern itself"),
        pytest.param("x", "https://evil.x.com/", id="below a host"),
        pytest.param("x", "https://\u0445.com/a", id="Cyrillic look-alike"),
        pytest.param("x", "https://xn--x-8tb.com/a", id="punycode"),
        pytest.param("x", "https://www.reddit.com/r/acme", id="another network's host"),
        pytest.param("mastodon", "https://other.example/@ana/1", id="a server nobody named"),
        pytest.param("rss", "https://news.example/1", id="a site whose feed nobody named"),
        pytest.param("email", "https://mail.example/1", id="mail has no address"),
        pytest.param("some forum", "https://forum.example.org/t/1", id="an unknown network"),
        pytest.param("", "https://x.com/a", id="no network"),
    ],
)
def test_anybody_elses_host_stays_closed(source: str, url: str) -> None:
    assert PUBLIC.opens(source, url) is None


@pytest.mark.parametrize(
    ("source", "url", "opens"),
    [
        pytest.param("discourse", "https://forum.example.org/t/5/3", True, id="own forum"),
        pytest.param("discourse", "http://forum.example.org/t/5/3", False, id="not as configured"),
        pytest.param("discourse", "https://sub.forum.example.org/t/5", False, id="below it"),
        pytest.param("mastodon", "https://forum.example.org/@a", False, id="another network's"),
        pytest.param("github", "http://git.acme.internal:8080/a/b/issues/1", True, id="http, port"),
        pytest.param("github", "http://git.acme.internal/a/b/issues/1", False, id="another port"),
        pytest.param("github", "https://github.com/a/b/issues/1", True, id="and the public one"),
    ],
)
def test_ones_own_server_opens_for_its_own_network(source: str, url: str, *, opens: bool) -> None:
    assert OWN.opens(source, url) == (url if opens else None)


@given(st.text(), st.text())
def test_nothing_that_opens_leads_to_a_host_that_nobody_named(source: str, path: str) -> None:
    for name in (source, *NETWORKS):
        for url in (path, f"https://{path}", f"https://x.com{path}"):
            safe = PUBLIC.opens(name, url)
            if safe is not None:
                host = urlsplit(safe).hostname or ""
                known = NETWORKS[name_of(name)].hosts
                assert host in known or f"*.{host.split('.', 1)[1]}" in known
