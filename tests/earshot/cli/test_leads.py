import csv
import io
import re
from datetime import timedelta

import pytest

from tests.conftest import Furnish
from tests.earshot.buyers import MORE, Buyers, known, order, wants
from tests.earshot.cli.conftest import NOW, Cli, MakeCli
from tests.earshot.world import live, with_words

DAY = timedelta(days=1)


@pytest.fixture
def asked(make_cli: MakeCli, furnish: Furnish) -> Cli:
    """Ana compares, Ben is on Reddit, Cleo on Mastodon, Dan ordered, Eve must not be written to."""
    made = make_cli(MORE)
    furnish("asked", lambda: ask(made))
    return made


def ask(cli: Cli) -> None:
    with_words(cli.app, Buyers())
    live(
        cli.app,
        wants("ana", "Acme or Globex? I'd buy either.", published_at=NOW - 2 * DAY),
        wants("ben", source="reddit", published_at=NOW - 30 * DAY),
        wants("cleo", source="mastodon", published_at=NOW - 3 * DAY),
        wants("dan", published_at=NOW - 20 * DAY),
        wants("eve", published_at=NOW - DAY),
        wants("fay", "=cmd() buy Acme\x1b[2J", published_at=NOW - 40 * DAY),
        now=NOW,
    )
    today = NOW.date()
    known(cli.app, "dan", order("dan", today - 12 * DAY))
    known(cli.app, "eve", permission="no")
    known(cli.app, "fay")


def test_the_list_says_what_they_asked_and_what_the_score_is_made_of(asked: Cli) -> None:
    ran = asked("leads", "list")
    head, first, words, parts, *_ = ran.lines
    assert head.split() == ["score", "last", "network", "posts", "answered", "who"]
    assert first.split()[2:] == ["x", "1", "no", "@ana"]
    assert words.strip() == "Acme: Acme or Globex? I'd buy either."
    assert parts.strip() == (
        "27 recency + 20 probability + 5 posts + 10 question + 10 comparison +"
    )
    assert "compares with Globex" in ran.out
    assert "in the CRM without an order: customer" in ran.out
    assert "\x1b" not in ran.out
    assert all(len(line) <= 80 for line in ran.lines)
    assert "left out: 1 linked with a customer who has ordered, perhaps only since" in ran.err
    assert "left out: 1 linked with somebody in the CRM who is not to be written to" in ran.err
    assert "4 leads" in ran.err


def test_json_has_every_part_and_leaves_out_whom_a_contract_does_not_let_leave(asked: Cli) -> None:
    ran = asked("leads", "list", "--json")
    records = {one["author"]["handle"]: one for one in ran.records}
    assert records.keys() == {"ana", "ben", "fay"}
    ana = records["ana"]
    assert ana["score"] == sum(ana["parts"].values()) == 82
    assert ana["asked"] == "Acme or Globex? I'd buy either."
    assert (ana["question"], ana["compares_with"], ana["answered"]) == (True, ["Globex"], False)
    assert (ana["probability"], ana["may_answer"]) == (0.8, "when mentioned")
    assert (records["ben"]["may_answer"], records["ben"]["customers"]) == ("no", [])
    assert len(records["fay"]["customers"]) == 1
    assert "left out: 1 of mastodon, not to be exported" in ran.err


def test_csv_holds_the_same_and_nothing_a_spreadsheet_runs(asked: Cli) -> None:
    ran = asked("leads", "list", "--csv", "--since", "60d")
    rows = {row["author.handle"]: row for row in csv.DictReader(io.StringIO(ran.out, newline=""))}
    assert rows.keys() == {"ana", "ben", "fay"}
    assert rows["fay"]["asked"].startswith("'=cmd() buy Acme")
    assert (rows["ana"]["compares_with"], rows["ana"]["parts.comparison"]) == ("Globex", "10")
    assert "mastodon" in ran.err


def test_it_is_cut_and_narrowed_as_asked(asked: Cli) -> None:
    ran = asked("leads", "list", "--limit", "1", "--brand", "acme")
    assert "@ana" in ran.out
    assert "@cleo" not in ran.out
    assert "4 leads, the best 1 are shown (--limit)" in ran.err
    assert asked("leads", "list", "--source", "Mastodon", "--since", "7d").out.count("@") == 1
    nobody = asked("leads", "list", "--brand", "Initech")
    assert (nobody.out, nobody.err) == ("", "0 leads\n")


def test_conversion_says_plainly_that_it_is_a_lower_bound(asked: Cli) -> None:
    ran = asked("leads", "conversion", "--within", "10d", "--since", "90d")
    numbers = dict(re.findall(r"^ *(\S.*?)  +(\d+)$", ran.out, re.MULTILINE))
    assert numbers["their 10 days are not over: pending"] == "3"
    assert numbers["their 10 days are over"] == "3"
    assert numbers["of these linked with a customer today"] == "2"
    assert numbers["of these ordered within 10 days"] == "1"
    assert "share of all whose days are over: too few (under 30)" in ran.out
    assert "not linked with a customer is not seen ordering: the share is a lower bound" in ran.err


def test_conversion_as_json_has_each_month(asked: Cli) -> None:
    record = asked("leads", "conversion", "--within", "10d", "--json").record
    assert (record["brand"], record["within_days"]) == (None, 10)
    assert (record["wanted"], record["pending"], record["days_over"]) == (6, 3, 3)
    assert (record["linked"], record["ordered"], record["ordered_same_day"]) == (2, 1, 0)
    assert record["share_at_least"] is None
    assert sum(month["wanted"] for month in record["months"]) == 6
    assert sum(month["ordered"] for month in record["months"]) == 1


@pytest.mark.parametrize("within", ["soon", "0d", "36h", "4000d", "99999999999999d"])
def test_days_that_are_none_end_with_a_sentence(lone: Cli, within: str) -> None:
    ran = lone("leads", "conversion", "--within", within, code=2)
    assert (ran.out, ran.err.count("\n")) == ("", 1)


def test_where_nobody_wrote_there_is_nothing_to_show(lone: Cli) -> None:
    assert lone("leads", "list").out == ""
    assert "pending" in lone("leads", "conversion").out
