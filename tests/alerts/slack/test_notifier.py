import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr, ValidationError
from slack_sdk import WebClient

from alerts.incident_messages import incident_message
from alerts.notifier import (
    MessageFixedError,
    MessageGoneError,
    MessageUnfitError,
    Notifier,
    UnknownAnswerError,
)
from alerts.slack import client as client_module
from alerts.slack import notifier as slack_module
from alerts.slack.answers import ANSWERS, Follows
from alerts.slack.blocks import slack_blocks
from alerts.slack.notifier import SlackNotifier, SlackSettings
from domain.elements import Message
from domain.errors import RemoteError
from domain.notification import Mark
from tests.alerts.samples import HOSTILE, NOW, incident, triaged
from tests.alerts.slack_double import FIRST_TS, TOKEN, SlackDouble

CHANNEL = "C0ALERTS"
SINCE = datetime.fromtimestamp(FIRST_TS - 5, UTC)
ALERT = incident_message(incident(), [triaged()], now=NOW)


def settings(slack: SlackDouble, channel: str = CHANNEL) -> SlackSettings:
    return SlackSettings(bot_token=SecretStr(TOKEN), channel=channel, base_url=slack.url)


@pytest.fixture
def notifier(slack: SlackDouble) -> Notifier:
    return SlackNotifier(settings(slack))


def find(
    notifier: Notifier, channel: str, outbox_id: str, since: datetime, thread: str | None = None
) -> str | None:
    found = notifier.find(channel, [Mark(outbox_id)], since, thread=thread)
    return found.get(Mark(outbox_id))


def failed(notifier: Notifier, channel: str = CHANNEL) -> RemoteError:
    with pytest.raises(RemoteError) as caught:
        notifier.post(channel, ALERT, Mark("d1"))
    assert TOKEN not in str(caught.value)
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_post_arrives_once_with_its_outbox_id(slack: SlackDouble, notifier: Notifier) -> None:
    ref = notifier.post(CHANNEL, ALERT, Mark("d1"))
    (message,) = slack.messages
    assert ref == f"{CHANNEL}/{message['ts']}"
    assert message["blocks"] == slack_blocks(ALERT)[1]
    assert message["metadata"] == {
        "event_type": "earshot_outbox",
        "event_payload": {"outbox_id": "d1"},
    }
    assert (message["unfurl_links"], message["unfurl_media"]) == (False, False)
    assert not {"link_names", "parse", "thread_ts"} & message.keys()
    assert (slack.live, slack.refused) == ([], [])


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_slack_takes_hostile_posts_and_finds_nothing_live(
    slack: SlackDouble, notifier: Notifier, text: str
) -> None:
    hostile = triaged(text=text, author_name=text, author_handle=text)
    notifier.post(CHANNEL, incident_message(incident(), [hostile], now=NOW), Mark("d1"))
    assert (slack.live, slack.refused) == ([], [])


def test_replies_go_into_the_thread(slack: SlackDouble, notifier: Notifier) -> None:
    root = notifier.post(CHANNEL, ALERT, Mark("d1"))
    notifier.post(CHANNEL, ALERT, Mark("d2"), thread=root)
    assert len(slack.roots) == 1
    assert slack.messages[1]["thread_ts"] == slack.roots[0]["ts"]


def test_an_update_changes_the_message_in_place(slack: SlackDouble, notifier: Notifier) -> None:
    ref = notifier.post("#alerts", ALERT, Mark("d1"))
    notifier.update("#alerts", ref, Message("done", ALERT.elements[:1]))
    notifier.update("#alerts", ref, Message("done", ALERT.elements[:1]))
    (message,) = slack.messages
    assert (message["text"], message["edits"]) == ("done", 2)


def test_a_message_that_is_gone_says_so(notifier: Notifier) -> None:
    with pytest.raises(MessageGoneError, match="message_not_found"):
        notifier.update(CHANNEL, f"{CHANNEL}/1.0", ALERT)


@pytest.mark.parametrize("how", ["drop", "cut", "500", "503", "html", "truncated", "list", "bytes"])
def test_accepted_and_then_lost_is_one_post_and_an_honest_doubt(
    slack: SlackDouble, notifier: Notifier, how: str
) -> None:
    slack.fail_next(how)
    error = failed(notifier)
    assert (error.ambiguous, error.permanent, error.retry_after) == (True, False, None)
    assert len(slack.messages) == len(slack.calls) == 1
    assert find(notifier, CHANNEL, "d1", SINCE) == f"{CHANNEL}/{slack.messages[0]['ts']}"
    assert find(notifier, CHANNEL, "d2", SINCE) is None


def test_the_librarys_own_retries_would_post_twice(
    slack: SlackDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Why SlackNotifier gives slack_sdk no retry handlers; when this fails, they were cured."""
    monkeypatch.setattr(time, "sleep", lambda _: None)
    slack.fail_next("drop")
    WebClient(TOKEN, base_url=slack.url).chat_postMessage(
        channel=CHANNEL, text="hi", unfurl_links=False, unfurl_media=False
    )
    assert len(slack.messages) == 2


def test_no_answer_in_time_is_a_doubt(slack: SlackDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "TIMEOUT_S", 0.2)
    slack.fail_next("hang")
    assert failed(SlackNotifier(settings(slack))).ambiguous
    assert len(slack.messages) == 1


def test_nobody_listening_is_no_doubt() -> None:
    with SlackDouble() as slack:
        notifier = SlackNotifier(settings(slack))
    error = failed(notifier)
    assert (error.ambiguous, error.permanent) == (False, False)


@pytest.mark.parametrize(
    ("code", "ambiguous"),
    [("internal_error", True), ("fatal_error", True), ("rollup_error", False)],
)
def test_only_some_of_slacks_own_failures_leave_a_doubt(
    slack: SlackDouble, notifier: Notifier, code: str, *, ambiguous: bool
) -> None:
    slack.fail_next(code)
    error = failed(notifier)
    assert (error.ambiguous, error.permanent) == (ambiguous, False)


@pytest.mark.parametrize("how", ["drop", "500", "html", "internal_error"])
def test_what_may_be_repeated_is_never_in_doubt(
    slack: SlackDouble, notifier: Notifier, how: str
) -> None:
    ref = notifier.post(CHANNEL, ALERT, Mark("d1"))
    calls: tuple[Callable[[], object], ...] = (
        lambda: notifier.update(CHANNEL, ref, ALERT),
        lambda: find(notifier, CHANNEL, "d1", SINCE),
        notifier.check,
    )
    for call in calls:
        slack.fail_next(how)
        with pytest.raises(RemoteError) as caught:
            call()
        assert not caught.value.ambiguous


@pytest.mark.parametrize(
    ("header", "wait_s"),
    [
        pytest.param("1", 1, id="1 s"),
        pytest.param("3600", 3600, id="an hour"),
        pytest.param(None, 30, id="unsaid"),
        pytest.param("Fri, 20 Nov 2026 10:00:00 GMT", 30, id="a date"),
        pytest.param("-5", 30, id="negative"),
        pytest.param("nan", 30, id="not a number"),
        pytest.param("99999999999999999999", 86_400, id="absurd"),
    ],
)
def test_429_says_how_long_to_wait_and_nothing_arrived(
    slack: SlackDouble, notifier: Notifier, header: str | None, wait_s: int
) -> None:
    slack.fail_next("429", retry_after=header)
    error = failed(notifier)
    assert error.retry_after == timedelta(seconds=wait_s)
    assert (error.ambiguous, error.permanent) == (False, False)
    assert (len(slack.calls), slack.messages) == (1, [])


MEANT: dict[Follows, type[RemoteError]] = {
    Follows.GONE: MessageGoneError,
    Follows.FIXED: MessageFixedError,
    Follows.MESSAGE: MessageUnfitError,
}
FOR_GOOD = (*MEANT, Follows.CHANNEL, Follows.APP)


@pytest.mark.parametrize("code", sorted(set(ANSWERS) - {"ratelimited", "rate_limited"}))
def test_every_documented_answer_says_what_follows_and_the_way_out(
    slack: SlackDouble, notifier: Notifier, code: str
) -> None:
    slack.fail_next(code)
    error = failed(notifier)
    follows, way_out = ANSWERS[code]
    assert error.permanent == (follows in FOR_GOOD)
    assert error.ambiguous == (follows is Follows.UNSURE)
    assert type(error) is MEANT.get(follows, RemoteError)
    if follows is not Follows.UNSURE:
        assert str(error) == f"slack: chat.postMessage says {code}: {way_out}"


def test_a_code_nobody_has_documented_is_named_and_may_be_tried_again(
    slack: SlackDouble, notifier: Notifier
) -> None:
    slack.fail_next("tea_spilled_on_server")
    error = failed(notifier)
    assert isinstance(error, UnknownAnswerError)
    assert (error.permanent, error.ambiguous) == (False, False)
    assert "chat.postMessage says tea_spilled_on_server" in str(error)


@pytest.mark.parametrize("code", ["edit_window_closed", "cant_update_message", "block_mismatch"])
def test_a_message_that_may_not_be_changed_is_not_gone(
    slack: SlackDouble, notifier: Notifier, code: str
) -> None:
    ref = notifier.post(CHANNEL, ALERT, Mark("d1"))
    slack.fail_next(code, method="chat.update")
    with pytest.raises(MessageFixedError, match=code):
        notifier.update(CHANNEL, ref, ALERT)
    notifier.delete(CHANNEL, ref)
    assert slack.messages == []
    with pytest.raises(MessageGoneError):
        notifier.delete(CHANNEL, ref)


def test_a_refused_deletion_says_whether_it_stands_there(
    slack: SlackDouble, notifier: Notifier
) -> None:
    ref = notifier.post(CHANNEL, ALERT, Mark("d1"))
    notifier.post(CHANNEL, ALERT, Mark("d2"), ref)
    slack.fail_next("cant_delete_message", times=3, method="chat.delete")
    with pytest.raises(MessageFixedError):
        notifier.delete(CHANNEL, ref)
    slack.fail_next("missing_scope", method="conversations.replies")
    with pytest.raises(MessageFixedError):
        notifier.delete(CHANNEL, ref)
    slack.by_hand(ref)  # it has a reply, so a tombstone stays, which nobody can delete
    with pytest.raises(MessageGoneError):
        notifier.delete(CHANNEL, ref)


def test_what_has_no_row_here_is_found_by_its_key(slack: SlackDouble, notifier: Notifier) -> None:
    ref = notifier.post(CHANNEL, ALERT, Mark("of the lost database", "k1"))
    notifier.post(CHANNEL, ALERT, Mark("d2", "k2"))
    here = [Mark("d1", "k1"), Mark("d2", "other"), Mark("d3", "k3"), Mark("d4")]
    found = notifier.find(CHANNEL, here, SINCE)
    assert found == {here[0]: ref, here[1]: f"{CHANNEL}/{slack.messages[1]['ts']}"}
    assert [call.method for call in slack.calls].count("conversations.history") == 1


def test_an_unknown_channel_asks_to_invite_the_bot(notifier: Notifier) -> None:
    error = failed(notifier, "C0WRONG")
    assert "invite the bot" in str(error)


def test_history_is_walked_to_its_end(slack: SlackDouble, notifier: Notifier) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slack_module, "HISTORY_PAGE", 2)
        for n in range(7):
            notifier.post(CHANNEL, ALERT, Mark(f"d{n}"))
        assert find(notifier, CHANNEL, "d0", SINCE) == f"{CHANNEL}/{slack.messages[0]['ts']}"
        patch.setattr(slack_module, "HISTORY_PAGES", 2)
        with pytest.raises(RemoteError, match="more than 4 messages"):
            find(notifier, CHANNEL, "d0", SINCE)


def test_history_is_read_from_the_given_instant(slack: SlackDouble, notifier: Notifier) -> None:
    notifier.post(CHANNEL, ALERT, Mark("d1"))
    later = datetime.fromtimestamp(float(slack.messages[0]["ts"]) + 1, UTC)
    assert find(notifier, CHANNEL, "d1", later) is None


def test_a_lost_thread_reply_is_found_in_its_thread(slack: SlackDouble, notifier: Notifier) -> None:
    root = notifier.post(CHANNEL, ALERT, Mark("d1"))
    slack.fail_next("drop")
    with pytest.raises(RemoteError):
        notifier.post(CHANNEL, ALERT, Mark("d2"), thread=root)
    found = find(notifier, CHANNEL, "d2", SINCE, thread=root)
    assert found == f"{CHANNEL}/{slack.messages[1]['ts']}"


def test_a_channel_by_name_is_found_once_its_id_is_known(slack: SlackDouble) -> None:
    notifier = SlackNotifier(settings(slack, "#alerts"))
    with pytest.raises(RemoteError) as caught:
        find(notifier, "#alerts", "d1", SINCE)
    assert caught.value.permanent
    notifier.post("#alerts", ALERT, Mark("d1"))
    slack.fail_next("drop")
    with pytest.raises(RemoteError):
        notifier.post("#alerts", ALERT, Mark("d2"))
    assert find(notifier, "#alerts", "d2", SINCE) == f"{CHANNEL}/{slack.messages[1]['ts']}"


def test_check_asks_what_a_pass_asks_and_posts_nothing(
    slack: SlackDouble, notifier: Notifier
) -> None:
    notifier.post(CHANNEL, ALERT, Mark("d1"))
    notifier.find(CHANNEL, [Mark("d2")], SINCE)
    of_a_pass = slack.calls[-1]
    assert notifier.check() == (
        "slack: posts as earshot in Acme Ltd to C0ALERTS and can look for lost messages there"
    )
    _, looked, changed = slack.calls[-3:]
    assert looked.method == of_a_pass.method
    assert looked.arguments.keys() == of_a_pass.arguments.keys()
    assert changed.method == "chat.update"
    assert len(slack.messages) == 1
    assert "edits" not in slack.messages[0]


@pytest.mark.parametrize(
    ("code", "method"),
    [
        *((code, "conversations.history") for code in ("is_archived", "not_in_channel")),
        *((code, "conversations.history") for code in ("channel_not_found", "missing_scope")),
        *(
            (code, "chat.update")
            for code in ("is_inactive", "restricted_action", "ekm_access_denied")
        ),
    ],
)
def test_check_fails_where_a_pass_could_not_read_or_write(
    slack: SlackDouble, notifier: Notifier, code: str, method: str
) -> None:
    slack.fail_next(code, method=method)
    with pytest.raises(RemoteError, match=f"{method} says {code}") as caught:
        notifier.check()
    assert caught.value.permanent
    assert slack.messages == []


def test_check_names_a_bad_token(slack: SlackDouble, notifier: Notifier) -> None:
    slack.fail_next("invalid_auth")
    with pytest.raises(RemoteError, match=r"auth.test says invalid_auth: set .* bot_token"):
        notifier.check()


def test_nothing_of_a_call_is_logged(
    slack: SlackDouble, notifier: Notifier, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    slack.fail_next("html")
    failed(notifier)
    notifier.post(CHANNEL, ALERT, Mark("d2"))
    assert TOKEN not in caplog.text
    assert "parcel" not in caplog.text


def test_settings_never_show_their_tokens() -> None:
    secret = SlackSettings(bot_token=SecretStr(TOKEN), app_token=SecretStr(TOKEN), channel="C1")
    assert TOKEN not in f"{secret!r} {secret.model_dump_json()}"
    assert secret.ready


@pytest.mark.parametrize("token", [f"{TOKEN}\nX: y", f"{TOKEN} x", f"{TOKEN}é"])
def test_a_token_no_header_can_carry_is_refused_unseen(token: str) -> None:
    with pytest.raises(ValidationError) as caught:
        SlackSettings(bot_token=SecretStr(token))
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://slack.com/api", "https://slack.com/api/"),
        ("http://127.0.0.1:8105/api/", "http://127.0.0.1:8105/api/"),
    ],
)
def test_the_base_url_is_a_folder(given: str, kept: str) -> None:
    assert SlackSettings(base_url=given).base_url == kept


@pytest.mark.parametrize("url", ["slack.com/api", "file:///etc", "https://me:pw@slack.com/", ""])
def test_a_base_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="not a web address"):
        SlackSettings(base_url=url)


@pytest.mark.parametrize(
    "token", [None, SecretStr(""), SecretStr("  ")], ids=["none", "empty", "blank"]
)
def test_without_a_token_it_is_not_ready(token: SecretStr | None) -> None:
    empty = SlackSettings(bot_token=token, channel="C1")
    assert not empty.ready
    with pytest.raises(RemoteError, match="no bot token") as caught:
        SlackNotifier(empty)
    assert caught.value.permanent
