"""One call to Slack: one try, and every failure said as what it means."""

import logging
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any, Literal
from urllib.parse import urlsplit

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.webhook import WebhookClient

from alerts.slack.answers import FIX_TOKEN
from alerts.slack.blocks import slack_blocks
from alerts.slack.errors import lost, refusal
from alerts.slack.settings import SlackSettings
from domain.elements import Message
from domain.errors import RemoteError

TIMEOUT_S = 10
ANSWERS_AT = "hooks.slack.com"  # where a response_url leads
_AS_JSON = ("chat.", "views.")  # what carries blocks; the reading methods take forms only


def silent() -> logging.Logger:
    """A logger of our own for the client: its DEBUG lines hold texts, its errors we raise."""
    logger = logging.getLogger("alerts.slack.client")
    logger.setLevel(logging.CRITICAL + 1)
    return logger


class SlackClient:
    def __init__(self, settings: SlackSettings) -> None:
        """Raises RemoteError, permanent, when there is no token."""
        if settings.bot_token is None:
            raise RemoteError(f"slack: no bot token; {FIX_TOKEN}", permanent=True)
        self._home = urlsplit(settings.base_url)
        self.web = WebClient(
            settings.bot_token.get_secret_value(),
            base_url=settings.base_url,
            timeout=TIMEOUT_S,
            retry_handlers=[],
            logger=silent(),
        )

    def call(
        self, method: str, *, repeatable: bool = True, token: str | None = None, **arguments: object
    ) -> Mapping[str, Any]:
        """One request, one answer. repeatable: doing it twice harms nothing, so never ambiguous.

        token: another than the bot's.
        """
        kind: Literal["json", "params"] = "json" if method.startswith(_AS_JSON) else "params"
        given = {name: value for name, value in arguments.items() if value is not None}
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        try:
            answer = self.web.api_call(method, headers=headers, **{kind: given})  # type: ignore[arg-type]
        except SlackApiError as error:
            raise refusal(method, error, unsure=not repeatable) from error
        except (
            OSError,  # refused, reset, timeout
            HTTPException,  # closed without an answer, or in the middle of one
            ValueError,  # not UTF-8
            LookupError,  # a charset nobody knows
            AttributeError,  # JSON that is not an object
            SlackClientError,
        ) as error:
            raise lost(method, error, unsure=not repeatable) from error
        data = answer.data
        if not isinstance(data, dict):
            raise lost(method, "no JSON", unsure=not repeatable)
        return data

    def respond(self, url: str, message: Message) -> None:
        """Answer a press or a command so that only who sent it sees it.

        Raises RemoteError, also where the address is none of Slack's: it is not asked then.
        """
        if not self._is_slacks(url):
            raise RemoteError("slack: a response_url leads elsewhere", permanent=True)
        text, blocks = slack_blocks(message)
        hook = WebhookClient(url, timeout=TIMEOUT_S, retry_handlers=[], logger=silent())
        try:
            answer = hook.send(
                text=text,
                blocks=blocks,
                response_type="ephemeral",
                replace_original=False,
                unfurl_links=False,
                unfurl_media=False,
            )
        except (OSError, HTTPException, ValueError, LookupError, SlackClientError) as error:
            raise lost("response_url", error, unsure=True) from error
        if answer.status_code != 200:  # noqa: PLR2004 - HTTP
            raise RemoteError(f"slack: response_url answers HTTP {answer.status_code}")

    def _is_slacks(self, url: str) -> bool:
        try:
            given = urlsplit(url)
            same = (given.scheme, given.netloc) == (self._home.scheme, self._home.netloc)
        except ValueError:
            return False
        return same or (given.scheme, given.netloc) == ("https", ANSWERS_AT)
