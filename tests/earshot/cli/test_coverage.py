import pytest

from domain.clock import iso
from domain.errors import RemoteError
from earshot.core import circuit_breaker
from earshot.pipeline import collect as collecting
from listener.source import Counted, Gap
from tests.earshot.cli.conftest import NOW, MakeCli
from tests.earshot.world import HOUR, Feed, mention, page, with_sources

X = """
[sources.x]
enabled = true
every = "15m"
bearer_token = "env:X_TOKEN"
"""


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X_TOKEN", "canary-bearer")


def test_help_of_coverage_without_a_source_says_what_to_do(make_cli: MakeCli) -> None:
    ran = make_cli("")("coverage")
    assert (ran.code, ran.out) == (0, "")
    assert "no source is enabled" in ran.err


def test_an_unknown_source_is_a_matter_of_usage(make_cli: MakeCli) -> None:
    ran = make_cli(X)("coverage", "--source", "xx", code=2)
    assert "source 'xx' is not enabled" in ran.err
    assert "(enabled: x)" in ran.err


def test_a_source_never_read_was_not_heard(make_cli: MakeCli) -> None:
    ran = make_cli(X)("coverage")
    assert ran.out == (
        "x: new, heard 0 %; new 0, matched 0, fetched 0; passes 0, failed 0; last good pass never\n"
    )


def test_what_a_network_counted_stands_beside_what_came_of_it(make_cli: MakeCli) -> None:
    cli = make_cli(X)
    feed = Feed("x", [page(1, mention("1"), counted=Counted(420, 180))], only_for="Acme")
    collecting.collect(with_sources(cli.app, feed), "x", now=NOW)

    assert "failed 0; it counted 420, 180 of these came; last good pass" in cli("coverage").out
    (told,) = cli("coverage", "--json", "--hours").records
    assert (told["counted"], told["came"]) == (420, 180)
    assert [(hour["counted"], hour["came"]) for hour in told["hours"]] == [(420, 180)]


def test_trouble_of_what_is_done_beside_the_passes_stands_below_its_source(
    make_cli: MakeCli,
) -> None:
    cli = make_cli(X)
    error, settings = RemoteError("x: the stream broke off"), cli.app.config.sources["x"]
    circuit_breaker.failed(cli.app.database, "x (stream)", error, now=NOW, settings=settings)

    assert cli("coverage").lines[1:] == ["  stream: x: the stream broke off"]
    (told,) = cli("coverage", "--json").records
    assert told["troubles"] == {"stream": "x: the stream broke off"}


def test_each_source_has_a_line_with_what_came_and_what_is_lost(make_cli: MakeCli) -> None:
    cli = make_cli(X)
    lost = Gap(NOW - 3 * HOUR, NOW - HOUR, "x: the listing ended")
    posts = [mention("1", published_at=NOW - HOUR), mention("2", published_at=NOW - HOUR)]
    feed = Feed("x", [page(1, *posts, gap=lost)], only_for="Acme")
    collecting.collect(with_sources(cli.app, feed), "x", now=NOW)

    ran = cli("coverage", "--since", "4h", "--hours")

    line, missed, hour = ran.lines
    assert line.startswith("x: new, heard ")
    assert "%; new 2, matched 2, fetched 2; passes 1, failed 0; last good pass " in line
    assert missed == (
        f"  missed {iso(lost.since)} to {iso(lost.until)} (2 h) for Acme: x: the listing ended"
    )
    assert hour.endswith("new 2, matched 2, fetched 2; passes 1, failed 0")

    (told,) = cli("coverage", "--json").records
    assert (told["source"], told["new"], told["expected"], told["hearing"]) == ("x", 2, None, "new")
    assert told["gaps"] == [
        {
            "brand": "Acme",
            "since": iso(lost.since),
            "until": iso(lost.until),
            "reason": "x: the listing ended",
        }
    ]
