from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from domain.mention import Author
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
