from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from domain.errors import RemoteError
from earshot.alerting import delivery
from earshot.alerting.channel_health import channel_failed
from earshot.config.load import load
from earshot.core import circuit_breaker
from earshot.core.app import App
from listener.sources.x.settings import XSettings
from storage import outbox
from storage.tables import IncidentRow
from tests.alerts.slack_double import APP_TOKEN, TOKEN, SlackDouble
from tests.earshot.cli.conftest import Cli, MakeCli, on_its_own
from tests.earshot.world import Clock, live, mention, with_words
from tests.net.replay import Answer, serve

POLICY = {
    *(
        "source",
        "may_link",
        "bases",
        "may_score",
        "may_reply",
        "may_derive",
        "keep_authors",
        "may_export",
    ),
    *("retention", "delete_within", "sunset"),
    *("reason", "reference", "read_on"),
}


# --- check-config ------------------------------------------------------------------------------


def test_a_good_configuration_is_summed_up(lone: Cli) -> None:
    ran = lone("check-config")

    assert ran.lines[0] == f"{lone.config}: all good"
    assert "brands    Acme" in ran.out
    assert "none enabled: mentions come by earshot import" in ran.out
    assert "0 rules, to the console: set bot_token and channel in [alerts.slack]" in ran.out


def test_own_accounts_are_shown_as_they_were_understood(lone: Cli, tmp_path: Path) -> None:
    cli = on_its_own(lone, tmp_path, "sqlite:///x.db", "")
    written = ["x:1000", "x:handle:1000", "twitter:acme_help", "appstore:1234567890"]
    text = cli.config.read_text("utf-8")
    cli.config.write_text(
        text.replace('query = "acme"', f'query = "acme"\nown_accounts = {written}')
    )
    told = [line for line in cli("check-config").lines if line.startswith("  own ")]
    assert told == [
        "  own       Acme: x:1000 is the id 1000 on X",
        "  own       Acme: x:handle:1000 is the handle 1000 on X",
        "  own       Acme: twitter:acme_help is the handle acme_help on X",
        "  own       Acme: appstore:1234567890 is the account 1234567890 on App Store",
    ]


def test_a_source_that_cannot_search_for_a_brand_is_told(lone: Cli, tmp_path: Path) -> None:
    cli = on_its_own(lone, tmp_path, "sqlite:///x.db", "[sources.hackernews]\nenabled = true\n")
    assert "left out" not in cli("check-config").out
    emoji = cli.config.read_text("utf-8").replace('"acme"', '"☕"')
    cli.config.write_text(emoji, "utf-8")

    ran = cli("check-config")

    told = "sources.hackernews: Acme: query '☕': Hacker News finds whole words only"
    assert f"  left out  {told}" in ran.out

    cli.config.write_text(emoji.replace('"☕"', "'acme OR ☕'"), "utf-8")
    told = 'sources.hackernews: Acme: what has only "☕" is not found there'
    assert f"  left out  {told}" in cli("check-config").out


def test_every_problem_is_a_line_on_stderr_and_exit_2(make_cli: MakeCli, tmp_path: Path) -> None:
    cli = on_its_own(make_cli(""), tmp_path, "sqlite:///:memory:", '[digest]\nat = "8"\nto = 1\n')

    ran = cli("check-config", code=2)

    assert ran.out == ""
    assert sorted(ran.err.splitlines()) == [
        f"earshot: {cli.config}: database: names no file: write sqlite:///var/earshot.db",
        f"earshot: {cli.config}: digest.at: is not a time of day: write for example 08:00",
        f"earshot: {cli.config}: digest.to: unknown key (known here: at)",
    ]


def test_no_secret_is_shown(lone: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "xoxb-CANARY")
    other = on_its_own(
        lone,
        tmp_path,
        "postgresql+psycopg://me:CANARY@localhost/earshot?password=CANARY",
        '[alerts.slack]\nbot_token = "env:TOKEN"\nchannel = "C1"\n',
    )

    ran = other("check-config")

    assert "postgresql+psycopg://me:***@localhost/earshot" in ran.out
    assert ran.out.endswith("0 rules, to Slack\n")
    assert "CANARY" not in ran.out + ran.err


@pytest.mark.parametrize(
    "command",
    [["check-config"], ["doctor"], ["mentions"], ["run", "--once"], ["db", "check"], ["score"]],
)
def test_no_command_starts_with_a_bad_configuration(
    lone: Cli, tmp_path: Path, command: list[str]
) -> None:
    other = on_its_own(lone, tmp_path, "sqlite:///:memory:")

    ran = other(*command, code=2)

    assert (ran.out, ran.err.count("\n")) == ("", 1)


def test_a_missing_configuration_says_how_to_name_one(lone: Cli, tmp_path: Path) -> None:
    ran = Cli(tmp_path / "nowhere.toml", lone.app)("mentions", code=2)

    assert ran.err.startswith(f"earshot: there is no {tmp_path / 'nowhere.toml'}: name one with")


def test_what_needs_no_configuration_works_without_one(lone: Cli, tmp_path: Path) -> None:
    assert Cli(tmp_path / "nowhere.toml", lone.app)("policy", "show", "x").out


def test_a_folder_is_no_database(lone: Cli, tmp_path: Path) -> None:
    ran = on_its_own(lone, tmp_path, f"sqlite:///{tmp_path}")("mentions", code=2)

    assert ran.err.endswith(
        f"database: {tmp_path} is a directory: name a file in it, such as earshot.db\n"
    )


# --- doctor ------------------------------------------------------------------------------------


def test_when_all_is_well_every_part_says_so(lone: Cli) -> None:
    ran = lone("doctor")

    assert [line.split()[:2] for line in ran.lines] == [
        ["ok", "database:"],
        ["ok", "model:"],
        ["ok", "alerts:"],
        ["ok", "backlog:"],
    ]
    assert ran.err == ""


def test_old_trouble_of_what_is_switched_off_now_is_none(lone: Cli) -> None:
    for name in ("x", "x (deletions)", "slack"):
        error = RemoteError(f"{name}: out of order")
        circuit_breaker.failed(
            lone.app.database, name, error, now=datetime.now(UTC), settings=XSettings()
        )

    assert "out of order" not in lone("doctor").out


def test_a_source_and_a_channel_that_do_not_answer_are_a_line_each(
    make_cli: MakeCli, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "xoxb-CANARY")
    at = f"http://127.0.0.1:{port}"
    cli = make_cli(
        f"""
        [sources.x]
        enabled = true
        bearer_token = "env:TOKEN"
        base_url = "{at}"

        [sources.reddit]
        enabled = true
        client_id = "id"
        client_secret = "env:TOKEN"
        base_url = "{at}"

        [alerts.slack]
        bot_token = "env:TOKEN"
        channel = "C1"
        base_url = "{at}/api/"
        """
    )

    ran = cli("doctor", code=1)

    assert [line.split()[:2] for line in ran.lines] == [
        ["ok", "database:"],
        ["ok", "model:"],
        ["FAIL", "x:"],
        ["FAIL", "reddit:"],
        ["FAIL", "alerts:"],
        ["ok", "slack"],
        ["ok", "backlog:"],
    ]
    assert "CANARY" not in ran.out + ran.err


def test_says_what_is_left_of_a_budget_and_of_a_networks_days(
    make_cli: MakeCli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "invented")
    token = {"access_token": "invented", "token_type": "bearer", "expires_in": 3600, "scope": "*"}
    nothing = {"meta": {}, "hits": [], "data": {"children": []}}
    with serve() as server:
        server.by_query = lambda asked: Answer(token if "access_token" in asked.path else nothing)
        at = f'enabled = true\nbase_url = "{server.url}"'
        cli = make_cli(
            f"""
            [sources.x]
            bearer_token = "env:TOKEN"
            monthly_budget = 20
            {at}
            [sources.reddit]
            client_id = "id"
            client_secret = "env:TOKEN"
            {at}
            [sources.hackernews]
            {at}
            """
        )
        x, reddit, hackernews = cli("doctor").lines[2:5]

    days = (date(2027, 3, 1) - datetime.now(UTC).date()).days
    closes = f"closes 2027-03-01, in {days} days" if days > 0 else "was to close on 2027-03-01"
    assert "; USD 20.00 of USD 20.00 left until " in x
    assert "recorded" not in x
    assert reddit.endswith(f"the key is accepted; {closes}")
    assert hackernews.endswith("; documented, not recorded")


def test_a_file_that_is_no_database_fails(lone: Cli, tmp_path: Path) -> None:
    file = tmp_path / "notes.db"
    file.write_text("Buy milk. " * 100, encoding="utf-8")
    other = on_its_own(lone, tmp_path, f"sqlite:///{file}")

    ran = other("doctor", code=1)

    told = f"FAIL  database: database sqlite:///{file}: file is not a database; see `database` in "
    assert ran.lines[0].startswith(told)
    assert ran.lines[1].startswith("ok    model: ")
    assert other("mentions", code=1).err == (
        f"earshot: database sqlite:///{file}: file is not a database\n"
    )


def test_a_server_that_does_not_answer_fails(lone: Cli, port: int, tmp_path: Path) -> None:
    url = f"postgresql+psycopg://me:CANARY@127.0.0.1:{port}/earshot"
    other = on_its_own(lone, tmp_path, url)

    ran = other("doctor", code=1)

    assert ran.lines[0].startswith("FAIL  database: database postgresql+psycopg://me:***@127.0.0.1")
    assert "CANARY" not in ran.out + ran.err
    assert [line.split()[:2] for line in ran.lines] == [
        ["FAIL", "database:"],
        ["ok", "model:"],
        ["ok", "alerts:"],
    ]


def test_a_model_that_is_not_there_fails(lone: Cli, tmp_path: Path) -> None:
    model = "[sentiment]\nmodel = '/nowhere/model'\n"
    other = on_its_own(lone, tmp_path, f"sqlite:///{tmp_path}/own.db", model)

    ran = other("doctor", code=1)

    assert ran.lines[1].startswith("FAIL  model: model /nowhere/model: there is no such folder")


# --- Slack and its pauses ----------------------------------------------------------------------


@pytest.fixture
def slack() -> Iterator[SlackDouble]:
    with SlackDouble() as double:
        yield double


@pytest.fixture
def slack_cli(make_cli: MakeCli, slack: SlackDouble, monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.setenv("TOKEN", TOKEN)
    return make_cli(
        f"""
        [alerts.slack]
        bot_token = "env:TOKEN"
        channel = "C0ALERTS"
        base_url = "{slack.url}"
        """
    )


@pytest.fixture
def worker(slack_cli: Cli) -> Iterator[App]:
    """What `earshot run` would make of the same configuration."""
    app = with_words(App(load(slack_cli.config)))
    yield app
    app.close()


def alerts_line(cli: Cli, *options: str, code: int = 0) -> str:
    ran = cli("doctor", *options, code=code)
    [line] = [one for one in ran.lines if " alerts: " in one]
    return line


def test_a_channel_that_can_be_read_and_written_is_well(slack_cli: Cli) -> None:
    assert alerts_line(slack_cli).startswith("ok    alerts: slack: posts as earshot in Acme Ltd")


@pytest.mark.parametrize(
    ("code", "method"),
    [
        ("is_archived", "conversations.history"),
        ("channel_not_found", "conversations.history"),
        ("not_in_channel", "conversations.history"),
        ("missing_scope", "conversations.history"),
        ("is_inactive", "chat.update"),
        ("restricted_action_read_only_channel", "chat.update"),
        ("invalid_auth", "auth.test"),
    ],
)
def test_a_channel_that_is_not_open_to_us_fails_and_says_why(
    slack_cli: Cli, slack: SlackDouble, code: str, method: str
) -> None:
    slack.fail_next(code, method=method)
    line = alerts_line(slack_cli, code=1)
    assert line.startswith("FAIL  alerts: ")
    assert f"{method} says {code}: " in line
    assert slack.messages == []


def buttons_line(cli: Cli, code: int = 0) -> str:
    [line] = [one for one in cli("doctor", code=code).lines if " slack buttons: " in one]
    return line


def test_without_a_way_in_for_presses_it_says_what_to_set(slack_cli: Cli) -> None:
    line = buttons_line(slack_cli)
    assert line.startswith("ok    slack buttons: nobody can press a button: set [alerts.slack] ")
    assert "app_token for Socket Mode, or signing_secret for signed HTTP" in line


@pytest.fixture
def pressed_cli(
    make_cli: MakeCli, slack: SlackDouble, port: int, monkeypatch: pytest.MonkeyPatch
) -> Cli:
    for name, value in (("TOKEN", TOKEN), ("APP", APP_TOKEN), ("SIGNING", "canarySecret")):
        monkeypatch.setenv(name, value)
    return make_cli(
        f"""
        [alerts.slack]
        bot_token = "env:TOKEN"
        app_token = "env:APP"
        signing_secret = "env:SIGNING"
        channel = "C0ALERTS"
        base_url = "{slack.url}"

        [intake.webhook]
        listen = "127.0.0.1:{port}"
        """
    )


def test_ways_in_for_presses_are_tried(pressed_cli: Cli, slack: SlackDouble, port: int) -> None:
    slack.socket_url = "wss://slack.example/canary"
    line = buttons_line(pressed_cli)
    assert line == (
        "ok    slack buttons: Socket Mode answers; earshot run keeps it up; signing_secret is set; "
        f"127.0.0.1:{port} is free; earshot run takes presses at http://127.0.0.1:{port}/slack"
    )
    assert [call.token for call in slack.calls if call.method.startswith("apps.")] == [APP_TOKEN]


def test_a_socket_mode_that_refuses_the_token_fails_with_what_to_do(
    pressed_cli: Cli, slack: SlackDouble
) -> None:
    slack.fail_next("not_allowed_token_type", method="apps.connections.open")
    line = buttons_line(pressed_cli, code=1)
    assert line.startswith("FAIL  slack buttons: slack: apps.connections.open says not_allowed_")
    assert "app-level xapp- token with connections:write" in line
    assert APP_TOKEN not in line


def test_a_pause_that_slack_asked_for_is_told_kept_and_ended_only_on_demand(
    slack_cli: Cli, slack: SlackDouble, worker: App
) -> None:
    asked = RemoteError("slack: asked to wait", retry_after=timedelta(hours=1))
    channel_failed(worker, asked, now=datetime.now(UTC))
    for _ in range(2):
        line = alerts_line(slack_cli, code=1)
        assert line.startswith("FAIL  alerts: slack: asked to wait; it waits until ")
    assert slack.calls == [], "who asked us to wait is not asked"

    assert "on again" not in alerts_line(slack_cli, "--retry")
    assert alerts_line(slack_cli).startswith("ok ")


def test_a_refusal_stays_one_until_somebody_says_that_it_is_mended(
    slack_cli: Cli, worker: App
) -> None:
    refused = RemoteError("slack: is_archived: unarchive it", permanent=True)
    channel_failed(worker, refused, now=datetime.now(UTC))
    for _ in range(2):
        line = alerts_line(slack_cli, code=1)
        assert line.startswith("FAIL  alerts: slack: is_archived: unarchive it; nothing is sent ")
        assert "earshot doctor --retry" in line
    assert alerts_line(slack_cli, "--retry").endswith("; it was off and is on again")
    assert alerts_line(slack_cli).startswith("ok ")


def test_a_source_that_is_well_again_is_left_alone_as_long_as_it_was_to_be(
    make_cli: MakeCli,
) -> None:
    with serve() as server:
        server.by_query = lambda _: Answer({"hits": []})
        cli = make_cli(f"[sources.hackernews]\nenabled = true\nbase_url = '{server.url}'")
        wait = RemoteError("hackernews: wait", retry_after=timedelta(hours=1))
        settings = cli.app.config.sources["hackernews"]
        circuit_breaker.failed(
            cli.app.database, "hackernews", wait, now=datetime.now(UTC), settings=settings
        )
        line = next(one for one in cli("doctor", code=1).lines if " hackernews: " in one)
        assert "it is left alone until " in line
        cli("doctor", "--retry")
        line = next(one for one in cli("doctor").lines if " hackernews: " in one)
        assert "left alone" not in line


def test_what_slack_refuses_without_a_known_reason_makes_doctor_fail(
    slack_cli: Cli, slack: SlackDouble, worker: App, capsys: pytest.CaptureFixture[str]
) -> None:
    at = datetime.now(UTC)
    live(worker, mention("1", published_at=at), now=at)
    slack.fail_next("kettle_not_ready", times=9, method="chat.postMessage")
    clock = Clock(at)
    for _ in range(3):
        delivery.notify_until_quiet(worker, clock=clock, wait=clock.wait)
        clock.at += timedelta(seconds=20)
    assert capsys.readouterr().out.count("Acme is awful") == 1
    ran = slack_cli("doctor", code=1)
    assert "kettle_not_ready" in ran.out


def test_words_that_stand_in_slack_and_a_deleted_root_are_told(
    slack_cli: Cli, slack: SlackDouble, worker: App
) -> None:
    at = datetime.now(UTC)
    live(worker, *(mention(n, published_at=at) for n in ("1", "2")), now=at)
    clock = Clock(at)
    delivery.notify_until_quiet(worker, clock=clock, wait=clock.wait)
    first, second = (f"C0ALERTS/{one['ts']}" for one in slack.roots)
    slack.by_hand(second)
    slack.fail_next("edit_window_closed", times=3, method="chat.update")
    slack.fail_next("cant_delete_message", times=3, method="chat.delete")
    with worker.database.begin() as session:
        closed = update(IncidentRow).where(IncidentRow.id == 1).values(state="dismissed")
        session.execute(closed)
        outbox.withdrawn(session, [1], now=clock())
    delivery.notify_until_quiet(worker, clock=clock, wait=clock.wait)
    told = next(one for one in slack_cli("doctor", code=1).lines if " backlog: " in one)
    assert "words that were taken back" in told
    assert first in told

    slack.recover()
    slack.by_hand(first)
    with worker.database.begin() as session:
        outbox.changed(session, 2, now=clock())
    clock.at += timedelta(minutes=1)
    delivery.notify_until_quiet(worker, clock=clock, wait=clock.wait)
    told = next(one for one in slack_cli("doctor").lines if " backlog: " in one)
    assert told.endswith("first message was deleted in the channel: incidents 2")
    shown = slack_cli("alerts", "show", "2").out
    assert "removed" in shown
    assert "a person deleted it in Slack" in shown


# --- policy and demo ---------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["x", "reddit", "Twitter", "some-forum"])
def test_what_a_network_allows(lone: Cli, source: str) -> None:
    record = lone("policy", "show", source, "--json").record
    shown = lone("policy", "show", source).out

    assert set(record) == POLICY
    assert f"may link       {'yes' if record['may_link'] else 'no'}: " in shown
    assert record["reference"] in shown
    assert all(f"{basis} (" in shown for basis in record["bases"])
    assert ("a score only proposes one to a person" in shown) is record["may_link"]


def test_a_demo_that_cannot_be_written_is_one_line(lone: Cli, tmp_path: Path) -> None:
    file = tmp_path / "taken"
    file.write_text("", encoding="utf-8")

    ran = lone("demo", "--out", file, code=1)

    assert f"earshot: the results cannot be written to {file}: File exists\n" in ran.err
