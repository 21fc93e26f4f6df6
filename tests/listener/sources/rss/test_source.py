import json
import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest

from domain.errors import RemoteError
from domain.mention import Author, Mention
from listener.source import EVERYTHING, Page, Watch
from listener.sources import SOURCES
from listener.sources.rss.settings import RssSettings
from listener.sources.rss.source import RssSource
from net import fetch
from tests.net.replay import Answer, Replay

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NINE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
WATCH = Watch("", EVERYTHING)
FEED = "/feed.xml"
DATE = "<pubDate>Fri, 20 Nov 2026 10:00:00 +0100</pubDate>"


def rss(*items: str, head: str = "<language>en-us</language>") -> bytes:
    body = "".join(f"<item>{item}</item>" for item in items)
    start = '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>News</title>'
    return f"{start}{head}{body}</channel></rss>".encode()


def item(number: int) -> str:
    at = f"Fri, 20 Nov 2026 09:{number:02}:00 GMT"
    return f"<title>Acme {number}</title><guid>urn:{number}</guid><pubDate>{at}</pubDate>"


def atom(*entries: str) -> bytes:
    body = "".join(f"<entry>{entry}</entry>" for entry in entries)
    head = '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de-DE"><title>News</title>'
    return f'<?xml version="1.0"?>{head}{body}</feed>'.encode()


def feed(body: bytes, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(body, headers={"content-type": "application/xml", **named})


def source_of(replay: Replay, *paths: str, **more: object) -> RssSource:
    feeds = [f"{replay.url}{path}" for path in paths or (FEED,)]
    return RssSource(RssSettings.model_validate({"feeds": feeds, "allow_private": True, **more}))


@pytest.fixture
def source(replay: Replay) -> RssSource:
    return source_of(replay)


def collect(
    source: RssSource,
    cursor: Mapping[str, Any] | None = None,
    *,
    since: datetime | None = None,
    now: datetime = NOW,
) -> list[Page]:
    return list(source.collect(WATCH, cursor, since=since, now=now))


def mention(source: RssSource, replay: Replay, body: bytes) -> Mention:
    replay.plan(feed(body))
    (page,) = collect(source)
    (found,) = page.mentions
    return found


def ids(pages: list[Page]) -> list[str]:
    return [mention.external_id for page in pages for mention in page.mentions]


def test_reads_an_rss_item_as_a_reader_sees_it(source: RssSource, replay: Replay) -> None:
    body = rss(
        "<title>Acme &amp;amp; kettles</title><link>https://news.example/1</link>"
        "<guid>https://news.example/?p=1</guid><author>ana@news.example (Ana Ruiz)</author>"
        f"<description>&lt;p&gt;They &lt;b&gt;leak&lt;/b&gt;.&lt;/p&gt;Still.</description>{DATE}"
    )
    assert mention(source, replay, body) == Mention(
        source="rss",
        external_id="https://news.example/?p=1",
        text="Acme & kettles\n\nThey leak.\n\nStill.",
        published_at=NINE,
        url="https://news.example/1",
        lang="en",
        conversation_id="https://news.example/?p=1",
        author=Author(id="127.0.0.1/Ana Ruiz", handle="Ana Ruiz", name="Ana Ruiz"),
        former_ids=("https://news.example/?p=1",),
    )


def test_reads_an_atom_entry_with_its_change(source: RssSource, replay: Replay) -> None:
    body = atom(
        "<title>a &lt;b&gt; acme</title><id>tag:news.example,2026:1</id>"
        '<link href="/1"/><author><name>Ana</name><email>ana@news.example</email></author>'
        "<published>2026-11-20T10:00:00+01:00</published><updated>2026-11-20T09:30:00Z</updated>"
        '<summary>short</summary><content type="html">&lt;p&gt;the whole text&lt;/p&gt;</content>'
    )
    found = mention(source, replay, body)
    assert found.text == "a <b> acme\n\nthe whole text"
    assert (found.published_at, found.edited_at) == (NINE, NINE.replace(minute=30))
    assert found.url == f"{replay.url}/1"
    assert found.lang == "de"
    assert found.author is not None
    assert found.author.handle == "Ana"


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        pytest.param("<title>a</title>", ("published_at", NOW), id="no date: when first seen"),
        pytest.param(
            "<title>a</title><pubDate>soon</pubDate>", ("published_at", NOW), id="odd date"
        ),
        pytest.param(
            "<title>a</title><pubDate>Fri, 20 Nov 2099 10:00:00 GMT</pubDate>",
            ("published_at", NOW),
            id="a date far ahead",
        ),
        pytest.param(
            "<title>a</title><link>javascript:alert(1)</link>", ("url", ""), id="script as link"
        ),
        pytest.param("<title>a</title><link>file:///etc</link>", ("url", ""), id="file as link"),
        pytest.param(
            "<title>a &lt;img src=x onerror=alert(1)&gt;&lt;/b&gt; b</title>",
            ("text", "a b"),
            id="markup in the title",
        ),
        pytest.param("<description>only a text</description>", ("text", "only a text"), id="text"),
        pytest.param(
            "<title>a</title><description>a</description>", ("text", "a"), id="the same twice"
        ),
        pytest.param(
            "<title>a</title><guid isPermaLink='false'>12</guid>",
            ("former_ids", ("127.0.0.1:12",)),
            id="a number as id",
        ),
        pytest.param(
            "<title>a</title><link>https://n.example/1</link>",
            ("external_id", "https://n.example/1"),
            id="the link as id",
        ),
        pytest.param(
            "<title>a</title><author>ana@news.example</author>", ("author", None), id="only e-mail"
        ),
    ],
)
def test_odd_entries_cost_nothing(
    source: RssSource, replay: Replay, entry: str, expected: tuple[str, object]
) -> None:
    assert getattr(mention(source, replay, rss(entry)), expected[0]) == expected[1]


def test_an_entry_without_id_and_link_is_the_same_each_time(
    source: RssSource, replay: Replay
) -> None:
    replay.plan(feed(rss("<title>a</title>", "<title>b</title>", f"<title>a</title>{DATE}")))
    first = ids(collect(source))
    assert ids(collect(source)) == first
    assert len(set(first)) == 3
    assert all(len(one) <= 200 for one in first)


def test_a_very_long_id_is_kept_as_its_hash(source: RssSource, replay: Replay) -> None:
    long = f"<title>a</title><guid>https://n.example/{'x' * 5000}</guid>"
    found = mention(source, replay, rss(long))
    assert found.external_id.startswith("sha256:")
    assert len(found.external_id) < 100


def test_the_same_article_in_two_feeds_is_one(replay: Replay) -> None:
    replay.plan(feed(rss(item(1), item(2))), feed(rss(item(2), item(3))))
    found = ids(collect(source_of(replay, "/a.xml", "/b.xml")))
    assert found == ["urn:1", "urn:2", "urn:2", "urn:3"], "the store knows it by its id"


def test_an_empty_entry_is_told_and_the_rest_kept(source: RssSource, replay: Replay) -> None:
    replay.plan(feed(rss(item(2), "<link>https://n.example/</link>", item(1))))
    (page,) = collect(source)
    assert (ids([page]), page.fetched) == (["urn:2", "urn:1"], 3)
    where = replay.url.removeprefix("http://")
    assert page.broken == (f"rss {where}{FEED}, entry 2: it has neither title nor text",)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(rss(item(1), item(2))[:-40], id="cut off"),
        pytest.param(rss(item(1), "<title>T & C</title>"), id="an & that is not escaped"),
        pytest.param(rss(item(1)).replace(b"utf-8", b"ascii") + b"\xff", id="wrong encoding"),
        pytest.param(
            rss(item(1)).decode().replace("utf-8", "utf-16").encode("utf-16"), id="UTF-16"
        ),
    ],
)
def test_a_broken_feed_is_read_as_far_as_it_goes(
    source: RssSource, replay: Replay, body: bytes
) -> None:
    replay.plan(feed(body))
    assert ids(collect(source))[0] == "urn:1"


def test_an_empty_feed_is_no_trouble(source: RssSource, replay: Replay) -> None:
    replay.plan(feed(rss()))
    (page,) = collect(source)
    assert (page.mentions, page.fetched, page.broken, page.gap) == ((), 0, (), None)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<!doctype html><html><body>Not found</body></html>", id="HTML"),
        pytest.param(b"", id="nothing"),
        pytest.param(b'{"a": 1}', id="JSON"),
        pytest.param(b"\0\xff" * 99, id="bytes"),
    ],
)
def test_what_is_no_feed_is_one_sentence(source: RssSource, replay: Replay, body: bytes) -> None:
    replay.plan(feed(body))
    with pytest.raises(RemoteError, match=r"/feed\.xml answers with something that is no feed$"):
        collect(source)


def test_entities_of_a_feed_open_no_file_and_do_not_explode(
    source: RssSource, replay: Replay, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("canary7f3a")
    bomb = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    kinds = f'<!ENTITY file SYSTEM "{secret.as_uri()}"><!ENTITY a "aaaaaaaaaa">{bomb}'
    body = rss("<title>x &file; &j;</title>").decode()
    replay.plan(feed(body.replace("<rss", f"<!DOCTYPE rss [{kinds}]><rss").encode()))
    (page,) = collect(source)
    assert all(len(one.text) < 1000 for one in page.mentions)
    assert "canary7f3a" not in repr(page)


# -- which entry is which


def test_an_id_that_entries_share_is_none(source: RssSource, replay: Replay) -> None:
    shared = "<guid isPermaLink='false'>https://n.example/</guid>"
    entries = [f"<title>a {n}</title><link>https://n.example/{n}</link>{shared}" for n in "12"]
    replay.plan(feed(rss(*entries, f"<title>b</title>{shared}", f"<title>c</title>{shared}")))
    found = ids(collect(source))
    assert found[:2] == ["https://n.example/1", "https://n.example/2"]
    assert len(set(found)) == 4


@pytest.mark.parametrize("own", ["7", "post:7", "uuid:0f-7"])
def test_an_id_is_one_within_its_feed(replay: Replay, own: str) -> None:
    entry = f"<title>a</title><guid isPermaLink='false'>{own}</guid>"
    replay.plan(feed(rss(entry)), feed(rss(entry)), feed(rss(entry)))
    feeds = source_of(replay, "/one/feed.xml", "/two/feed.xml", "/two/feed.xml?site=b")
    assert len(set(ids(collect(feeds)))) == 3


@pytest.mark.parametrize(
    ("address", "read"),
    [
        pytest.param(
            "https://www.google.com/url?rct=j&url=https://n.example/1%3Fa%3D2&ct=ga",
            "https://n.example/1?a=2",
            id="Google",
        ),
        pytest.param(
            "http://google.co.uk/url?q=https://n.example/1", "https://n.example/1", id="another"
        ),
        pytest.param(
            "http://www.bing.com/news/apiclick.aspx?ref=x&url=https%3a%2f%2fn.example%2f1&c=2",
            "https://n.example/1",
            id="Bing",
        ),
        pytest.param(
            "https://www.google.com/url?url=javascript:alert(1)",
            "https://www.google.com/url?url=javascript:alert(1)",
            id="to no page",
        ),
        pytest.param(
            "https://notgoogle.com/url?url=https://n.example/1",
            "https://notgoogle.com/url?url=https://n.example/1",
            id="of somebody else",
        ),
    ],
)
def test_a_link_that_leads_on_is_where_it_leads(
    source: RssSource, replay: Replay, address: str, read: str
) -> None:
    found = mention(source, replay, rss(f"<title>a</title><link>{escape(address)}</link>"))
    assert found.url == read


@pytest.mark.parametrize(
    ("title", "body", "text"),
    [
        pytest.param("Acme wins", "Acme wins", "Acme wins", id="the same"),
        pytest.param("Acme wins - The Pot", "Acme wins The Pot", "Acme wins - The Pot", id="site"),
        pytest.param("Acme wins | The Pot", "Acme  wins", "Acme wins | The Pot", id="without site"),
        pytest.param("Acme wins", "ACME wins. By far.", "ACME wins. By far.", id="it goes on"),
        pytest.param("Acme wins a…", "Acme wins a cup", "Acme wins a cup", id="cut short"),
        pytest.param(
            "Acme wins - The Pot", "Acme wins: by far", "Acme wins - The Pot\n\nby far", id="both"
        ),
        pytest.param("Acme", "A cup for Acme", "Acme\n\nA cup for Acme", id="elsewhere in it"),
    ],
)
def test_a_headline_stands_once(
    source: RssSource, replay: Replay, title: str, body: str, text: str
) -> None:
    entry = f"<title>{escape(title)}</title><description>{escape(body)}</description>"
    assert mention(source, replay, rss(entry)).text == text


@pytest.mark.parametrize(
    "markup", ["<item><title>a</title></item>", "<b>x</b>", "&amp; ", '<x a="1"/>']
)
def test_what_a_feed_may_cost_is_bounded(source: RssSource, replay: Replay, markup: str) -> None:
    body = rss(item(1)).decode().replace("</channel>", markup * 450_000 + "</channel>").encode()
    replay.plan(feed(body))
    began = time.process_time()
    (page,) = collect(source)
    assert time.process_time() - began < 10
    assert ids([page])[0] == "urn:1"
    assert "is too long, only its first" in page.broken[-1]


# -- from pass to pass


def test_a_correction_counts_from_when_the_feed_was_seen_to_say_it(
    source: RssSource, replay: Replay
) -> None:
    said, now_said = (
        f"<title>{title}</title><guid>urn:1</guid>{DATE}"
        for title in ("Acme burns", "Acme is well")
    )
    later = NOW + timedelta(minutes=15)
    replay.plan(feed(rss(said)), feed(rss(now_said)), feed(rss(now_said)))
    (first,) = collect(source)
    (second,) = collect(source, json.loads(json.dumps(first.cursor)), now=later)
    (third,) = collect(source, second.cursor, now=later + timedelta(minutes=15))
    assert [page.mentions[0].edited_at for page in (first, second, third)] == [None, later, later]


def test_entries_without_a_date_are_of_any_age_in_a_first_pass(
    source: RssSource, replay: Replay
) -> None:
    replay.plan(feed(rss("<title>a</title><guid>urn:a</guid>", item(1))))
    (first,) = collect(source)
    assert first.ageless == {"urn:a"}
    (second,) = collect(source, first.cursor)
    assert second.ageless == frozenset()
    formerly = {"asks": {f"{replay.url}{FEED}": {"newest_at": "2026-11-20T09:00:00Z"}}}
    (other,) = collect(source, formerly)
    assert other.ageless == {"urn:a"}, "a state of an earlier release"
    assert other.backlog


def test_a_feed_that_has_not_changed_is_not_sent_again(source: RssSource, replay: Replay) -> None:
    date = "Fri, 20 Nov 2026 09:00:00 GMT"
    replay.plan(feed(rss(item(1)), etag='W/"1"', last_modified=date), Answer(b"", 304))
    cursor = json.loads(json.dumps(collect(source)[-1].cursor))
    (page,) = collect(source, cursor)
    headers = replay.asked[1].headers
    assert (headers["if-none-match"], headers["if-modified-since"]) == ('W/"1"', date)
    assert (page.mentions, page.cursor) == ((), cursor)
    collect(source, cursor, since=NINE)
    assert "if-none-match" not in replay.asked[2].headers, "a backfill wants all of it"


def test_all_entries_come_each_time_so_late_and_edited_ones_are_seen(
    source: RssSource, replay: Replay
) -> None:
    replay.plan(feed(rss(item(20), item(10))), feed(rss(item(30), item(20), item(5), item(10))))
    (first,) = collect(source)
    assert first.backlog
    (page,) = collect(source, first.cursor)
    assert ids([page]) == ["urn:30", "urn:20", "urn:5", "urn:10"]
    assert (page.gap, page.backlog) == (None, False)


def test_an_entry_dated_ahead_is_no_gap_until_then(source: RssSource, replay: Replay) -> None:
    ahead = "<title>Acme</title><pubDate>Fri, 20 Nov 2099 10:00:00 GMT</pubDate>"
    replay.plan(feed(rss(ahead)))
    (first,) = collect(source)
    (page,) = collect(source, first.cursor, now=NOW + timedelta(minutes=15))
    assert page.gap is None


def test_a_feed_of_which_all_is_new_is_a_gap(source: RssSource, replay: Replay) -> None:
    replay.plan(feed(rss(item(10))), feed(rss(item(40), item(30))))
    (first,) = collect(source)
    (page,) = collect(source, first.cursor)
    assert page.gap is not None
    assert (page.gap.since, page.gap.until) == (NINE.replace(minute=10), NINE.replace(minute=30))
    assert "lists 2 entries only" in page.gap.reason


def test_one_feed_that_fails_does_not_stop_the_others(replay: Replay) -> None:
    replay.by_query = lambda asked: (
        Answer(b"", 503) if asked.path == "/a.xml" else feed(rss(item(1)), etag='"1"')
    )
    replay.plan()
    *pages, told = collect(source_of(replay, "/a.xml", "/b.xml"))
    assert ids(pages) == ["urn:1"]
    (sentence,) = told.broken
    assert sentence.endswith("/a.xml answers 503")
    assert told.cursor == pages[-1].cursor, "what was read stays known"


@pytest.mark.parametrize(
    ("reference", "read"),
    [
        ("&#xD83D;", "\ufffd"),
        ("&#55357;&#56832;", "\ufffd\ufffd"),
        ("&#1114112;", "\ufffd"),
        (f"&#{'9' * 30};", "\ufffd"),
        (f"&#x{'f' * 5_000};", "\ufffd"),
        ("&#x1F600;", "😀"),
        ("&#0233;", "é"),
    ],
)
def test_a_reference_to_no_character_costs_no_feed(
    source: RssSource, replay: Replay, reference: str, read: str
) -> None:
    found = mention(source, replay, rss(f"<title>Acme {reference}</title><guid>urn:1</guid>"))
    assert found.text == f"Acme {read}"


@pytest.mark.parametrize("markup", ["<!--", "<style>", '<a href="', "<div>", "&"])
def test_no_markup_takes_longer_than_its_length(
    source: RssSource, replay: Replay, markup: str
) -> None:
    hostile = escape(markup, {'"': "&quot;"}) * 40_000
    began = time.process_time()
    found = mention(source, replay, rss(f"{item(1)}<description>{hostile}</description>"))
    assert found.text.startswith("Acme 1")
    assert time.process_time() - began < 5


def test_a_tag_of_too_many_attributes_is_not_read(source: RssSource, replay: Replay) -> None:
    attributes = " ".join(f'a{n}="1"' for n in range(100_000))
    replay.plan(feed(rss(f"<b {attributes}/>{item(1)}")))
    with pytest.raises(RemoteError, match="feed that cannot be read"):
        collect(source)


@pytest.mark.parametrize(("second", "permanent"), [(503, False), (404, True)])
def test_feeds_that_all_fail_are_an_error(replay: Replay, second: int, *, permanent: bool) -> None:
    replay.plan(Answer(b"", 404), Answer(b"", second, {"retry-after": "60"}))
    with pytest.raises(RemoteError, match=r"a.xml answers 404; .*b.xml answers") as caught:
        collect(source_of(replay, "/a.xml", "/b.xml"))
    assert caught.value.permanent is permanent


def test_of_a_feed_that_is_too_long_the_first_entries_are_read_and_it_is_told(
    replay: Replay,
) -> None:
    long = rss(item(3), item(2), f"<title>{'0' * fetch.BODY_BYTES}</title>")
    replay.plan(feed(long), feed(rss(item(1))))
    cut, whole = collect(source_of(replay, "/a.xml", "/b.xml"))
    assert (ids([cut]), ids([whole])) == (["urn:3", "urn:2"], ["urn:1"])
    assert cut.broken[0].endswith("/a.xml is too long, only its first 2 entries were read")
    assert (cut.fetched, whole.broken) == (2, ())


@pytest.mark.parametrize(
    ("known", "listed", "since", "until"),
    [
        pytest.param(None, (30, 20), None, 20, id="a first look, the rest is older"),
        pytest.param(10, (30, 20), 10, 20, id="the rest may be new"),
        pytest.param(20, (30, 20), None, None, id="the rest is known"),
        pytest.param(20, (20, 30), 20, 60, id="oldest first, the rest is newer"),
    ],
)
def test_what_was_cut_off_a_feed_is_a_gap_where_it_may_be_new(
    source: RssSource,
    replay: Replay,
    known: int | None,
    listed: tuple[int, int],
    *,
    since: int | None,
    until: int | None,
) -> None:
    long = rss(*map(item, listed), f"<title>{'0' * fetch.BODY_BYTES}</title>")
    cursor = None
    if known is not None:
        replay.plan(feed(rss(item(known))))
        cursor = collect(source)[-1].cursor
    replay.plan(feed(long))
    now = NINE + timedelta(minutes=60)
    (page,) = collect(source, cursor, now=now)
    found = (page.gap.since, page.gap.until) if page.gap else (None, None)
    assert found == tuple(at and NINE + timedelta(minutes=at) for at in (since, until))


def test_a_feed_inside_the_own_network_is_refused_by_default(replay: Replay) -> None:
    replay.plan(feed(rss(item(1))))
    with pytest.raises(RemoteError, match="private network; set allow_private if it may"):
        collect(source_of(replay, allow_private=False))
    assert replay.asked == []


def test_a_gateway_is_asked_instead(replay: Replay) -> None:
    replay.plan(feed(rss(item(1))))
    given = {"feeds": ["https://news.example/feed.xml?a=1"], "base_url": replay.url}
    assert ids(collect(RssSource(RssSettings.model_validate(given)))) == ["urn:1"]
    assert (replay.asked[0].path, replay.asked[0].query) == (FEED, {"a": "1"})


def test_without_feeds_there_is_nothing_to_do(replay: Replay) -> None:
    replay.plan()
    source = RssSource(RssSettings())
    assert collect(source) == []
    assert source.check() == ("rss: no feed is listed; write some addresses into sources.rss.feeds")


def test_check_tries_every_feed(replay: Replay) -> None:
    source = source_of(replay, "/a.xml", "/b.xml")
    replay.plan(feed(rss()))
    assert source.check() == "rss: 2 of 2 feeds answer"
    replay.plan(feed(rss()), feed(b"<html>"))
    with pytest.raises(RemoteError, match=r"^rss: 127\S+/b.xml answers with something that is no"):
        source.check()


def test_what_a_feed_says_is_matched_here() -> None:
    kind = SOURCES["rss"]
    assert kind.shared
    assert kind.asks(WATCH).asks == ()
    assert kind.asks(WATCH).left_here == ("everything",)


def test_a_key_in_an_address_is_in_no_error_and_no_log(
    replay: Replay, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("urllib3").setLevel(logging.DEBUG)
    source = source_of(replay, f"{FEED}?key=canary7f3a")
    told = ""
    for answer in (feed(rss(item(1))), Answer(b"", 404), Answer(reset=True), feed(b"<html>")):
        replay.plan(answer)
        try:
            collect(source)
        except RemoteError as error:
            told += repr(error) + repr(error.__cause__)
    assert replay.asked
    assert "canary7f3a" not in told + caplog.text
