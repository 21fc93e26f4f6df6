"""`noise hide`, `noise restore` and `mentions --hidden`."""

from datetime import datetime, timedelta

import pytest

from domain.mention import Author, Mention
from tests.earshot.cli.conftest import AWFUL, HOUR, NOW, Cli, MakeCli, take_in
from tests.earshot.world import BEN, mention

LONG = "the new acme kettle is awful, its lid comes off when you pour and the handle gets hot"


@pytest.fixture
def awful(stocked: Cli) -> int:
    """The ID of the complaint with an open incident."""
    mention_id: int = stocked("mentions", "--json", "--search", "awful").record["id"]
    return mention_id


def test_a_hidden_mention_is_listed_only_where_it_is_asked_for(stocked: Cli, awful: int) -> None:
    ran = stocked("noise", "hide", awful, "--by", "kim")

    assert ran.err.splitlines() == [
        f"mention {awful} (Acme) is hidden by kim",
        "incident 1 is still open: earshot alerts dismiss 1",
    ]
    assert stocked("mentions", "--json", "--search", "awful").records == []
    record = stocked("mentions", "--hidden", "--json").record
    assert (record["id"], record["hidden"]) == (awful, {"reason": "hidden by kim", "by": "kim"})
    assert "[hidden by kim]" in stocked("mentions", "--hidden").out
    assert "  hidden     hidden by kim (decided by kim)" in stocked("mention", awful).out


def test_an_incident_still_tells_of_a_mention_that_was_hidden(stocked: Cli, awful: int) -> None:
    stocked("noise", "hide", awful)
    assert "Acme is awful" in stocked("alerts", "show", 1).out


def test_what_is_put_back_is_listed_again_after_the_next_pass(stocked: Cli, awful: int) -> None:
    before = stocked("mention", awful, "--json").record
    stocked("noise", "hide", awful)

    ran = stocked("noise", "restore", awful, "--by", "kim")
    take_in(stocked)

    assert ran.err == f"mention {awful} (Acme) is put back by kim: the next pass scores it\n"
    assert stocked("mention", awful, "--json").record == before
    again = stocked("noise", "restore", awful, code=1)
    assert again.err == f"earshot: mention {awful} is not hidden for Acme\n"


def test_a_mention_of_two_brands_is_hidden_for_one(stocked: Cli) -> None:
    mention_id = stocked("mentions", "--json", "--search", "lovely").records[0]["id"]

    ran = stocked("noise", "hide", mention_id, code=2)
    assert 'add --brand "Acme" or --brand "Globex"' in ran.err
    stocked("noise", "hide", mention_id, "--brand", "acme")

    left = stocked("mentions", "--json", "--search", "lovely").record
    assert left["brand"] == "Globex"


@pytest.mark.parametrize("by", [" ", "rule:spam"])
def test_nobody_cannot_decide(stocked: Cli, awful: int, by: str) -> None:
    ran = stocked("noise", "hide", awful, "--by", by, code=2)
    assert ran.err == "earshot: --by names nobody: say who decides it\n"


def test_a_rule_says_its_reason(make_cli: MakeCli) -> None:
    cli = make_cli('[noise]\nblock_words = ["awful"]')
    take_in(cli, AWFUL)
    record = cli("mentions", "--hidden", "--json").record
    assert record["hidden"] == {"reason": "block_words has awful", "by": "rule:blocked words"}
    assert record["sentiment"] is None
    assert cli("alerts", "list", "--json").records == []


def copies(published_at: datetime) -> list[Mention]:
    """The same long complaint by three."""
    authors = (AWFUL.author, BEN, Author("503", "cleo"))
    return [
        mention(f"c{n}", LONG, author=author, published_at=published_at)
        for n, author in enumerate(authors)
    ]


@pytest.mark.parametrize(
    "age",
    [
        pytest.param(HOUR, id="of today"),
        pytest.param(240 * HOUR, id="of history, worked backwards"),
    ],
)
def test_the_first_of_a_story_says_how_many_copies_it_has(cli: Cli, age: timedelta) -> None:
    take_in(cli, *copies(NOW - age), mention("other", "acme, plain", published_at=NOW))

    other, third, second, first = cli("mentions").lines

    assert first.endswith("  +2 copies")
    assert second.endswith("  (as 1)")
    assert third.endswith("  (as 1)")
    assert not other.endswith(("copies", ")"))
    [_, only] = cli("mentions", "--stories", "--json").records
    assert (only["external_id"], only["story_id"], only["copies"]) == ("c0", 1, 2)
    assert {one["story_id"] for one in cli("mentions", "--json").records} == {1, None}
    assert "  story      told by 2, 3, too" in cli("mention", 1).out
    assert cli("mention", 2, "--json").record["told_by"] == [1, 3]


def test_a_copy_names_the_head_that_is_left(cli: Cli) -> None:
    take_in(cli, *copies(NOW - HOUR))

    cli("noise", "hide", 1)

    third, second = cli("mentions").lines
    assert second.endswith("  +1 copy")
    assert third.endswith("  (as 2)")
    assert cli("mentions", "--stories", "--json").record["id"] == 2
    assert cli("mention", 3, "--json").record["told_by"] == [2]
    assert cli("mention", 1, "--json").record["told_by"] == []


def test_a_hidden_mention_can_be_written_and_read_back(stocked: Cli, awful: int) -> None:
    stocked("noise", "hide", awful)
    out = stocked("mentions", "--hidden", "--csv").out
    path = stocked.config.with_name("hidden.csv")
    path.write_text(out, encoding="utf-8")
    assert "unknown" not in stocked("import", path).err


def test_lists_are_applied_to_what_was(make_cli: MakeCli) -> None:
    cli = make_cli('[noise]\nblock_authors = ["x:ben_brews"]')
    assert cli("noise", "apply", "--since", "7d").err == (
        "0 mentions are sifted again by the next pass\n"
    )
