"""The judge must see what it is there to see, or its silence proves nothing."""

from typing import Any

import pytest

from tests.alerts import slack_oracle

OFF = {"unfurl_links": False, "unfurl_media": False}


def section(text: str, kind: str = "mrkdwn") -> dict[str, Any]:
    return {"blocks": [{"type": "section", "text": {"type": kind, "text": text}}]}


@pytest.mark.parametrize(
    "text", ["<!channel>", "<@U1>", "<!subteam^S1>", "<#C1>", "<https://evil.example|paypal.com>"]
)
def test_live_tokens_are_seen_wherever_mrkdwn_is_read(text: str) -> None:
    assert slack_oracle.tokens({"text": f"hi {text}"}) == [text[1:-1]]
    assert slack_oracle.tokens(section(text)) == [text[1:-1]]
    field = {"blocks": [{"type": "section", "fields": [{"type": "mrkdwn", "text": text}]}]}
    assert slack_oracle.tokens(field) == [text[1:-1]]


def test_what_is_escaped_or_plain_is_not_live() -> None:
    assert slack_oracle.tokens(section("&lt;!channel&gt;")) == []
    assert slack_oracle.tokens(section("<!channel>", "plain_text")) == []


def test_live_parts_of_rich_text_are_seen() -> None:
    parts = [{"type": "broadcast", "range": "channel"}, {"type": "text", "text": "<!here>"}]
    rich = {"type": "rich_text_section", "elements": parts}
    assert len(slack_oracle.tokens({"blocks": [{"type": "rich_text", "elements": [rich]}]})) == 1


@pytest.mark.parametrize("text", ["see https://evil.example/a", "evil.example", "slack://open"])
def test_bare_addresses_are_seen(text: str) -> None:
    assert slack_oracle.addresses({"text": text})


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        pytest.param({**section("x" * 3_001), **OFF}, "section of 3001", id="long section"),
        pytest.param({"blocks": [{"type": "divider"}] * 51, **OFF}, "51 blocks", id="blocks"),
        pytest.param({"text": "x", "unfurl_links": False}, "unfurl_media", id="unfurling"),
        pytest.param({"text": "x", "link_names": True, **OFF}, "link_names", id="link_names"),
        pytest.param({"text": "x" * 9_500, **OFF}, "9500 characters", id="whole message"),
        pytest.param({"text": "", **OFF}, "no_text", id="nothing"),
        pytest.param({**section(""), **OFF}, "section of 0", id="empty section"),
        pytest.param({"blocks": [{"type": "marquee"}], **OFF}, "unknown block", id="unknown"),
        pytest.param({**section("\ud800"), **OFF}, "a lone surrogate", id="surrogate"),
    ],
)
def test_broken_limits_are_seen(payload: dict[str, Any], said: str) -> None:
    assert any(said in broken for broken in slack_oracle.violations(payload))
