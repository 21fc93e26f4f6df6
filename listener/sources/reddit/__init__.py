"""Reddit, through its API."""

from listener.hearing import places
from listener.query import REDDIT_DIALECT, Compiled, compiled
from listener.settings import SourceSettings
from listener.source import Source, Watch
from listener.source_kind import SourceKind
from listener.sources.reddit.settings import RedditSettings
from net.settings import given


def _make(settings: SourceSettings) -> Source:
    # Late: clients take up to 0.9 s to import, which reading the configuration must not wait for.
    from listener.sources.reddit.source import RedditSource  # noqa: PLC0415

    return RedditSource(given(RedditSettings, settings))


def _asks(watch: Watch) -> Compiled:
    return compiled(watch.query, REDDIT_DIALECT)


def _subreddits(settings: SourceSettings) -> tuple[str, ...]:
    return given(RedditSettings, settings).subreddits


KIND = SourceKind(RedditSettings, _make, _asks, unlike=places(_subreddits, "subreddit"))
