import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from listener.sources import SOURCES
from tests.conftest import BASIC
from tests.earshot.cli.conftest import Cli, MakeCli
from tests.net.replay import Answer, Replay, serve

EXAMPLES = """
must_match = ["my ACME kettle leaks"]
must_not_match = ["acme jobs"]
"""


@pytest.fixture
def good(lone: Cli, tmp_path: Path) -> Cli:
    """Two brands, with examples that come out as they should."""
    return _with(lone, tmp_path, "acme (kettle OR pot NEAR/3 tea) -jobs min_followers:10", EXAMPLES)


def _with(lone: Cli, tmp_path: Path, query: str, more: str) -> Cli:
    path = tmp_path / "queries.toml"
    brand = BASIC.partition("[[alerts")[0].replace('query = "acme"', f"query = '{query}'{more}")
    other = '[[brands]]\nname = "Bolt"\nquery = "bolt*"\n[sources.x]\nenabled = false\n'
    path.write_text(f"database = 'sqlite:///{tmp_path}/lone.db'\n{brand}\n{other}", "utf-8")
    return Cli(path, lone.app)


def test_shows_what_each_network_is_asked_and_what_is_matched_here(good: Cli) -> None:
    ran = good("query", "test", "--brand", "acme")

    assert ran.lines[0] == "Acme: acme (kettle OR pot NEAR/3 tea) -jobs min_followers:10"
    at = ran.lines.index("  x (off)")
    assert ran.lines[at + 1 : at + 3] == [
        "    asked    (acme (kettle OR (pot tea)) -jobs) OR from:1000 OR to:1000",
        "    here     NEAR/3, min_followers:",
    ]
    assert ran.lines[-1] == "  examples   2, 0 of them fail"
    assert ran.err == "2 examples, all as they should be\n"


def test_says_where_a_network_cannot_be_asked(good: Cli) -> None:
    ran = good("query", "test", "--brand", "Bolt")

    assert "X finds whole words only and cannot search for bolt*; add a word" in ran.out
    assert "no examples: add must_match" in ran.err


def test_as_json_one_object_a_brand(good: Cli) -> None:
    ran = good("query", "test", "--json")

    acme, bolt = map(json.loads, ran.lines)
    assert (acme["brand"], bolt["brand"]) == ("Acme", "Bolt")
    assert set(acme["sources"]) == set(SOURCES)
    assert acme["sources"]["x"] == {
        "enabled": False,
        "asks": ["(acme (kettle OR (pot tea)) -jobs) OR from:1000 OR to:1000"],
        "left_here": ["NEAR/3", "min_followers:"],
        "unheard": [],
        "error": None,
    }
    assert bolt["sources"]["x"]["error"].startswith("query 'bolt*': X finds whole words only")
    assert (acme["examples"], acme["failed"]) == (2, [])


def test_a_failing_example_is_named_and_exits_1(good: Cli, tmp_path: Path) -> None:
    file = tmp_path / "more.jsonl"
    rows = [
        {"text": "acme makes tea in a pot", "brand": "Acme", "match": True},
        {"text": "the acme works", "brand": "acme", "match": True},
        {"text": "bolts", "brand": "Bolt", "match": False},
    ]
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")

    ran = good("query", "test", file, code=1)

    assert ran.err.splitlines() == [
        "earshot: line 2: the query of Acme does not find 'the acme works'",
        "earshot: line 3: the query of Bolt finds 'bolts'",
    ]
    assert "  examples   4, 1 of them fail" in ran.lines


def test_a_table_of_texts_for_one_brand(good: Cli, tmp_path: Path) -> None:
    file = tmp_path / "more.tsv"
    file.write_text("Text\tMatch\nBolt on!\tyes\nbold\tno\n", encoding="utf-8")

    ran = good("query", "test", file, "--brand", "bolt")

    assert ran.err == "2 examples, all as they should be\n"


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        pytest.param('{"text": "a", "match": true}', "line 1 names no brand", id="no brand"),
        pytest.param('{"brand": "Acme", "match": 1}', "line 1 has no text", id="no text"),
        pytest.param('\n{"text": "a", "brand": "Acme"}', "line 2 has no match", id="no match"),
        pytest.param(
            '{"text": "a", "brand": "Globex", "match": true}',
            "line 1: there is no brand 'Globex'",
            id="a competitor",
        ),
        pytest.param("[1]", "line 1 is no object", id="no object"),
        pytest.param('{"text"', "line 1 is no JSON", id="no JSON"),
        pytest.param("text,match\n\xff,1", "line 2: not UTF-8", id="encoding"),
        pytest.param("", "holds no example", id="empty"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(
    good: Cli, tmp_path: Path, rows: str, wrong: str
) -> None:
    file = tmp_path / "examples"
    file.write_bytes(rows.encode("latin-1"))

    ran = good("query", "test", file, code=1)

    assert f"{file}: {wrong}" in ran.err
    assert ran.out == ""


def test_a_missing_file_is_a_sentence(good: Cli, tmp_path: Path) -> None:
    ran = good("query", "test", tmp_path / "none", code=1)
    assert "cannot be read (No such file or directory)" in ran.err


def test_check_config_tries_the_examples(lone: Cli, good: Cli, tmp_path: Path) -> None:
    good("check-config")
    wrong = _with(lone, tmp_path, "acme -jobs", EXAMPLES.replace("leaks", "jobs"))

    ran = wrong("check-config", code=2)

    assert ran.err == (
        f"earshot: {wrong.config}: brands[1].must_match[1]: "
        "the query of Acme does not find 'my ACME kettle jobs'\n"
    )


# --- price -------------------------------------------------------------------------------------

X = """
[sources.x]
enabled = true
bearer_token = "env:X_TOKEN"
base_url = "{url}"
monthly_budget = 20
"""


@pytest.fixture
def x(monkeypatch: pytest.MonkeyPatch) -> Iterator[Replay]:
    """X, which counts 700 posts of Acme and 70 of anybody else."""
    monkeypatch.setenv("X_TOKEN", "canary-bearer")
    with serve() as server:
        server.by_query = lambda asked: Answer(
            {"meta": {"total_tweet_count": 700 if "acme" in asked.query["query"] else 70}}
        )
        yield server


def test_price_says_what_a_month_would_cost_and_what_asking_did(
    make_cli: MakeCli, x: Replay
) -> None:
    ran = make_cli(X.format(url=x.url))("query", "price", "--brand", "acme")

    acme, globex, together = ran.lines
    assert acme == (
        "Acme: 700 posts in 7 days, 3,000 a month: USD 45.00 (USD 15.00 without authors), "
        "225% of USD 20.00"
    )
    assert globex.startswith("Globex: 70 posts in 7 days, 300 a month: USD 4.50 (USD 1.50 ")
    assert together.startswith("together: 770 posts in 7 days, 3,300 a month: USD 49.50 ")
    assert ran.err == "asking cost USD 0.01; sources.x.prices as read on 2026-08-22\n"
    assert {asked.path for asked in x.asked} == {"/2/tweets/counts/recent"}


def test_price_says_what_of_the_stream_it_does_not_know(make_cli: MakeCli, x: Replay) -> None:
    ran = make_cli(X.format(url=x.url) + "stream = true\n")("query", "price", "--json")

    assert ran.err.startswith("the stream also brings quotes of such posts, and nobody can count ")


def test_asking_is_booked_and_never_goes_beyond_the_budget(make_cli: MakeCli, x: Replay) -> None:
    cli = make_cli(X.format(url=x.url).replace("= 20", "= 0.012"))
    cli("query", "price")
    x.asked.clear()

    ran = cli("query", "price", code=1)

    assert ran.err.startswith("earshot: x: USD 0.01 of the USD 0.012 for this month are spent")
    assert x.asked == []


def test_price_as_json(make_cli: MakeCli, x: Replay) -> None:
    acme, globex = make_cli(X.format(url=x.url))("query", "price", "--json").records

    assert acme == {
        "brand": "Acme",
        "posts_7_days": 700,
        "posts_month": 3000,
        "currency": "USD",
        "cost_month": 45.0,
        "cost_month_without_users": 15.0,
        "budget": 20.0,
        "share_of_budget": 2.25,
    }
    assert globex["brand"] == "Globex"


def test_price_needs_x(lone: Cli) -> None:
    ran = lone("query", "price", code=2)

    assert "X is not enabled" in ran.err
    assert "set enabled = true and bearer_token in [sources.x]" in ran.err
