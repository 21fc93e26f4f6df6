import re
from unicodedata import bidirectional

import pytest

from alerts.digest import digest_text
from domain.digest import Digest
from domain.network import PUBLIC
from tests.alerts.digest_samples import BUSY, CROWDED, FIRST_DAY, QUIET, hostile_digest

DIGESTS = pytest.mark.parametrize(
    "digest",
    [
        pytest.param(BUSY, id="busy"),
        pytest.param(QUIET, id="quiet"),
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
        pytest.param("Score of 100: 61.3 (95% interval 59.2 to 63.2), 412 authors", id="score"),
        pytest.param("   48.2  56%  27.1    412  Sentiment", id="part"),
        pytest.param("−12 (95% interval −19 to −5), 655", id="nps"),
        pytest.param("41 negative, 26 neutral, 16 positive, 3 unsure, 1 not", id="volume"),
        pytest.param("In time: 75% (95% interval 59% to 86%), 27 of 36 due", id="attainment"),
        pytest.param("12 h 18 m among the answered (33), not reached", id="p90"),
        pytest.param(" 1,120   39%  16%  36%  Brightline", id="voice"),
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
    assert "insufficient (12 of 30 authors)" in text
