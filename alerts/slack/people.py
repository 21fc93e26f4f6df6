"""Who may press: people of our own workspace, no guests, and of one group where that is asked.

What Slack says of a person holds for some minutes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from threading import Lock
from typing import Any, TypeVar

from alerts.escape import cut, one_line
from alerts.slack.actions import Came
from alerts.slack.client import SlackClient
from domain.deciding import RULE
from domain.errors import RemoteError

T = TypeVar("T")

KEPT = timedelta(minutes=5)
MOST_PEOPLE = 1_000
MOST_NAME = 80
OURS = "earshot"  # stands in the audit, as what begins with RULE, for what no person did


class Refusal(StrEnum):
    """Why somebody may not press, as the log says it."""

    WORKSPACE = "foreign workspace"
    APP = "foreign app"
    GUEST = "guest"
    BOT = "bot"
    GROUP = "not in the group"
    CHANNEL = "foreign channel"
    MESSAGE = "message of another incident"


SENTENCES: Mapping[Refusal, str] = {
    Refusal.WORKSPACE: "Only people of the workspace that Earshot belongs to can do this.",
    Refusal.APP: "This does not come from the app that Earshot works with.",
    Refusal.GUEST: "Guests cannot do this: ask a member of the workspace.",
    Refusal.BOT: "Only people can do this.",
    Refusal.GROUP: "Only members of the user group that may press can do this.",
    Refusal.CHANNEL: "Earshot does not answer in this channel: ask where its alerts stand.",
    Refusal.MESSAGE: "This button does not belong to the message it stands in.",
}


@dataclass(frozen=True, slots=True)
class Home:
    """Our own workspace and app, as Slack says."""

    team: str
    app: str  # "" when Slack does not tell


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    name: str  # as the audit says it
    names: frozenset[str]  # all that an incident may be assigned to, case folded
    refusal: Refusal | None  # why they may press nothing at all


class People:
    """Asks Slack who somebody is. Raises RemoteError when it does not say."""

    def __init__(self, client: SlackClient, *, allow_group: str = "") -> None:
        self._client, self._group = client, allow_group
        self._kept: dict[str, tuple[datetime, object]] = {}
        self._lock = Lock()

    @cached_property
    def home(self) -> Home:
        """A token has the same for ever."""
        answer = self._client.call("auth.test")
        bot = str(answer.get("bot_id") or "")
        found = self._client.call("bots.info", bot=bot).get("bot") if bot else None
        app = str(found.get("app_id") or "") if isinstance(found, dict) else ""
        return Home(str(answer.get("team_id") or ""), app)

    def person(self, user_id: str, *, now: datetime) -> Person:
        return self._known(user_id, lambda: self._person(user_id), now)

    def why_refused(self, came: Came, *, now: datetime) -> Refusal | None:
        """Why this person may not, whatever it is about; None: they may."""
        if came.team != self.home.team:
            return Refusal.WORKSPACE
        if self.home.app and came.app != self.home.app:
            return Refusal.APP
        refusal = self.person(came.user_id, now=now).refusal
        if refusal is not None or not self._group:
            return refusal
        members = self._known("group", self._members, now)
        return None if came.user_id in members else Refusal.GROUP

    def _known(self, key: str, ask: Callable[[], T], now: datetime) -> T:
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and now - kept[0] < KEPT:
            return kept[1]  # type: ignore[return-value]  # what was asked for under this key
        answer = ask()
        with self._lock:
            if len(self._kept) >= MOST_PEOPLE:
                self._kept.clear()
            self._kept[key] = now, answer
        return answer

    def _person(self, user_id: str) -> Person:
        user = self._client.call("users.info", user=user_id).get("user")
        if not isinstance(user, dict):
            raise RemoteError("slack: users.info gave nobody back")
        profile = user.get("profile")
        return read_person(user_id, user, profile if isinstance(profile, dict) else {})

    def _members(self) -> frozenset[str]:
        answer = self._client.call("usergroups.users.list", usergroup=self._group)
        users = answer.get("users")
        return frozenset(map(str, users)) if isinstance(users, list) else frozenset()


def read_person(user_id: str, user: Mapping[str, Any], profile: Mapping[str, Any]) -> Person:
    """Who users.info describes."""
    given = (
        user.get("name"),
        profile.get("display_name"),
        user.get("real_name"),
        profile.get("real_name"),
    )
    names = [cut(one_line(str(one)), MOST_NAME) for one in given if one and one_line(str(one))]
    name = names[0] if names else user_id
    return Person(
        id=user_id,
        name=user_id if name.casefold() == OURS or name.startswith(RULE) else name,
        names=frozenset({user_id.casefold(), *(one.casefold() for one in names)}),
        refusal=_why_never(user),
    )


def _why_never(user: Mapping[str, Any]) -> Refusal | None:
    if user.get("is_bot"):
        return Refusal.BOT
    if user.get("is_stranger") or user.get("deleted"):
        return Refusal.WORKSPACE
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return Refusal.GUEST
    return None
