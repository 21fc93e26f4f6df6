"""What moved a score between two days, as whoever has to answer for it reads it."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from domain.mention import Author, Mention
from tests.conftest import Furnish
from tests.earshot.cli.conftest import AWFUL, NOW, Cli, take_in

DAY = timedelta(days=1)
TODAY = NOW.astimezone(ZoneInfo("Europe/Madrid")).date()  # where the brand is
YESTERDAY = TODAY - DAY
WEEK_BEFORE = TODAY - 8 * DAY
VIEWS = ("persons", "sources", "stories")
POINTS = re.compile(r"[+−]\d+\.\d+(?![\d)])")


def post(number: int, text: str, *, ago: timedelta, source: str = "x") -> Mention:
    return replace(
        AWFUL,
        source=source,
        external_id=f"{source}{number}",
        conversation_id=f"{source}{number}",
        url=f"https://{source}.example/{number}",
        text=text,
        author=Author(id=str(number), handle=f"a{number}"),
        published_at=NOW - ago,
    )


def posts() -> list[Mention]:
    """Forty who are heard on both days, one who changes her mind, twenty angry ones who come."""
    still = [
        post(one, f"Acme number {one} is {'awful' if one % 4 == 0 else 'lovely'}", ago=15 * DAY)
        for one in range(40)
    ]
    ana = post(99, "Acme, I love you all", ago=14 * DAY)
    again = replace(
        ana,
        external_id="again",
        text="Acme, I hate you: awful, terrible",
        published_at=NOW - 3 * DAY,
    )
    come = [
        post(one, f"Acme parcel {one}, what an awful mess", ago=2 * DAY) for one in range(100, 120)
    ]
    return [*still, ana, again, *come]


@pytest.fixture
def moved(cli: Cli, furnish: Furnish, tmp_path: Path) -> Cli:
    def stock() -> None:
        contacts = tmp_path / "contacts.csv"
        contacts.write_text(
            "customer_id,name,email,twitter,tier\nc-1,Ana Ruiz,ana@example.org,@a99,gold\n",
            encoding="utf-8",
        )
        cli("customers", "import", contacts)
        take_in(cli, *posts())

    furnish("moved", stock)
    return cli


def points(line: str) -> float:
    """What the numbers with a sign in a line add up to."""
    return sum(float(one.replace("−", "-")) for one in POINTS.findall(line))


def test_five_lines_that_a_manager_understands(moved: Cli) -> None:
    first, alike, second, *others = moved("reputation", "explain").lines

    told = re.fullmatch(
        r"Acme's reputation fell (\d+\.\d) points, from (\d+\.\d) on (\S+) \(not final\)"
        r" to (\d+\.\d) on (\S+) \(not final\)\."
        r" This is before the model's own errors\.",
        first,
    )
    assert told is not None, first
    by, then, earlier, now, later = told.groups()
    assert (earlier, later) == (str(WEEK_BEFORE), str(YESTERDAY))
    assert float(by) == pytest.approx(float(then) - float(now))
    assert re.fullmatch(
        r"Heard \S+ of the time then, \S+ now, and compared all the same: x\."
        rf" Like for like −{by}: more than chance \(−\S+ to −\S+\)\.",
        alike,
    )
    assert second.startswith("What moved it: 20 persons who came −")
    assert "1 person who changed −" in second
    assert points(second) == pytest.approx(-float(by))
    assert others[0].startswith("Answers in time (within 24 h): 0 of 31 who asked, before 0 of 10")
    assert others[1].startswith("Most by one person: x:@a1")
    assert len(others) == 2


def test_everything_names_persons_customers_and_sources_and_adds_up(moved: Cli) -> None:
    lines = moved("reputation", "explain", "--all").lines

    views: dict[str, list[str]] = {}
    for line in lines:
        if line.startswith("By "):
            views[line] = []
        elif line.startswith("  ") and views:
            views[next(reversed(views))].append(line)
    del views[next(reversed(views))][-5:]  # who holds it up or down most
    assert [name.split(",")[0] for name in views] == ["By part", "By person", "By source"]
    for name, told in views.items():
        assert sum(points(line) for line in told) == pytest.approx(points(name), abs=1e-6), name
    assert any("Ana Ruiz (customer) changed from " in line for line in lines)
    assert sum("x:@a1" in line and " came, negative" in line for line in lines) == 21


def test_the_json_has_every_view(moved: Cli) -> None:
    record = moved("reputation", "explain", "--json").record

    assert tuple(record)[:5] == ("brand", "before", "after", "change", "parts")
    change = record["after"]["score"] - record["before"]["score"]
    others = record["response"] + record["weights"] + record["rest"]
    parts = sum(part["delta"] for part in record["parts"])
    assert all(set(one) >= {"name", "delta", "before", "after"} for one in record["parts"])
    views = {name: sum(one["points"] for one in record[name]) for name in VIEWS}
    assert change == pytest.approx(record["change"], abs=1e-9)
    assert parts == pytest.approx(change, abs=1e-9)
    assert views["persons"] + record["time"]["points"] + others == pytest.approx(change, abs=1e-9)
    assert views["sources"] + others == pytest.approx(change, abs=1e-9)
    assert views["stories"] + others == pytest.approx(change, abs=1e-9)
    assert record["comparison"]["like_for_like"] == pytest.approx(change, abs=1e-9)
    assert record["comparison"]["against"] == str(WEEK_BEFORE)
    assert record["authors"][0]["author"].startswith("x:@")
    assert "Ana Ruiz" in {one["name"] for one in record["persons"]}


def test_a_new_source_is_told_apart(moved: Cli) -> None:
    praise = [
        post(one, f"Acme tent {one} is lovely, wonderful", ago=2 * DAY, source="reddit")
        for one in range(300, 380)
    ]
    take_in(moved, *praise)

    second = moved("reputation", "explain").lines[1]

    told = re.fullmatch(
        r"Reddit is new: (.*?)(; .*)?\. Like for like (\S+): more than chance .*", second
    )
    assert told is not None, second
    assert float(told[1]) > 10
    assert float(told[3].replace("−", "-")) < -10


def test_days_may_be_named_either_way_and_the_same_day_moves_nothing(moved: Cli) -> None:
    by_default = moved("reputation", "explain", "--json").out
    named = ("--from", WEEK_BEFORE, "--to", YESTERDAY)
    assert moved("reputation", "explain", *named, "--json").out == by_default
    other = ("--against", WEEK_BEFORE, "--date", YESTERDAY)
    assert moved("reputation", "explain", *other, "--json").out == by_default
    assert moved("reputation", "explain", "--from", WEEK_BEFORE, "--json").out == by_default

    same = moved("reputation", "explain", "--from", YESTERDAY, "--to", YESTERDAY)
    assert same.lines[0].startswith("Acme's reputation stayed as it was: ")
    assert same.lines[1] == "Nobody wrote anything new, and nobody left."
    swapped = ("--from", YESTERDAY, "--to", WEEK_BEFORE)
    assert "is later than --to" in moved("reputation", "explain", *swapped, code=2).err


def test_days_that_cannot_be_compared_say_why(moved: Cli) -> None:
    long_ago = (NOW - 60 * DAY).date()

    lines = moved("reputation", "explain", "--from", long_ago, "--to", YESTERDAY).lines

    assert lines[0].startswith("Acme's reputation is ")
    assert lines[1] == (
        f"Nothing can be compared with {long_ago}: {long_ago} has no score: 0 persons wrote, fewer"
        " than 30."
    )
    assert lines[2].startswith("  sentiment ")
    empty = moved("reputation", "explain", "--from", long_ago - DAY, "--to", long_ago).lines
    assert len(empty) == 1
    assert empty[0].startswith(f"Nothing can be compared with {long_ago - DAY}: ")
    record = moved("reputation", "explain", "--from", long_ago, "--json").record
    assert (record["change"], record["parts"], record["persons"]) == (None, [], [])
