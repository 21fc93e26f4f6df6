import re
from dataclasses import replace
from unicodedata import bidirectional

import pytest

from alerts.digest import digest_text
from domain.digest import Digest, ListNews
from domain.network import PUBLIC
from tests.alerts.digest_samples import BUSY, CROWDED, FIRST_DAY, MONDAY, QUIET, hostile_digest

DIGESTS = pytest.mark.parametrize(
    "digest",
    [
        pytest.param(BUSY, id="busy"),
        pytest.param(QUIET, id="quiet"),
        pytest.param(MONDAY, id="monday-the-first"),
        pytest.param(hostile_digest(MONDAY), id="hostile-monday"),
        pytest.param(FIRST_DAY, id="first-day"),
        pytest.param(CROWDED, id="crowded"),
        pytest.param(hostile_digest(BUSY, urls=True), id="hostile"),
        pytest.param(hostile_digest(CROWDED, urls=True), id="hostile-and-crowded"),
    ],
)


@DIGESTS
def test_nothing_in_it_can_steer_a_terminal(digest: Digest) -> None:
    text = digest_text(digest, PUBLIC)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
    assert not {"RLO", "LRO", "RLE", "LRE", "PDF", "RLI", "LRI", "FSI", "PDI"} & {
        bidirectional(char) for char in text
    }
    assert text.encode("utf-8")


@DIGESTS
def test_ends_with_one_newline_and_has_no_trailing_blanks(digest: Digest) -> None:
    text = digest_text(digest, PUBLIC)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert not re.search(r"[ \t]+\n", text)


def test_hostile_text_starts_no_line_of_its_own() -> None:
    # A newline in a text would let it forge a section of the digest.
    lines = digest_text(hostile_digest(BUSY), PUBLIC).splitlines()
    plain = digest_text(BUSY, PUBLIC).splitlines()
    assert [line for line in lines if line in TITLES] == [line for line in plain if line in TITLES]


TITLES = {"Waiting now", "Reputation", "Mentions", "Answers", "Share of voice", "Sources"}


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("Acme: morning digest, Friday 20 November 2026\n====", id="title"),
        pytest.param("Value at risk: EUR 14,820 (3 customers)", id="risk"),
        pytest.param(
            "* overdue by 3 h 20 m: critical, open, nobody has it, 4 mentions", id="clock"
        ),
        pytest.param("https://x.com/twilk/status/1850", id="url"),
        pytest.param("https[:]//mas[.]example/@kitchenwatch/1100", id="dead address"),
        pytest.param("@nordlicht77 on Reddit", id="network"),
        pytest.param("Mastodon: 0 mentions, last heard", id="source"),
        pytest.param(
            "Score of 100: 61.3 (95% interval 59.2 to 63.2), 412 persons, before the\n", id="score"
        ),
        pytest.param(
            "   55.4  79%  43.6    412  Sentiment\n  (95% interval 53.1 to 57.8)\n", id="part"
        ),
        pytest.param("\na Wed 11 Nov: answered within 24 h instead of 48 h\nb Tue", id="marks"),
        pytest.param("97% of the 28 days\n", id="heard"),
        pytest.param("−12 (95% interval −19 to −5), 655", id="nps"),
        pytest.param("41 negative, 26 neutral, 16 positive, 3 unsure, 1 not", id="volume"),
        pytest.param("In time: 75% (95% interval 59% to 86%), 27 of 36 due", id="attainment"),
        pytest.param("12 h 18 m among the answered (33), not reached", id="p90"),
        pytest.param(" 1,120   39%  37% to 41%  1,230 16% of 1,111  Brightline", id="voice"),
        pytest.param("3 dismissed incidents excluded from the answer figures", id="dismissed"),
    ],
)
def test_every_figure_is_in_the_text(said: str) -> None:
    assert said in digest_text(BUSY, PUBLIC)


def test_lines_fit_a_terminal() -> None:
    long = [line for line in digest_text(BUSY, PUBLIC).splitlines() if len(line) > 100]
    assert long == []


def test_quiet_day_says_so() -> None:
    text = digest_text(QUIET, PUBLIC)
    assert "No mentions yesterday: nobody waits for an answer." in text
    assert "insufficient (12 of 30 persons)" in text


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(
            "Tomasz Wilk · platinum: EUR 12,405 in 12 months, exclusive segment, 5 h", id="who"
        ),
        pytest.param("Lee Park: USD 1,830 in 12 months, 5 m waiting", id="not valued"),
        pytest.param("EUR regular: EUR 1,830 in 12 months, 1 customer\n", id="value at risk"),
        pytest.param("Customers who may be written to, and leads; since Mon 25 May.", id="lists"),
        pytest.param("at risk: 31 on it, 4 joined, 2 left, EUR 910 and USD 40 paid", id="a list"),
        pytest.param("won back: 8 on it, 0 joined, 3 left\n", id="nobody joined"),
        pytest.param("answered in time: 212 customers, 41% (33% to 49%) ordered", id="loyalty"),
        pytest.param("never answered (too few to tell more): 19 customers\n", id="too few"),
        pytest.param("First order people   1   2   3", id="chart"),
        pytest.param("May 2025        12   3   3", id="how many, of few people"),
        pytest.param("Apr 2026       299 45%\n", id="a share, of many"),
    ],
)
def test_on_mondays_and_on_the_first_of_a_month_it_says_more(said: str) -> None:
    text = digest_text(MONDAY, PUBLIC)
    assert said in text
    assert max(map(len, text.splitlines())) <= 80
    assert said not in digest_text(BUSY, PUBLIC)


def test_the_first_monday_has_nothing_to_compare_with() -> None:
    lists = replace(MONDAY.lists or ListNews(None, ()), since=None)
    text = digest_text(replace(MONDAY, lists=lists), PUBLIC)
    assert "There is no Monday before to compare with yet." in " ".join(text.split())
    assert "at risk: 31 on it\n" in text


def test_nothing_in_it_says_why_customers_differ() -> None:
    text = " ".join(digest_text(MONDAY, PUBLIC).casefold().split())
    section = text.partition("loyalty beside the mood")[2].partition("worth reading")[0]
    assert section
    assert not re.search(r"because|leads? to|improv|caus|thanks to|due to|loyal ", section)
