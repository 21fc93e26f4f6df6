import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from alerts.digest import digest_html
from domain.address import Origin
from domain.digest import Digest, Voice
from domain.network import PUBLIC, Networks, name_of
from domain.reputation import Status
from tests.alerts.digest_samples import (
    BUSY,
    CROWDED,
    FIRST_DAY,
    HOSTILE,
    LATE,
    MONDAY,
    NOW,
    QUIET,
    VOICES,
    hostile_digest,
    side,
)

GMAIL_CLIPS_AT = 102_000  # bytes; what follows is hidden behind "view entire message"
LOADING = {"src", "srcset", "background", "action", "formaction", "data", "poster", "xlink:href"}
TAGS = {
    "html", "head", "meta", "title", "style", "body", "div", "table", "tr", "td", "th", "p", "h1",
    "h2", "h3", "span", "b", "i", "br", "a", "bdi", "code", "ul", "li",
}  # fmt: skip


class Page(HTMLParser):
    """A file as a browser reads it: its elements, its links and the words a person sees."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, tuple[tuple[str, str], ...]]] = []
        self.links: list[str] = []
        self.comments: list[str] = []
        self.styles = ""
        self._words: list[str] = []
        self._inside: list[str] = []
        self.feed(html)
        self.close()

    @property
    def words(self) -> str:
        return " ".join(" ".join(self._words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        assert len(known) == len(attrs), f"an attribute twice in {tag}"
        if tag == "a":
            self.links.append(known["href"])
        told = tuple((k, v) for k, v in known.items() if k not in ("href", "aria-label"))
        self.elements.append((tag, told))
        if tag not in ("meta", "br"):
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._inside.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._inside[-1:] == ["style"]:
            self.styles += data
        else:
            self._words.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


X, REDDIT = Origin("https", "x.com", 443), Origin("https", "www.reddit.com", 443)
DIGESTS = pytest.mark.parametrize(
    "digest",
    [
        pytest.param(BUSY, id="busy"),
        pytest.param(QUIET, id="quiet"),
        pytest.param(MONDAY, id="monday-the-first"),
        pytest.param(hostile_digest(MONDAY), id="hostile-monday"),
        pytest.param(FIRST_DAY, id="first-day"),
        pytest.param(CROWDED, id="crowded"),
        pytest.param(hostile_digest(BUSY), id="hostile"),
        pytest.param(hostile_digest(CROWDED), id="hostile-and-crowded"),
    ],
)


@DIGESTS
def test_file_is_whole_and_loads_nothing(digest: Digest) -> None:
    html = digest_html(digest, PUBLIC)
    page = Page(html)
    assert html.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert {tag for tag, _ in page.elements} <= TAGS
    attributes = {name for _, attrs in page.elements for name, _ in attrs}
    assert not attributes & LOADING
    assert not {name for name in attributes if name.startswith("on")}
    styles = page.styles + "".join(dict(attrs).get("style", "") for _, attrs in page.elements)
    assert not re.search(r"url\(|@import|expression|@font-face", styles)
    assert html.encode("utf-8")


@DIGESTS
def test_mail_is_short_enough_not_to_be_clipped(digest: Digest) -> None:
    assert len(digest_html(digest, PUBLIC).encode()) < GMAIL_CLIPS_AT


@DIGESTS
def test_headings_go_down_one_level_at_a_time(digest: Digest) -> None:
    levels = [
        int(tag[1]) for tag, _ in Page(digest_html(digest, PUBLIC)).elements if tag[1:].isdigit()
    ]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("digest", [BUSY, QUIET], ids=["busy", "quiet"])
def test_hostile_texts_change_no_element_and_no_attribute(digest: Digest) -> None:
    named_so = Networks({name_of(HOSTILE): frozenset({X, REDDIT})})
    plain = Page(digest_html(digest, PUBLIC))
    attacked = Page(digest_html(hostile_digest(digest), named_so))
    assert attacked.elements == plain.elements
    assert attacked.links == plain.links
    assert attacked.comments == plain.comments
    assert attacked.styles == plain.styles


def test_hostile_texts_lose_what_turns_or_hides_text() -> None:
    html = digest_html(hostile_digest(BUSY), PUBLIC)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\x00-\x08\x0b-\x1f\x7f-\x9f]", html)
    assert "␀" in html
    assert "{{ 7*7 }}" in Page(html).words


def test_long_texts_are_cut() -> None:
    words = Page(digest_html(hostile_digest(BUSY), PUBLIC)).words
    assert "…" in words
    assert "w" * 330 not in words
    assert HOSTILE[-350:] not in words


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("javascript:alert(1)", id="javascript"),
        pytest.param("JaVaScRiPt:alert(1)//x.com/", id="javascript-mixed-case"),
        pytest.param("data:text/html,<script>", id="data"),
        pytest.param("//evil.example/x", id="no-scheme"),
        pytest.param("https://x.com@evil.example/", id="user-info"),
        pytest.param("https://x.com\\@evil.example/", id="backslash"),
        pytest.param("https://x.com\n.evil.example/", id="newline"),
        pytest.param("https://x\u202emoc.elpmaxe/", id="direction-override"),
        pytest.param("https:///path", id="no-host"),
        pytest.param("https://x.com:99999/", id="impossible-port"),
        pytest.param("https://[::1/", id="half-an-ipv6-address"),
        pytest.param('https://x.com"onmouseover="x/', id="quote-in-host"),
        pytest.param("https://x.com/" + "a" * 3000, id="endless"),
        pytest.param("", id="empty"),
        pytest.param("http://x.com/a", id="not encrypted"),
        pytest.param("https://X.COM:8443/a", id="another port"),
        pytest.param("https://\u0440\u0430ypal.com/", id="look-alike letters"),
        pytest.param("https://x.com.evil.example/", id="a platform's name in another host"),
        pytest.param("https://evil.example/phish", id="no platform"),
    ],
)
def test_url_that_is_no_post_on_a_platform_is_no_link(url: str) -> None:
    spoof = replace(LATE, quote=replace(LATE.quote, url=url))
    page = Page(digest_html(replace(BUSY, open_incidents=(spoof,), worst=(), best=()), PUBLIC))
    assert page.links == []


def test_an_address_that_nobody_vouches_for_is_text() -> None:
    page = Page(digest_html(BUSY, PUBLIC))
    assert "on Mastodon" in page.words
    assert "https[:]//mas[.]example/@kitchenwatch/1100" in page.words
    assert [link for link in page.links if "mas" in link] == []


def test_a_server_of_ones_own_is_a_link() -> None:
    own = Networks({"mastodon": frozenset({Origin("https", "mas.example", 443)})})
    page = Page(digest_html(BUSY, own))
    assert "https://mas.example/@kitchenwatch/1100" in page.links
    assert "open on mas.example" in page.words


@pytest.mark.parametrize(
    ("source", "url", "href", "host"),
    [
        pytest.param("x", "https://x.com/a/1", "https://x.com/a/1", "x.com", id="https"),
        pytest.param("reddit", "https://www.reddit.com/?a=1&b=2", "https://www.reddit.com/?a=1&b=2",
                     "www.reddit.com", id="with-query"),
        pytest.param("x", 'https://x.com/"><b>', "https://x.com/%22%3E%3Cb%3E", "x.com",
                     id="markup"),
    ],
)  # fmt: skip
def test_link_shows_the_host_it_leads_to(source: str, url: str, href: str, host: str) -> None:
    spoof = replace(LATE, quote=replace(LATE.quote, source=source, url=url))
    page = Page(digest_html(replace(BUSY, open_incidents=(spoof,), worst=(), best=()), PUBLIC))
    assert page.links == [href]
    assert f"open on {host}" in page.words


def test_headline_says_what_changed_and_what_to_do_first() -> None:
    assert (
        "Negative mentions rose to 41 from a usual 11 and reputation fell by 4.2 to 61.3 in seven"
        " days: answer Tomasz Wilk (platinum) first, overdue by 3 h 20 m."
    ) in Page(digest_html(BUSY, PUBLIC)).words


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("61.3 of 100; 95% interval 59.2 to 63.2, 412 persons, before the model's own"
                     " errors. −4.2", id="score"),
        pytest.param("−4.2 against seven days before (more than chance)", id="score-change"),
        pytest.param("Made of 2 of 3 parts", id="parts"),
        pytest.param("Sentiment 95% interval 53.1 to 57.8 55.4 79% 43.6 412", id="part"),
        pytest.param("Response within 24 h 95% interval 69.0 to 93.1 83.3 21% 17.7 36",
                     id="yardstick"),
        pytest.param("Customers nobody who wrote is known as a customer missing – – 0",
                     id="missing"),
        pytest.param("a Wed 11 Nov: answered within 24 h instead of 48 h b Tue", id="marks"),
        pytest.param("Nov. Before the model's own errors. a Wed", id="chart-before-errors"),
        pytest.param("Review sites of 5 ratings (with 7 of 3.5 added) Trustpilot stars 4.2 120",
                     id="stars"),
        pytest.param("Mastodon alone – 21 98% Trustpilot alone 71.2 96 36%", id="sources"),
        pytest.param("312 posts without author, 41% negative", id="without-author"),
        pytest.param("7 of 412 persons have accounts younger than 30 days: without them 1.2 points"
                     " more", id="young"),
        pytest.param("1,204,330 followers of those who are negative, together", id="reach"),
        pytest.param("Heard 97% of the 28 days", id="heard"),
        pytest.param("Not scored 44 posts without a score", id="not-scored"),
        pytest.param("Lowest 61.3 on Fri 20 Nov, highest 67.0 on Mon 9 Nov.", id="trend"),
        pytest.param("−12 95% interval −19 to −5, 655 persons, uncalibrated, before the model's own"
                     " errors.", id="nps-proxy"),
        pytest.param("171 promoters, 234 passives, 250 detractors", id="nps-split"),
        pytest.param("3 known customers wait for an answer. Value at risk: EUR 14,820", id="risk"),
        pytest.param("Overdue by 3 h 20 m critical, open, nobody has it, 4 mentions", id="clock"),
        pytest.param("Tomasz Wilk · platinum , EUR 12,405 in 12 months, 41 orders", id="customer"),
        pytest.param("Due in 50 m high, acknowledged, with mia, 1 mention", id="held"),
        pytest.param("snoozed until Fri 20 Nov 09:00", id="snoozed"),
        pytest.param("41 negative, 26 neutral, 16 positive, 3 unsure, 1 not scored", id="volume"),
        pytest.param("Wed 18 Nov 41 8 20 11 2 0", id="volume-table"),
        pytest.param("75% in time; 95% interval 59% to 86%, 27 of 36 due", id="attainment"),
        pytest.param("Overdue 3 unanswered Oldest 1 d 4 h unanswered Pending 7", id="open"),
        pytest.param("46 mentions needed an answer, 33 got one.", id="needed"),
        pytest.param("Half within (p50) 2 h 54 m 14 h 48 m", id="p50"),
        pytest.param("Nine in ten within (p90) 12 h 18 m not reached", id="p90"),
        pytest.param("Kitchen Watch @kitchenwatch@mas.example on Mastodon", id="worst"),
        pytest.param("Petra Holm · silver", id="best"),
        pytest.param("Brightline 1,120 39% 37% to 41% 1,230 16% of 1,111", id="voice"),
        pytest.param("at least 12 missed", id="gap"),
        pytest.param("Mastodon in trouble mas.example refuses the token", id="trouble"),
        pytest.param("42 of 1,471 mentions in 28 days are unsure", id="unsure"),
        pytest.param("4 of 1,471 mentions in 28 days are not scored", id="unscored"),
        pytest.param("By language that no model reads: 2 sv, 1 fi.", id="languages nobody reads"),
        pytest.param("3 dismissed incidents excluded from the answer figures: 2 by mia, 1 by jon",
                     id="dismissed"),
        pytest.param("12 incidents kept quiet, by ana: the strike is known", id="muted"),
        pytest.param("1,205 mentions of the day hidden as noise: 1,204 not about the brand, 1 by",
                     id="hidden"),
        pytest.param(
            "41 of 100 authors in 28 days are linked to a customer; 12 more wrote where that is"
            " forbidden.",
            id="linked",
        ),
        pytest.param("midnight in Europe/Berlin", id="timezone"),
        pytest.param("Fri 20 Nov 08:00 (2026-11-20T07:00:00Z)", id="made-at"),
    ],
)  # fmt: skip
def test_every_figure_is_in_the_file(said: str) -> None:
    assert said in Page(digest_html(BUSY, PUBLIC)).words


def test_charts_say_in_words_what_they_draw() -> None:
    html = digest_html(BUSY, PUBLIC)
    labels = re.findall(r'role="img" aria-label="([^"]*)"', html)
    assert [label.split(".")[0] for label in labels] == [
        "Reputation 61",
        "Score by day",
        "NPS-proxy −12 on a scale from minus 100 to plus 100, interval −19 to −5",
        "Mentions by day and tone",
        "In time 75%, interval 59% to 86%",
    ]


def test_mentions_that_already_wait_are_not_told_twice() -> None:
    words = Page(digest_html(BUSY, PUBLIC)).words
    assert words.count(LATE.quote.text[:40]) == 1
    only = replace(BUSY, worst=(LATE.quote,))
    assert "They stand under Waiting now." in Page(digest_html(only, PUBLIC)).words


def test_score_without_enough_persons_shows_no_number() -> None:
    words = Page(digest_html(QUIET, PUBLIC)).words
    assert "Insufficient (12 of 30 persons)" in words
    assert "Insufficient (29 of 30 persons)" in words
    assert "of 100; 95% interval" not in words
    assert "Made of" not in words


def test_first_day_reads_well() -> None:
    words = Page(digest_html(FIRST_DAY, PUBLIC)).words
    for said in (
        "No mentions yesterday: nobody waits for an answer.",
        "Insufficient (0 of 30 persons)",
        "Nothing yet from seven days before",
        "No trend yet: it takes scores of two days.",
        "No incident is open.",
        "No mentions in these days.",
        "Nothing was due",
        "No competitor is watched",
        "No source is configured yet.",
    ):
        assert said in words
    assert "None" not in words


def test_crowded_day_says_what_it_leaves_out() -> None:
    page = Page(digest_html(CROWDED, PUBLIC))
    shown = page.words.count("EUR 12,405 in 12 months")
    assert f"{60 - shown} more are open" in page.words
    assert re.search(
        r"Rival & Sons number 7 .* and 22 more In no .* and 22 more Sources", page.words
    )
    assert "more gaps" in page.words


def test_a_kept_digest_of_a_release_that_counted_mentions_is_drawn_as_then() -> None:
    voices = (Voice("Acme", 1398, 357, 341), Voice("Brightline", 1120, 180, 402))
    page = Page(digest_html(replace(BUSY, voices=voices, share_of_voice=None), PUBLIC))
    assert "Brightline 1,120 44% 16% 36%" in page.words


def test_the_share_of_voice_says_where_it_is_from_and_what_is_in_no_share() -> None:
    page = Page(digest_html(BUSY, PUBLIC))
    assert "The last 28 days, on Reddit and X. 1 source left out." in page.words
    assert (
        "X itself counts 12,340 posts for Acme, 9,100 for Brightline (7 days from Fri 13 Nov). "
        "Trustpilot is left out: all there is about Acme" in page.words
    )


def test_an_insufficient_share_of_voice_has_no_number() -> None:
    few = tuple(side(name, 9, None, None) for name in ("Acme", "Brightline"))
    voices = replace(VOICES, sides=few, persons=18, status=Status.INSUFFICIENT, compared=())
    page = Page(digest_html(replace(BUSY, share_of_voice=voices), PUBLIC))
    assert "no source hears all of them. 1 source left out. Insufficient: 18 persons" in page.words
    assert "Brightline 9 – – 119 –" in page.words


def test_a_source_that_hears_a_competitor_for_some_days_says_from_when_it_counts() -> None:
    voices = replace(VOICES, later=(("x", NOW - timedelta(days=3)),))
    page = Page(digest_html(replace(BUSY, share_of_voice=voices), PUBLIC))
    assert "X before Tue 17 Nov 08:00, when it did not hear all of them" in page.words
