"""Puts the rooms together: what a command or a job needs, made when it is first asked for."""

import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from earshot.config.model import Config
from earshot.core.channel import Channel
from listener.settings import PaidSettings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from alerts.notifier import Notifier
    from earshot.brands.relevance import Relevance
    from earshot.core.worker import Worker
    from listener.budget import Budget
    from listener.source import Source
    from sentiment.classifier import Classifier
    from sentiment.language import Detector
    from storage.engine import Database
    from storage.schema import Plan

log = logging.getLogger(__name__)


class App:
    """What one process works with. Nothing is opened or imported before it is used."""

    def __init__(
        self,
        config: Config,
        *,
        notifier: "Notifier | None" = None,
        tell: Callable[[str], None] = log.warning,
        jitter: Callable[[str, datetime], float] = lambda _name, _now: 0.0,
    ) -> None:
        """jitter: by which share the pause of what failed is longer, by name and time."""
        self.config = config
        self.jitter = jitter
        self._notifier = notifier
        self._tell = tell  # shows people a message, such as an upgrade
        self.worker: Worker | None = None  # while this process holds the worker's lock
        # In the running service: has this job begin now, because there is work for it.
        self.prompt: Callable[[str], None] = lambda _job: None

    @cached_property
    def database(self) -> "Database":
        """The database, brought to this release's schema or refused with a sentence."""
        from storage import schema  # noqa: PLC0415  a fifth of a second that `score` does not have
        from storage.engine import Database  # noqa: PLC0415  as above

        database = Database(self.config.database)
        schema.ready(database, now=datetime.now(UTC), tell=self._tell_upgrade)
        return database

    @contextmanager
    def writing(self) -> "Iterator[Session]":
        """A transaction about messages. Raises LostLockError when another worker has taken over."""
        with self.database.begin() as session:
            if self.worker is not None:
                self.worker.tenure.fence(session)
            yield session

    def _tell_upgrade(self, plan: "Plan") -> None:
        if plan.copy is not None:  # else it is new
            self._tell(
                f"upgrading the database from schema {plan.before} to {plan.after}; as it was it "
                f"is kept in {plan.copy} (see docs/upgrading.md)"
            )

    @cached_property
    def classifier(self) -> "Classifier":
        from sentiment.loading import load  # noqa: PLC0415  half a second that lists do not have

        settings = self.config.top.sentiment
        return load(
            settings.model,
            device=settings.device,
            runtime=settings.runtime,
            labels=settings.labels,
        )

    @property
    def detector(self) -> "Detector":
        from sentiment import language  # noqa: PLC0415  as above

        return language.detector()

    @cached_property
    def relevance(self) -> "Relevance":
        from earshot.brands.relevance import Relevance  # noqa: PLC0415  as above

        return Relevance(self.config.tracked)

    @cached_property
    def sources(self) -> "Mapping[str, Source]":
        """Every enabled source, by name; those that cost money keep to their budget."""
        from listener.budget import Payer  # noqa: PLC0415  as in earshot.config.load
        from listener.sources import SOURCES  # noqa: PLC0415  as above

        made = {name: SOURCES[name].make(table) for name, table in self.config.enabled.items()}
        for name, source in made.items():
            settings = self.config.sources[name]
            if isinstance(source, Payer) and isinstance(settings, PaidSettings):
                source.pays_from(self._budget(name, settings))
        return made

    def _budget(self, name: str, settings: PaidSettings) -> "Budget":
        from earshot.core.budget import MonthlyBudget  # noqa: PLC0415  as above

        return MonthlyBudget(lambda: self.database, name, settings)

    @cached_property
    def channel(self) -> Channel:
        """Slack when it is configured, else the console."""
        if self._notifier is not None:
            return Channel(self._notifier)
        slack = self.config.top.alerts.slack
        if slack is not None and slack.ready:
            from alerts.slack.notifier import PACE_S, SlackNotifier  # noqa: PLC0415  as above

            return Channel(SlackNotifier(slack), slack.channel, PACE_S, slack, slack.pressable)
        from alerts.notifier import ConsoleNotifier  # noqa: PLC0415  as above

        return Channel(ConsoleNotifier(sys.stdout))

    @property
    def notifier(self) -> "Notifier":
        return self.channel.notifier

    def close(self) -> None:
        if "database" in self.__dict__:
            self.database.close()
