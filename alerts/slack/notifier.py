"""Slack through slack_sdk: one try a call, and every failure said as what it means for the outbox.

Needs    a bot token with chat:write and channels:history (groups:history for private channels),
         and the bot invited to the channel. History is read only to look for our own messages.
Limits   about one message a second and channel; 429 says how long to wait. The default retry
         handler of slack_sdk posts twice after a lost answer: there is none, the outbox repeats.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from alerts.escape import one_line
from alerts.notifier import (
    MessageFixedError,
    MessageGoneError,
    MessageUnfitError,
    UnknownAnswerError,
)
from alerts.slack.blocks import slack_blocks
from alerts.slack.client import SlackClient
from alerts.slack.settings import SlackSettings
from domain.elements import Message
from domain.errors import RemoteError
from domain.notification import Mark

__all__ = ["SlackNotifier", "SlackSettings"]

EVENT_TYPE = "earshot_outbox"
PACE_S = 1.0  # Slack takes about one message a second in a channel
HISTORY_PAGE, HISTORY_PAGES = 200, 10
NEVER = "0000000001.000000"  # the timestamp of a message that was never sent
TOMBSTONE = "tombstone"  # what stands in the place of a deleted message that has replies


class SlackNotifier:
    """References read C0123/1700000000.000100: Slack changes and threads only by channel ID."""

    name = "slack"

    def __init__(self, settings: SlackSettings) -> None:
        """Raises RemoteError, permanent, when there is no token."""
        self._channel = settings.channel
        self._ids: dict[str, str] = {}  # channel as configured → its ID, learnt from answers
        self._call = SlackClient(settings).call

    def post(self, channel: str, message: Message, mark: Mark, thread: str | None = None) -> str:
        """Send once. Raises MessageGoneError when the thread's first message was deleted."""
        where, thread_ts = _split(channel, thread) if thread else (channel, None)
        text, blocks = slack_blocks(message)
        answer = self._call(
            "chat.postMessage",
            repeatable=False,
            channel=where,
            text=text,
            blocks=blocks,
            metadata={"event_type": EVENT_TYPE, "event_payload": _payload(mark)},
            thread_ts=thread_ts,
            unfurl_links=False,
            unfurl_media=False,
        )
        if not answer.get("ts"):
            raise RemoteError("slack: chat.postMessage gave no timestamp back", ambiguous=True)
        self._ids[where] = str(answer.get("channel") or where)
        return f"{self._ids[where]}/{answer['ts']}"

    def update(self, channel: str, ref: str, message: Message) -> None:
        where, ts = _split(channel, ref)
        text, blocks = slack_blocks(message)
        self._call("chat.update", channel=where, ts=ts, text=text, blocks=blocks)

    def delete(self, channel: str, ref: str) -> None:
        """Raises MessageFixedError only if it still stands, MessageGoneError if it does not."""
        where, ts = _split(channel, ref)
        try:
            self._call("chat.delete", channel=where, ts=ts)
        except MessageFixedError as error:
            if self._is_gone(where, ts):
                raise MessageGoneError(f"slack: {ref} was deleted in Slack") from error
            raise

    def _is_gone(self, channel: str, ts: str) -> bool:
        """Whether Slack says so: that it shows nothing is no proof."""
        try:
            answer = self._call("conversations.replies", channel=channel, ts=ts, limit=1)
        except MessageGoneError:
            return True
        except RemoteError:
            return False
        found = [one for one in answer.get("messages") or () if one.get("ts") == ts]
        return bool(found) and found[0].get("subtype") == TOMBSTONE

    def find(
        self, channel: str, marks: Sequence[Mark], since: datetime, *, thread: str | None = None
    ) -> Mapping[Mark, str]:
        """Look through the channel's history, or the thread, for the metadata of our own messages.

        Needs the channel's ID: of a #name Slack shows no history, unless a post told us the ID.
        """
        where, thread_ts = _split(channel, thread) if thread else (channel, None)
        where = self._ids.get(where, where)
        wanted = {name: mark for mark in marks for name in _payload(mark).items()}
        found: dict[Mark, str] = {}
        for message in self._history(where, thread_ts, since):
            metadata = message.get("metadata") or {}
            if metadata.get("event_type") != EVENT_TYPE:
                continue
            for name in (metadata.get("event_payload") or {}).items():
                if name in wanted:
                    found.setdefault(wanted[name], f"{where}/{message['ts']}")
            if len(found) == len(marks):
                break
        return found

    def _history(
        self, channel: str, thread_ts: str | None, since: datetime
    ) -> Iterator[Mapping[str, Any]]:
        """Newest first in a channel, oldest first in a thread."""
        method = "conversations.replies" if thread_ts else "conversations.history"
        cursor: str | None = None
        for _ in range(HISTORY_PAGES):
            answer = self._call(
                method,
                channel=channel,
                ts=thread_ts,
                oldest=f"{since.astimezone(UTC).timestamp():.6f}",
                inclusive=True,
                include_all_metadata=True,
                limit=HISTORY_PAGE,
                cursor=cursor,
            )
            yield from answer.get("messages") or ()
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return
        raise RemoteError(
            f"slack: more than {HISTORY_PAGE * HISTORY_PAGES} messages to look through "
            f"in {channel}",
            permanent=True,
        )

    def check(self) -> str:
        """Log in, then ask what every pass asks, which posts nothing: look up, and change.

        Raises RemoteError when a pass could not look for its messages or write in the channel.
        """
        answer = self._call("auth.test")
        user, team = (one_line(str(answer.get(key, "?"))) for key in ("user", "team"))
        if not self._channel:
            raise RemoteError("slack: no channel; set [alerts.slack] channel", permanent=True)
        self.find(self._channel, [Mark("")], datetime.now(UTC))
        # There is no such message: only what is said of the token and the channel counts.
        with suppress(MessageGoneError, MessageFixedError, MessageUnfitError, UnknownAnswerError):
            self._call("chat.update", channel=self._channel, ts=NEVER, text="-")
        return (
            f"slack: posts as {user} in {team} to {self._channel} "
            "and can look for lost messages there"
        )


def _payload(mark: Mark) -> dict[str, str]:
    """What travels in a message's metadata."""
    return {"outbox_id": mark.outbox_id} | ({"key": mark.key} if mark.key else {})


def _split(channel: str, ref: str) -> tuple[str, str]:
    where, slash, ts = ref.rpartition("/")
    return (where, ts) if slash else (channel, ts)
