import json
from dataclasses import replace
from typing import Any

import pytest

from alerts.digest import digest_message
from alerts.slack.blocks import slack_blocks
from domain.address import Origin
from domain.digest import Digest
from domain.network import PUBLIC, Networks
from tests.alerts import slack_oracle as oracle
from tests.alerts.digest_samples import (
    BUSY,
    CROWDED,
    FIRST_DAY,
    HOSTILE,
    LATE,
    MONDAY,
    QUIET,
    hostile_digest,
)

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
        pytest.param(hostile_digest(CROWDED, "&<>" * 400), id="all-ampersands"),
        pytest.param(hostile_digest(CROWDED, "🦊" * 900), id="all-emoji"),
    ],
)


def message(digest: Digest) -> dict[str, Any]:
    text, blocks = slack_blocks(digest_message(digest, PUBLIC))
    return {"text": text, "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


@DIGESTS
def test_slack_takes_it(digest: Digest) -> None:
    sent = message(digest)
    assert oracle.violations(sent) == []
    assert len(json.dumps(sent["blocks"], ensure_ascii=False)) < 9_500
    assert json.dumps(sent).encode("ascii")


def test_a_monday_that_is_the_first_of_a_month_is_whole() -> None:
    shown = oracle.shown(message(MONDAY))
    titles = [
        *("Waiting now", "Customers who wait", "Lists", "Reputation", "Mentions", "Answers"),
        *("Loyalty beside the mood", "Who came back", "Worth reading", "Share of voice", "Sources"),
    ]
    assert [title for title in titles if f"*{title}*" not in shown] == []
    for said in (
        "*61.3* (95% interval 59.2 to 63.2), not final, 412 persons, before the model's own errors",
        "+19.8 against seven days before; like for like −0.4 (within chance).",
        "Yesterday's digest said 63.0 for Sat 30 May, not final; it is 63.6.",
        "┊",
        "Lowest 61.3 on Fri 20 Nov, highest 67.0 on Mon 9 Nov. Before the model's own errors.",
        "Made by Earshot on",
    ):
        assert said in shown


@DIGESTS
def test_nothing_but_its_own_links_is_live(digest: Digest) -> None:
    sent = message(digest)
    own = {"https://x.com/", "https://www.reddit.com/"}
    for token in oracle.tokens(sent):
        url, label = token.split("|")
        assert any(url.startswith(start) for start in own)
        assert url.split("/")[2] == label
    assert oracle.addresses(sent) == []


def test_code_blocks_stay_closed_whatever_a_rival_is_called() -> None:
    _, blocks = slack_blocks(digest_message(hostile_digest(BUSY), PUBLIC))
    fences = {
        title: block["text"]["text"].count("```")
        for block in blocks
        for title in ("*Reputation", "*Share", "*Mentions")
        if block.get("text", {}).get("text", "").startswith(title)
    }
    # Around the parts and around the chart; around the bars.
    assert fences == {"*Reputation": 4, "*Share": 2, "*Mentions": 2}


def test_host_off_the_list_is_told_but_not_live() -> None:
    spoof = replace(LATE, quote=replace(LATE.quote, url="https://evil.example/x"))
    sent = message(replace(BUSY, open_incidents=(spoof,), worst=(), best=()))
    assert oracle.tokens(sent) == []
    assert "https[:]//evil[.]example/x" in oracle.shown(sent)


def test_a_server_of_ones_own_is_live() -> None:
    own = Networks({"discourse": frozenset({Origin("http", "forum.acme.example", 8080)})})
    url = "http://forum.acme.example:8080/t/1/2"
    asked = replace(LATE, quote=replace(LATE.quote, source="discourse", url=url))
    text, blocks = slack_blocks(
        digest_message(replace(BUSY, open_incidents=(asked,), worst=(), best=()), own)
    )
    assert oracle.tokens({"text": text, "blocks": blocks}) == [f"{url}|forum.acme.example:8080"]


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("Acme: Friday 20 November 2026", id="title"),
        pytest.param("answer Tomasz Wilk (platinum) first", id="headline"),
        pytest.param("*Value at risk*\nEUR 14,820 (3 customers)", id="risk"),
        pytest.param(
            "*Overdue by 3 h 20 m*  critical, open, nobody has it, 4 mentions", id="clock"
        ),
        pytest.param("Tomasz Wilk · platinum, EUR 12,405 in 12 months, 41 orders", id="customer"),
        pytest.param(
            "*61.3* (95% interval 59.2 to 63.2), 412 persons, before the model's own errors; −4.2"
            " against seven days before (more than chance). 312 posts without author, 41% negative."
            " 7 of 412 persons have accounts younger than 30 days: without them 1.2 points more.",
            id="score",
        ),
        pytest.param("   55.4  79%  43.6    412  Sentiment", id="part"),
        pytest.param("missing" + " " * 17 + "0  Customers", id="missing-part"),
        pytest.param("36  Response within 24 h", id="yardstick"),
        pytest.param("b Tue 17 Nov: published after 24 h: 12 posts", id="mark"),
        pytest.param("on Mon 9 Nov. Before the model's own errors.", id="chart"),
        pytest.param("Trustpilot stars: *4.2* of 5, 120 ratings (with 7 of 3.5 added)", id="stars"),
        pytest.param("*−12* (95% interval −19 to −5), 655 persons, uncalibrated", id="nps"),
        pytest.param("16 positive, 3 unsure, 1 not scored", id="volume"),
        pytest.param("42 of 1,471 mentions in 28 days are unsure", id="unsure"),
        pytest.param("█ negative, most 41", id="volume-chart"),
        pytest.param("*75%* (95% interval 59% to 86%), 27 of 36 due", id="attainment"),
        pytest.param("*not reached* with those still waiting (46)", id="p90"),
        pytest.param("*Worst of Thu 19 Nov*", id="worst"),
        pytest.param("*Petra Holm · silver*", id="best"),
        pytest.param(" 1,120   39%  Brightline", id="voice"),
        pytest.param("Kitchen Watch @kitchenwatch@mas[.]example on Mastodon", id="network"),
        pytest.param("Reddit: 21 mentions", id="source"),
        pytest.param("at least 12 missed", id="gap"),
        pytest.param("mas[.]example refuses the token", id="trouble"),
        pytest.param("2 by mia, 1 by jon", id="dismissed"),
        pytest.param("2026-11-20T07:00:00Z", id="made-at"),
    ],
)
def test_every_figure_is_in_the_message(said: str) -> None:
    assert said in oracle.shown(message(BUSY))


def test_fallback_is_brand_and_headline() -> None:
    text, _ = slack_blocks(digest_message(BUSY, PUBLIC))
    assert text.startswith("Acme: Negative mentions rose to 41")
    assert text.endswith("overdue by 3 h 20 m.")


def test_hostile_fallback_pings_nobody() -> None:
    text, _ = slack_blocks(digest_message(hostile_digest(BUSY), PUBLIC))
    assert "<" not in text
    assert HOSTILE not in text
    assert len(text) <= 800


def test_crowded_day_keeps_every_section_and_says_how_many_more() -> None:
    shown = oracle.shown(message(CROWDED))
    assert "more: `earshot alerts list --open`" in shown
    for title in ("*Waiting now*", "*Reputation*", "*Mentions*", "*Answers*", "*Sources*"):
        assert title in shown


def test_first_day_reads_well() -> None:
    shown = oracle.shown(message(FIRST_DAY))
    assert "No incident is open." in shown
    assert "insufficient (0 of 30 persons)" in shown
    assert "None" not in shown
