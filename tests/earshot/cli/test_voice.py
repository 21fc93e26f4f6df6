from datetime import timedelta

import pytest

from domain.mention import Author, Mention
from tests.conftest import Furnish
from tests.earshot.cli.conftest import NOW, Cli
from tests.earshot.world import mention, store, work

DAY = timedelta(days=1)


@pytest.fixture
def heard(cli: Cli, furnish: Furnish) -> Cli:
    furnish("heard", lambda: fill(cli))
    return cli


def fill(cli: Cli) -> None:
    """40 persons who speak of Acme, ten of them of Globex, too, and one of Globex alone."""
    both = (said(n, "Acme or Globex?" if n < 10 else "Acme is awful") for n in range(40))
    store(cli.app, *both, now=NOW)
    store(cli.app, said(99, "Globex is here"), said(98, "Acme too", source="tiktok"), now=NOW)
    work(cli.app, now=NOW)


def said(n: int, text: str, *, source: str = "x") -> Mention:
    author = Author(str(n), f"p{n}")
    at = NOW - 2 * DAY
    return mention(str(n), f"{text} {n}", author=author, published_at=at, source=source)


def test_the_table_has_a_line_a_side_and_says_what_is_compared(heard: Cli) -> None:
    ran = heard("voice")
    title, head, acme, globex, compared, left_out = ran.lines
    assert title.endswith(": 41 persons")
    assert head.split()[:3] == ["name", "share", "95"]
    assert acme.split()[:2] == ["Acme", "78%"]
    assert acme.split()[-5:] == ["40", "40", "0", "75%", "40"]
    assert globex.split()[:2] == ["Globex", "22%"]
    assert globex.split()[-5:] == ["11", "11", "0", "-", "11"]
    assert compared == "compared: x"
    assert left_out == "left out: tiktok: nothing was imported of Globex"
    assert "before the model's own errors" in ran.err
    assert all(len(line) <= 80 for line in ran.lines)


def test_json_has_every_figure(heard: Cli) -> None:
    found = heard("voice", "--brand", "acme", "--json").record
    acme, globex = found["sides"]
    assert (found["brand"], found["status"], found["persons"]) == ("Acme", "ok", 41)
    assert acme["share"] + globex["share"] == pytest.approx(1)
    assert acme["low"] < acme["share"] < acme["high"]
    assert (acme["negative_share"], acme["scored_persons"]) == (0.75, 40)
    assert (acme["negative_mentions"], acme["scored_mentions"]) == (30, 40)
    assert (globex["negative_share"], globex["persons"], globex["mentions"]) == (None, 11, 11)
    assert found["compared"] == ["x"]
    assert found["left_out"] == [{"source": "tiktok", "reason": "nothing was imported of Globex"}]
    assert found["negative_share_is"] == "before the model's own errors"


def test_another_window_has_other_persons(heard: Cli) -> None:
    assert "0 persons, insufficient: a share takes 30" in heard("voice", "--since", "24h").out
    before = (NOW - 20 * DAY).date()
    assert heard("voice", "--date", before, "--json").record["persons"] == 0
    ran = heard("voice", "--since", "1h", "--date", before, code=2)
    assert f"--since is not before the end of {before}" in ran.err


def test_a_brand_without_competitors_is_told_how_to_have_some(lone: Cli) -> None:
    ran = lone("voice")
    assert (ran.out, ran.err) == (
        "",
        "Acme: no competitor is watched: name some in competitors of its [[brands]]\n",
    )
