"""The sources there are, by name. Importing this imports no client library."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from domain.errors import ConfigError
from listener.query import to_reddit
from listener.settings import RedditSettings, SourceSettings, XSettings
from listener.source import Source, Watch
from listener.sources.x_walk import search_query

S = TypeVar("S", bound=SourceSettings)


@dataclass(frozen=True, slots=True)
class SourceKind:
    settings: type[SourceSettings]  # the model of its [sources.NAME] table
    make: Callable[[SourceSettings], Source]  # raises ConfigError when keys are missing
    asks: Callable[[Watch], str]  # the query in the network's words; ConfigError when too long


# The imports below wait until a source is made: tweepy and praw cost half a second that
# `earshot mentions` does not have.


def _x(settings: SourceSettings) -> Source:
    from listener.sources.x import XSource  # noqa: PLC0415

    return XSource(_as(XSettings, settings))


def _reddit(settings: SourceSettings) -> Source:
    from listener.sources.reddit import RedditSource  # noqa: PLC0415

    return RedditSource(_as(RedditSettings, settings))


def _reddit_query(watch: Watch) -> str:
    return to_reddit(watch.query)


SOURCES: dict[str, SourceKind] = {
    "x": SourceKind(XSettings, _x, search_query),
    "reddit": SourceKind(RedditSettings, _reddit, _reddit_query),
}


def _as(model: type[S], settings: SourceSettings) -> S:
    if not isinstance(settings, model):
        raise ConfigError(f"{type(settings).__name__} given where {model.__name__} belongs")
    return settings
