"""`mute add`, `mute list` and `mute remove`, and what other commands say of a mute."""

import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from alerts.notifier import ConsoleNotifier
from earshot.alerting import delivery
from earshot.core.app import App
from storage import deletions
from tests.earshot.cli.conftest import ANA, AWFUL, NOW, Cli, take_in
from tests.earshot.world import mention

MORE = replace(AWFUL, external_id="1850", conversation_id="1850", text="Acme, awful again")


def add(cli: Cli, *what: object, code: int = 0) -> str:
    return cli("mute", "add", *what, "--for", "24h", "--reason", "a joke", code=code).err


def told(cli: Cli) -> str:
    """What the channel hears now."""
    heard = io.StringIO()
    app = App(cli.app.config, notifier=ConsoleNotifier(heard))
    delivery.notify(app, clock=lambda: datetime.now(UTC), wait=lambda _: None)
    app.close()
    return heard.getvalue()


@pytest.mark.parametrize(
    ("what", "named"),
    [
        (("--source", "Twitter"), "source x"),
        (("--author", "x:ana"), "author x:ana"),
        (("--author", "x:99"), "author x:ana"),
        (("--rule", "negative"), "rule negative"),
        (("--rule", "deaf"), "rule deaf"),
        (("--story", 1), "story 1"),
        (("--query", "awful -kettle"), "query awful -kettle"),
    ],
)
def test_each_thing_can_be_muted(stocked: Cli, what: tuple[object, ...], named: str) -> None:
    assert add(stocked, *what).startswith(f"mute 1: {named} until ")
    (line,) = stocked("mute", "list").lines
    assert f"0 kept quiet  {named}  by " in line
    assert line.endswith(": a joke")


def test_a_muted_incident_is_open_and_says_why_nobody_heard_of_it(stocked: Cli) -> None:
    add(stocked, "--author", "x:ana", "--brand", "acme", "--by", "kim")
    take_in(stocked, MORE)

    opened = stocked("alerts", "list", "--open", "--json").records
    assert [one["id"] for one in opened] == [1, 2]
    shown = stocked("alerts", "show", 2).out
    record = stocked("mute", "list", "--json").record
    assert f"not told in the channel: muted by kim until {record['until']}: a joke" in shown
    assert (record["what"], record["brand"], record["kept_quiet"]) == ("author", "Acme", 1)
    assert record["holds"] is True
    assert "0 messages wait; 1 are kept quiet" in stocked("doctor").out
    digest = stocked("digest").out
    assert "Muted: an author on x until " in " ".join(digest.split())
    assert "1 incident kept quiet, by kim: a joke" in " ".join(digest.split())


def test_a_mute_that_is_removed_lets_it_be_told(stocked: Cli) -> None:
    add(stocked, "--author", "x:ana")
    take_in(stocked, MORE)
    assert told(stocked) == ""

    ran = stocked("mute", "remove", 1)
    assert ran.err == "mute 1 has ended: author x:ana\n"
    assert "awful again" in told(stocked)
    assert stocked("mute", "list", "--json").record["holds"] is False
    again = stocked("mute", "remove", 1, code=1)
    assert again.err == "earshot: mute 1 has ended already: see earshot mute list\n"


def test_nothing_in_it_names_an_author(stocked: Cli) -> None:
    add(stocked, "--author", "x:ana")
    record = stocked("mute", "list", "--json").record
    assert "ana" not in record["value"]
    assert record["value"].startswith("x:sealed-")


@pytest.mark.parametrize(
    ("what", "code", "problem"),
    [
        ((), 2, "say what to mute: one of --source"),
        (("--source", "x", "--rule", "negative"), 2, "say what to mute: one of --source"),
        (("--source", " "), 2, "--source names none"),
        (("--author", "ana"), 2, "write the author as SOURCE:ID or SOURCE:HANDLE"),
        (("--author", "x:nobody"), 1, "no mention by x:nobody is stored"),
        (("--rule", "unheard"), 2, "there is no rule 'unheard': the rules are "),
        (("--story", 99), 1, "there is no mention 99"),
        (("--query", "(("), 2, "query '((': "),
        (("--source", "x", "--brand", "Unknown"), 2, "there is no brand 'Unknown'"),
        (("--source", "x", "--by", " "), 2, "a mute needs somebody who says so, and a reason"),
    ],
)
def test_what_cannot_be_muted_is_told(
    stocked: Cli, what: tuple[object, ...], code: int, problem: str
) -> None:
    assert problem in add(stocked, *what, code=code)
    assert stocked("mute", "list").out == ""


def test_a_mute_has_an_end(stocked: Cli) -> None:
    args = ("mute", "add", "--source", "x", "--reason", "a joke", "--for")
    assert "longer than a year" in stocked(*args, "400d", code=2).err
    assert "is not a duration" in stocked(*args, "ever", code=2).err
    assert "there is no mute 7" in stocked("mute", "remove", 7, code=1).err


def forget(cli: Cli, external_id: str) -> None:
    """As when its network says that the post was deleted."""
    found = cli("mentions", "--json", "--since", "24h").records
    mention_ids = [one["id"] for one in found if one["external_id"] == external_id]
    with cli.app.database.begin() as session:
        deletions.purge(session, mention_ids, now=NOW)


def test_an_author_who_is_forgotten_is_not_named_and_stays_muted(stocked: Cli) -> None:
    writer = replace(ANA, id="777", handle="gone_soon")
    take_in(stocked, mention("7001", "Acme, awful", author=writer, published_at=NOW))
    add(stocked, "--author", "x:gone_soon")
    forget(stocked, "7001")

    (record,) = stocked("mute", "list", "--json").records
    assert record["name"] == "an author on x"
    assert "gone_soon" not in str(record)
    take_in(stocked, mention("7002", "Acme, so awful", author=writer, published_at=NOW))
    assert "awful" not in told(stocked)
