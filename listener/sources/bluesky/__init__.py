"""Bluesky, searched and as it is written."""

from listener.query import Compiled
from listener.settings import SourceSettings
from listener.source import Source, Watch
from listener.source_kind import SourceKind
from listener.sources.bluesky.settings import BlueskySettings
from net.settings import given


def _make(settings: SourceSettings) -> Source:
    # Late: clients take up to 0.9 s to import, which reading the configuration must not wait for.
    from listener.sources.bluesky.source import BlueskySource  # noqa: PLC0415

    return BlueskySource(given(BlueskySettings, settings))


def _asks(watch: Watch) -> Compiled:
    from listener.sources.bluesky.posts import asks  # noqa: PLC0415  as above: 2 to 15 ms

    return asks(watch)


KIND = SourceKind(BlueskySettings, _make, _asks)
