"""The app's manifest asks for what the code uses, and for nothing else."""

from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    text = (ROOT / "docs" / "slack-manifest.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def test_it_asks_for_these_scopes_alone(manifest: dict[str, Any]) -> None:
    assert manifest["oauth_config"] == {
        "scopes": {
            "bot": ["chat:write", "channels:history", "groups:history", "commands", "users:read"]
        }
    }


def test_presses_replies_and_the_command_come_by_socket_mode(manifest: dict[str, Any]) -> None:
    assert manifest["settings"] == {
        "event_subscriptions": {"bot_events": ["message.channels", "message.groups"]},
        "interactivity": {"is_enabled": True},
        "org_deploy_enabled": False,
        "socket_mode_enabled": True,
        "token_rotation_enabled": False,
    }
    [command] = manifest["features"]["slash_commands"]
    assert command["command"] == "/earshot"
    assert command["should_escape"] is False, "it would send people's names as <@U…>"


def test_the_app_token_has_one_scope() -> None:
    text = (ROOT / "docs" / "slack-manifest.yaml").read_text(encoding="utf-8")
    assert "app-level token besides, with connections:write and nothing else" in text
    assert "`connections:write`" in (ROOT / "docs" / "slack.md").read_text(encoding="utf-8")
