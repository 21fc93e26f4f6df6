"""From a signed request to a stored mention, and what doctor says of the port."""

import http.client
import json
import socket
import threading
import time
from contextlib import closing
from http import HTTPStatus

import pytest
from sqlalchemy import select

from domain.clock import iso
from domain.errors import ConfigError, EarshotError
from earshot.core.app import App
from earshot.pipeline import webhook
from earshot.service import scheduler
from listener.settings import WebhookSettings
from net.signed import signature
from storage.tables import MentionBrandRow, MentionRow
from tests.conftest import MakeApp
from tests.earshot.world import NOW, with_words

SECRET = "canarySecret7f3a-and-more"


def row(number: int = 1, **changed: object) -> dict[str, object]:
    return {
        "source": "forum",
        "external_id": str(number),
        "text": "Acme is awful",
        "published_at": iso(NOW),
        "author": {"handle": "ana"},
        **changed,
    }


def lines(*rows: object) -> bytes:
    return b"\n".join(json.dumps(one).encode() for one in rows)


def stored(app: App) -> list[tuple[str, str]]:
    with app.database.read() as session:
        found = session.execute(
            select(MentionRow.external_id, MentionBrandRow.brand)
            .join(MentionBrandRow, MentionBrandRow.mention_id == MentionRow.id)
            .order_by(MentionRow.external_id)
        )
        return [(external_id, brand) for external_id, brand in found]


def test_one_mention_may_span_lines(make_app: MakeApp) -> None:
    app = make_app().app
    answer = webhook.take(app, json.dumps(row(), indent=2).encode(), now=NOW)
    assert answer.status is HTTPStatus.ACCEPTED
    assert answer.body == {
        "read": 1,
        "new": 1,
        "known": 0,
        "name_no_brand": 0,
        "bad": 0,
        "problems": [],
        "notices": [],
    }
    assert stored(app) == [("1", "Acme")]


def test_rows_are_counted_and_bad_ones_told_by_their_line(make_app: MakeApp) -> None:
    app = make_app().app
    other = row(2, text="not a word of it")
    named = row(3, text="not a word of it", brand="acme")
    body = lines(row(), other, named, row(4, published_at="soon"), row()) + b"\n{\n\xff\n"
    answer = webhook.take(app, body, now=NOW)
    assert answer.status is HTTPStatus.ACCEPTED
    counts = {
        key: (answer.body or {})[key] for key in ("read", "new", "known", "name_no_brand", "bad")
    }
    assert counts == {"read": 4, "new": 2, "known": 1, "name_no_brand": 1, "bad": 3}
    assert [problem["line"] for problem in (answer.body or {})["problems"]] == [4, 6, 7]
    assert "canary" not in str(answer.body)
    assert stored(app) == [("1", "Acme"), ("3", "Acme")]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff\xfe", id="not UTF-8"),
        pytest.param(b"[" * 100_000, id="nested"),
        pytest.param(b"[1, 2]", id="an array"),
        pytest.param(lines({"source": "forum"}), id="fields missing"),
    ],
)
def test_a_body_without_one_good_row_is_refused(make_app: MakeApp, body: bytes) -> None:
    app = make_app().app
    assert webhook.take(app, body, now=NOW).status is HTTPStatus.BAD_REQUEST
    assert stored(app) == []


def test_a_thousand_bad_rows_are_counted_and_the_first_are_told(make_app: MakeApp) -> None:
    answer = webhook.take(make_app().app, b"{\n" * 1000, now=NOW)
    assert (answer.body or {})["bad"] == 1000
    assert len((answer.body or {})["problems"]) == webhook.SHOWN


# --- with the service --------------------------------------------------------------------------


@pytest.fixture
def enabled(port: int, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("HOOK", SECRET)
    return f"""
        [intake.webhook]
        enabled = true
        listen = "127.0.0.1:{port}"
        secret = "env:HOOK"
        """


def test_mentions_come_in_while_the_service_runs(
    make_app: MakeApp, enabled: str, port: int
) -> None:
    app = with_words(make_app(enabled).app)
    stop = threading.Event()
    answers: list[object] = []

    def send() -> None:
        body, stamp = lines(row()), str(int(time.time()))
        headers = {
            "Content-Type": "application/x-ndjson",
            "X-Earshot-Timestamp": stamp,
            "X-Earshot-Signature": signature(SECRET, stamp, body),
        }
        for _ in range(100):
            try:
                with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as line:
                    line.request("POST", "/mentions", body, headers)
                    answers.append(line.getresponse().status)
                break
            except ConnectionRefusedError:
                threading.Event().wait(0.05)
        answers.append(webhook.check(app.config.top.intake.webhook))
        stop.set()

    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    assert scheduler.run_until_stopped(app, stop=stop)
    sender.join()
    assert answers == [202, f"takes mentions at http://127.0.0.1:{port}/mentions"]
    assert stored(app) == [("1", "Acme")]
    assert "is free" in webhook.check(app.config.top.intake.webhook)


def test_without_the_table_nothing_listens(make_app: MakeApp) -> None:
    with webhook.serving(make_app().app, clock=lambda: NOW) as served:
        assert served is None


def test_a_port_that_is_taken_stops_the_start_and_doctor_says_so(
    make_app: MakeApp, enabled: str, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "_ANSWER_S", 0.2)
    app = make_app(enabled).app
    with socket.create_server(("127.0.0.1", port)):
        with pytest.raises(EarshotError, match=r"cannot listen on 127\.0\.0\.1"):
            scheduler.run_until_stopped(app, stop=threading.Event())
        table = app.config.top.intake.webhook
        told = rf"127.0.0.1:{port} is taken by another program: choose another intake\.webhook\."
        with pytest.raises(EarshotError, match=told):
            webhook.check(table)


def test_an_address_that_is_not_ours_names_the_key() -> None:
    table = WebhookSettings(listen="192.0.2.1:8787")
    with pytest.raises(EarshotError, match=r"see intake\.webhook\.listen"):
        webhook.check(table)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("enabled = true", "intake.webhook: enabled, but secret is missing or shorter than 16"),
        ('secret = "literal"', "intake.webhook.secret: is a literal"),
        ('enabled = true\nsecret = "env:SHORT"', "shorter than 16 characters"),
        ('listen = "8787"', "intake.webhook.listen: write where to listen"),
        ('listen = "127.0.0.1:99999"', "intake.webhook.listen: write where to listen"),
        ("port = 1", "intake.webhook.port: unknown key"),
    ],
)
def test_a_wrong_table_names_its_key(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, table: str, told: str
) -> None:
    monkeypatch.setenv("SHORT", "canary")
    with pytest.raises(ConfigError) as caught:
        make_app(f"[intake.webhook]\n{table}")
    assert told in str(caught.value)
    assert "canary" not in str(caught.value)
