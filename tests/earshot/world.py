"""A small world for the application's tests: authors, mentions, a source, a model and a clock.

The source and the model implement the product's own interfaces; nothing of ours is replaced.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.slack.blocks import slack_blocks
from domain.contract import Contract
from domain.errors import RemoteError
from domain.mention import Author, Mention
from earshot.alerting import messages
from earshot.core.app import App
from earshot.pipeline import collect as collecting
from earshot.service import steps
from listener.contracts import contract_of
from listener.source import Page, Watch
from sentiment.backend import Answers, Prepared, Tokens
from sentiment.classifier import Classifier
from sentiment.heads import TONE
from sentiment.text import Span
from storage import outbox, sealing
from storage.tables import OutboxRow

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

ANA = Author(id="501", handle="ana_writes", name="Ana", followers=120)
BEN = Author(id="502", handle="ben_brews", name="Ben", followers=40)
ACME = Author(id="1000", handle="acme_help", name="Acme Help", followers=9_000)


def mention(external_id: str, text: str = "Acme is awful", **changed: Any) -> Mention:  # noqa: ANN401 - any field
    """A post on X by Ana, five minutes old."""
    made = Mention(
        source="x",
        external_id=external_id,
        text=text,
        published_at=NOW - 5 * MINUTE,
        url=f"https://x.com/ana_writes/status/{external_id}",
        lang="en",
        author=ANA,
        conversation_id=external_id,
    )
    return replace(made, **changed)


def reply(external_id: str, to: str, **changed: Any) -> Mention:  # noqa: ANN401 - any field
    """The brand's own answer to a post, just now."""
    told: dict[str, Any] = {
        "author": ACME,
        "parent_id": to,
        "conversation_id": to,
        "published_at": NOW,
        "text": "So sorry! We wrote to you.",
    }
    return mention(external_id, **(told | changed))


def store(app: App, *mentions: Mention, now: datetime = NOW, brand: str | None = None) -> int:
    """Store mentions as an import does; return how many were new."""
    return collecting.store_imported(app, [(one, brand) for one in mentions], now=now)[0]


def live(app: App, *mentions: Mention, now: datetime = NOW) -> None:
    """Store mentions and take every step up to the messages that are owed."""
    store(app, *mentions, now=now)
    work(app, now=now)


def work(app: App, *, now: datetime = NOW) -> None:
    steps.work(app, clock=lambda: now)


def messages_of(app: App) -> list[tuple[str, str]]:
    """Every message, oldest first, as its kind and state.

    An "update" is sent after a message that was drawn anew, and pending, last, for one that is to
    be.
    """
    told, stale = [], []
    with app.database.read() as session:
        for row in session.scalars(select(OutboxRow).order_by(OutboxRow.created_at, OutboxRow.key)):
            standing = row.ref is not None and row.state not in ("withdrawing", "removed")
            told.append((row.kind, "sent" if standing else row.state))
            if row.redrawn_at is not None:
                told.append(("update", "sent"))
            if row.stale and standing:
                stale.append(("update", "pending"))
    return told + stale


def said(app: App) -> dict[str, str]:
    """What each message says when it is drawn now, by its key."""
    with app.database.read() as session:
        keys = session.scalars(select(OutboxRow.key).order_by(OutboxRow.created_at, OutboxRow.key))
        return {key: _words(session, app, key) for key in keys.all()}


def _words(session: Session, app: App, key: str) -> str:
    drawn = messages.draw(session, app, outbox.get(session, key))
    return json.dumps(slack_blocks(drawn), ensure_ascii=False)


class Clock:
    """A clock that moves only when somebody waits."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at
        self.waits: list[float] = []

    def __call__(self) -> datetime:
        return self.at

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.at += timedelta(seconds=seconds)


class ModelCrashedError(RuntimeError):
    """What a runtime raises in the middle of a batch."""


class Words:
    """A model that reads awful, lovely, poison and perhaps. Everything else is neutral.

    It is sure of what it reads, except of perhaps.
    """

    name = "words@1"
    languages: tuple[str, ...] = ()
    answer_from: float | None = None

    def __init__(self, name: str = "words@1") -> None:
        self.name = name
        self.batches: list[int] = []
        self.targets: list[list[str]] = []  # for each text the names it was asked about

    def prepare(self, text: str, target: Sequence[Span]) -> Prepared:
        self.targets.append([text[start:end] for start, end in target])
        return Prepared(text)

    def tokens(self, prepared: Sequence[Prepared]) -> list[Tokens]:
        codes = {"awful": 1, "lovely": 2, "poison": 3, "nan": 4, "perhaps": 5}
        return [
            Tokens(
                ids=[codes.get(word, 0) for word in re.findall(r"\w+", one.text.lower())],
                truncated=False,
                known=True,
            )
            for one in prepared
        ]

    def probabilities(self, batch: Sequence[Tokens]) -> Answers:
        self.batches.append(len(batch))
        if any(3 in one.ids for one in batch):
            raise ModelCrashedError("the model stumbled")
        rows = [self._row(one.ids) for one in batch]
        return {TONE.name: np.array(rows, dtype=np.float32).reshape(-1, 3)}

    @staticmethod
    def _row(ids: Sequence[int]) -> list[float]:
        if 4 in ids:
            return [float("nan")] * 3
        if 5 in ids:
            return [0.45, 0.30, 0.25]
        bad, good = list(ids).count(1), list(ids).count(2)
        if bad == good:
            return [0.1, 0.8, 0.1]
        return [0.9, 0.06, 0.04] if bad > good else [0.04, 0.06, 0.9]


def with_words(app: App, backend: Words | None = None) -> App:
    """The application with the model of a few words in place of the bundled one."""
    app.__dict__["classifier"] = Classifier(backend or Words())
    return app


@dataclass
class Feed:
    """A source that gives the pages it was made with, newest first, and fails where told."""

    name: str
    pages: list[Page] = field(default_factory=list)
    fails: dict[int, RemoteError] = field(default_factory=dict)  # before that page
    only_for: str | None = None  # the brand that has pages; None: every one
    asked: list[tuple[Watch, Mapping[str, Any] | None, datetime | None]] = field(
        default_factory=list
    )

    @property
    def contract(self) -> Contract:
        return contract_of(self.name)

    def collect(
        self,
        watch: Watch,
        cursor: Mapping[str, Any] | None,
        *,
        since: datetime | None,
        now: datetime,  # noqa: ARG002 - the Protocol's
    ) -> Iterator[Page]:
        """Go on behind the page whose number the cursor holds."""
        self.asked.append((watch, cursor, since))
        start = int(cursor["page"]) if cursor is not None else 0
        for number in range(start, len(self.pages) + 1):
            if number in self.fails:
                raise self.fails[number]
            if number < len(self.pages) and self.only_for in (None, watch.brand):
                yield self.pages[number]

    def check(self) -> str:
        return f"{self.name}: fine"


def page(number: int, *mentions: Mention, **more: Any) -> Page:  # noqa: ANN401 - any field
    """The page after which `number` pages have been read."""
    return Page(mentions, {"page": number}, fetched=len(mentions), **more)


def with_sources(app: App, *feeds: Feed) -> App:
    app.__dict__["sources"] = {feed.name: feed for feed in feeds}
    return app


def key_of(session: Session, author_id: str, root: str, *, source: str = "x") -> str:
    """The key of an author's complaint about Acme, as it is stored."""
    names = (sealing.seal(session, name) for name in (author_id, root))
    return ":".join(("complaint", "Acme", source, *names))


def day(text: str) -> date:
    return date.fromisoformat(text)
