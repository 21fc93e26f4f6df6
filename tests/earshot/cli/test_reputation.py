from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from domain.clock import iso
from domain.mention import Author
from earshot.reporting import publishing
from storage import snapshots
from storage.snapshots import Snapshot
from tests.conftest import Furnish
from tests.earshot.cli.conftest import AWFUL, NOW, Cli, MakeCli, take_in

# The contract, word for word; more keys stand beside.
REPUTATION = {
    *("brand", "date", "score", "low", "high", "n_authors", "n_persons", "status", "parts"),
    *("formula", "model", "sources", "revision", "marks", "without_author"),
}
PART = {"name", "value", "low", "high", "weight", "contribution", "n"}
NPS = {
    *("brand", "date", "value", "low", "high", "n_authors"),
    *("promoters", "passives", "detractors", "status", "calibration"),
}


@pytest.fixture
def loud(cli: Cli, furnish: Furnish) -> Cli:
    """Forty authors, one in four displeased, three days ago."""
    posts = [
        replace(
            AWFUL,
            external_id=str(number),
            conversation_id=str(number),
            text=f"Acme number {number} is {'awful' if number % 4 == 0 else 'lovely'}",
            author=Author(id=str(number), handle=f"a{number}"),
            published_at=NOW - timedelta(days=3),
        )
        for number in range(40)
    ]
    furnish("loud", lambda: take_in(cli, *posts))
    return cli


def test_a_score_that_cannot_be_trusted_is_not_shown(stocked: Cli) -> None:
    record = stocked("reputation", "--json").record

    assert set(record) >= REPUTATION
    assert all(set(part) >= PART for part in record["parts"])
    assert (record["status"], record["score"]) == ("insufficient", None)
    assert (record["low"], record["high"]) == (None, None)
    assert "insufficient (" in stocked("reputation").out
    assert "NPS proxy insufficient (" in stocked("nps").out
    assert stocked("nps", "--json").record["value"] is None


def test_a_score_comes_with_its_interval_and_parts_that_add_up(loud: Cli) -> None:
    record = loud("reputation", "--json", "--brand", "ACME").record

    assert set(record) >= REPUTATION
    assert (record["status"], record["n_authors"]) == ("ok", 40)
    assert record["low"] <= record["score"] <= record["high"]
    parts = [part["contribution"] for part in record["parts"]]
    assert sum(parts) == pytest.approx(record["score"], abs=0.02)
    shown = loud("reputation").out
    assert f"{record['score']:.1f} of 100 (" in shown
    assert "sentiment" in shown


# --- what was published -------------------------------------------------------------------------


# In the zone of BASIC. A run may go on beyond midnight, so commands are told the day.
TODAY = NOW.astimezone(ZoneInfo("Europe/Madrid")).date()
YESTERDAY = TODAY - timedelta(days=1)
SHOWN = ("reputation", "--date", YESTERDAY)
HISTORY = ("reputation", "history", "--until", YESTERDAY)


def publish(cli: Cli) -> None:
    publishing.publish_due(cli.app, at=NOW)


def dismiss_all(cli: Cli) -> int:
    """Dismiss what is open; how many that is."""
    found = [str(one["id"]) for one in cli("alerts", "list", "--open", "--json").records]
    cli("alerts", "dismiss", *found)
    return len(found)


def test_what_is_not_published_is_computed_and_says_so(loud: Cli) -> None:
    record = loud(*SHOWN, "--json").record
    assert record["revision"] is None
    assert record["marks"][0].startswith("not final: ")
    assert record["answer_yardstick"] == "24h"
    assert "not final: " in loud(*SHOWN).out
    ahead = loud("reputation", "--date", TODAY + timedelta(days=2)).out
    assert "not final: the day is not over" in ahead
    ran = loud(*HISTORY)
    assert ran.out == ""
    assert "Acme: no day from " in ran.err


def test_a_published_day_is_shown_as_it_was_published(loud: Cli) -> None:
    before = loud(*SHOWN, "--json").record
    publish(loud)
    record = loud(*SHOWN, "--json").record
    assert (record["revision"], record["marks"]) == (1, [])
    assert record["score"] == before["score"]

    dismiss_all(loud)
    assert loud(*SHOWN, "--json").record == record, "until it is revised"
    assert "published " not in loud(*SHOWN).out


def test_a_revised_day_says_what_it_was_what_it_is_and_why(loud: Cli) -> None:
    publish(loud)
    first = loud(*SHOWN, "--json").record
    count = dismiss_all(loud)
    publish(loud)

    now = loud(*SHOWN, "--json").record
    assert (count, now["revision"]) == (10, 2)
    told = f"published {first['score']:.1f}, now {now['score']:.1f}: 10 incidents dismissed"
    assert told in loud(*SHOWN).out
    lines = loud(*HISTORY).lines
    assert lines[0] == f"Acme {YESTERDAY}: {told}"
    assert lines[1].startswith(f"  1. {first['score']:.1f} (")
    assert lines[2].startswith(f"  2. {now['score']:.1f} (")
    assert lines[2].endswith(": 10 incidents dismissed")

    day = loud(*HISTORY, "--json").record
    assert (day["brand"], day["date"], day["revision"]) == ("Acme", str(YESTERDAY), 2)
    assert [one["score"] for one in day["revisions"]] == [first["score"], now["score"]]
    assert [one["reason"] for one in day["revisions"]] == ["", "10 incidents dismissed"]
    assert {one["computed_at"] for one in day["revisions"]} == {iso(NOW)}
    assert all(one["marks"] == [] for one in day["revisions"])


def test_history_shows_the_days_that_are_asked_for(loud: Cli) -> None:
    for days in (0, 1):
        publishing.publish_due(loud.app, at=NOW + timedelta(days=days))

    def days_of(*options: object) -> list[str]:
        return [one["date"] for one in loud("reputation", "history", "--json", *options).records]

    assert days_of("--until", YESTERDAY) == [str(YESTERDAY)]
    assert days_of("--until", TODAY) == [str(YESTERDAY), str(TODAY)]
    assert days_of("--since", TODAY, "--until", TODAY) == [str(TODAY)]
    wrong = ("reputation", "history", "--since", TODAY, "--until", YESTERDAY)
    assert "change them over" in loud(*wrong, code=2).err


def test_what_stands_beside_the_score(loud: Cli) -> None:
    posted = NOW - timedelta(days=3)
    nobody = [
        replace(AWFUL, external_id=f"n{n}", conversation_id=f"n{n}", author=None, text=text)
        for n, text in enumerate(["Acme is awful", "Acme is lovely", "Acme is fine", "Acme"])
    ]
    newcomer = Author("new", "new", followers=1234, created_at=posted - timedelta(days=2))
    young = replace(AWFUL, external_id="young", author=newcomer, text="Acme is awful, too")
    take_in(loud, *(replace(one, published_at=posted) for one in (*nobody, young)))
    shown = loud(*SHOWN).out
    assert "4 posts without author, 25 % negative\n" in shown
    assert "1 person (2 %) with accounts younger than 30 days: they move the score by -" in shown
    assert "negative voices reach 1,234 followers\n" in shown
    assert ", before the model's own errors)" in shown
    assert loud(*SHOWN, "--json").record["without_author"] == {"n": 4, "negative": 1}


def test_a_score_of_the_former_formula_is_still_shown(cli: Cli) -> None:
    payload = {
        "brand": "Acme",
        "date": str(YESTERDAY),
        "score": 61.3,
        "low": 59.2,
        "high": 63.2,
        "n_authors": 412,
        "status": "ok",
        "formula": "ORS-v1",
        "parts": [
            {"name": "calm", "value": 90.0, "weight": 0.1, "contribution": 9.0, "n": 28, "note": ""}
        ],
    }
    former = Snapshot(*("Acme", YESTERDAY, "reputation", "UTC", "ORS-v1", payload, ""))
    with cli.app.database.begin() as session:
        snapshots.publish(session, former, now=NOW)
    record = cli(*SHOWN, "--json").record
    assert set(record) >= REPUTATION
    assert (record["formula"], record["n_authors"], record["n_persons"]) == ("ORS-v1", 412, 0)
    assert "61.3 of 100 (59.2 to 63.2, 412 authors, ORS-v1" in cli(*SHOWN).out
    assert "61.3 (59.2 to 63.2), 412 authors, ORS-v1, " in cli(*HISTORY).out


def test_the_nps_proxy_is_never_called_nps(loud: Cli) -> None:
    record = loud("nps", "--json").record

    assert set(record) >= NPS
    assert record["low"] <= record["value"] <= record["high"]
    assert record["promoters"] + record["passives"] + record["detractors"] == record["n_authors"]
    assert "NPS proxy" in loud("nps").out
    assert "uncalibrated" in loud("nps").out


def test_an_unknown_brand_is_a_wrong_call(cli: Cli) -> None:
    for command in ("reputation", "nps", "digest"):
        assert "there is no brand 'X'" in cli(command, "--brand", "X", code=2).err


# --- digest ------------------------------------------------------------------------------------


def test_the_digest_as_text(loud: Cli) -> None:
    ran = loud("digest")

    assert "Acme" in ran.out
    assert "40" in ran.out
    assert ran.err == ""


def test_the_digest_as_a_file(loud: Cli, tmp_path: Path) -> None:
    file = tmp_path / "digest.html"

    ran = loud("digest", "--html", file, "--date", NOW.date())

    assert (ran.out, ran.err) == ("", f"wrote {file}\n")
    assert file.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_the_digest_leads_to_the_servers_that_are_configured(
    make_cli: MakeCli, tmp_path: Path
) -> None:
    cli = make_cli('[sources.discourse]\nservers = ["https://forum.example.org"]')
    url, file = "https://forum.example.org/t/5/3", tmp_path / "digest.html"
    take_in(cli, replace(AWFUL, source="discourse", url=url))

    assert url in cli("digest").out
    cli("digest", "--html", file)
    assert f'href="{url}"' in file.read_text(encoding="utf-8")


def test_a_file_that_cannot_be_written_is_one_line(cli: Cli, tmp_path: Path) -> None:
    ran = cli("digest", "--html", tmp_path / "nowhere" / "digest.html", code=1)

    assert ran.err.endswith("digest.html cannot be written: No such file or directory\n")
    assert ran.err.count("\n") == 1


def test_one_file_holds_one_brand(make_cli: MakeCli, tmp_path: Path) -> None:
    cli = make_cli('[[brands]]\nname = "Globex"\nquery = "globex"')

    assert "choose it with --brand" in cli("digest", "--html", tmp_path / "d.html", code=2).err
    cli("digest", "--html", tmp_path / "d.html", "--brand", "globex")


def test_the_digest_is_sent_where_alerts_go(loud: Cli) -> None:
    ran = loud("digest", "--send")

    assert "Acme" in ran.out
    assert ran.err == "sent the digest of Acme to console\n"


def test_a_channel_that_does_not_answer_is_one_line(
    make_cli: MakeCli, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "xoxb-CANARY")
    cli = make_cli(
        f"""
        [alerts.slack]
        bot_token = "env:TOKEN"
        channel = "C1"
        base_url = "http://127.0.0.1:{port}/api/"
        """
    )

    ran = cli("digest", "--send", code=1)

    assert ran.out == ""
    assert ran.err.startswith("earshot: slack: ")
    assert ran.err.count("\n") == 1
    assert "CANARY" not in ran.err
