import getpass
from dataclasses import replace
from typing import Any

import pytest

from domain.sentiment import Label
from earshot.alerting import triage as triaging
from earshot.pipeline import score as scoring
from storage import deliveries
from tests.earshot.cli.conftest import AWFUL, NOW, Cli, take_in
from tests.earshot.world import said, store


@pytest.fixture
def awful(stocked: Cli) -> int:
    """A negative mention with an open incident."""
    found: int = stocked("mentions", "--json", "--search", "awful").record["id"]
    return found


def test_a_correction_counts_in_every_list(stocked: Cli, awful: int) -> None:
    ran = stocked("correct", awful, "positive", "--by", "kim")

    incident = stocked("alerts", "list", "--json").record["id"]
    assert ran.out == ""
    assert ran.err == (
        f"mention {awful} (Acme) is positive, corrected by kim\n"
        f"incident {incident} is still open: earshot alerts dismiss {incident}\n"
    )
    assert stocked("mentions", "--json", "--sentiment", "negative").records == []
    record = stocked("mentions", "--json", "--search", "awful").record
    said = {name: record["sentiment"][name] for name in (*Label, "model", "corrected_by", "unsure")}
    assert (record["sentiment"]["label"], said) == (
        "positive",
        {"negative": 0, "neutral": 0, "positive": 1, "model": "words@1", "corrected_by": "kim"}
        | {"unsure": False},
    )
    assert record["incident"]["state"] == "open"


def test_the_models_own_word_stays_to_be_seen(stocked: Cli, awful: int) -> None:
    stocked("correct", awful, "neutral", "--by", "kim")

    page = stocked("mention", awful).out
    assert "  tone       neutral, corrected by kim\n" in page
    assert "  model said negative (0.90 negative, 0.06 neutral, 0.04 positive) by words@1" in page
    record = stocked("mention", awful, "--json").record
    assert record["sentiment"]["label"] == "neutral"
    assert record["model_said"]["label"] == "negative"
    assert record["model_said"]["corrected_by"] is None


def test_who_sits_at_the_keyboard_is_named(stocked: Cli, awful: int) -> None:
    stocked("correct", awful, "neutral")

    record = stocked("mention", awful, "--json").record
    assert record["sentiment"]["corrected_by"] == getpass.getuser()


def update(cli: Cli) -> Any:  # noqa: ANN401 - JSON
    """What shall take the place of the one message already sent; it is drawn anew now."""
    with cli.app.database.begin() as db:
        [entry] = [one for one in deliveries.waiting(db) if one.delivery.stale]
        deliveries.store(db, entry, {"state": "sent", "drawn": entry.marks})
    return said(cli.app)[entry.message.key]


def test_the_message_that_was_sent_is_brought_up_to_date_each_time(
    stocked: Cli, awful: int
) -> None:
    stocked("correct", awful, "positive", "--by", "kim")
    assert "positive, corrected by kim" in update(stocked)

    stocked("correct", awful, "neutral", "--by", "ana")
    assert "neutral, corrected by ana" in update(stocked)

    stocked("correct", awful, "--undo", "--by", "kim")
    assert "corrected by" not in update(stocked)


def test_a_closed_incident_shows_the_correction_too_and_remembers_it(
    stocked: Cli, awful: int
) -> None:
    incident = stocked("alerts", "list", "--json").record["id"]
    stocked("alerts", "resolve", incident)
    update(stocked)

    stocked("correct", awful, "positive", "--by", "kim")

    assert "positive, corrected by kim" in update(stocked)
    shown = stocked("alerts", "show", incident).out
    assert f"corrected by kim  mention {awful} is positive\n" in shown


def test_an_undone_correction_leaves_the_models_word(stocked: Cli, awful: int) -> None:
    before = stocked("mention", awful, "--json").record
    stocked("correct", awful, "positive")

    ran = stocked("correct", awful, "--undo")

    assert ran.err == f"mention {awful} (Acme): the model's word counts again\n"
    after = stocked("mention", awful, "--json").record
    assert [one["action"] for one in after.pop("history")][-2:] == ["corrected", "corrected"]
    assert after == {key: value for key, value in before.items() if key != "history"}
    again = stocked("correct", awful, "--undo", code=1)
    assert again.err == f"earshot: mention {awful} has no correction for Acme\n"


def test_a_negative_mention_that_stays_negative_says_nothing_of_its_incident(
    stocked: Cli, awful: int
) -> None:
    assert "incident" not in stocked("correct", awful, "negative").err


def test_a_mention_of_two_brands_needs_to_be_told_which(stocked: Cli) -> None:
    both = stocked("mentions", "--json", "--search", "lovely").records
    mention_id = both[0]["id"]

    ran = stocked("correct", mention_id, "negative", code=2)
    assert ran.err == (
        f"earshot: mention {mention_id} is about Acme and Globex: "
        'add --brand "Acme" or --brand "Globex"\n'
    )
    stocked("correct", mention_id, "negative", "--brand", "globex")

    labels = {
        record["brand"]: record["sentiment"]["label"]
        for record in stocked("mentions", "--json", "--search", "lovely").records
    }
    assert labels == {"Acme": "positive", "Globex": "negative"}


def test_an_old_mention_that_turns_out_negative_opens_nothing(cli: Cli) -> None:
    take_in(cli, replace(AWFUL, text="Acme is lovely"))
    mention_id = cli("mentions", "--json").record["id"]

    cli("correct", mention_id, "negative")
    take_in(cli, replace(AWFUL, external_id="2", text="Acme"))

    assert cli("alerts", "list", "--json").records == []


def test_a_correction_before_the_rules_have_looked_is_what_they_see(cli: Cli) -> None:
    store(cli.app, replace(AWFUL, text="Acme is lovely"), now=NOW)
    scoring.score(cli.app, now=NOW)
    cli("correct", cli("mentions", "--json").record["id"], "negative", "--by", "kim")

    assert triaging.triage(cli.app, now=NOW) == 1

    shown = cli("alerts", "show", cli("alerts", "list", "--json").record["id"]).out
    assert "because negative, corrected by kim" in shown


def test_a_mention_that_is_not_there_is_one_line(cli: Cli) -> None:
    ran = cli("correct", 4711, "positive", code=1)
    assert ran.err == "earshot: there is no mention 4711: see earshot mentions\n"
