"""Mastodon, server by server."""

from listener.query import Compiled
from listener.settings import SourceSettings
from listener.source import Source, Watch
from listener.source_kind import SourceKind
from listener.sources.mastodon.settings import MastodonSettings
from net.settings import given


def _make(settings: SourceSettings) -> Source:
    # Late: clients take up to 0.9 s to import, which reading the configuration must not wait for.
    from listener.sources.mastodon.source import MastodonSource  # noqa: PLC0415

    return MastodonSource(given(MastodonSettings, settings))


def _asks(watch: Watch) -> Compiled:
    from listener.sources.mastodon.posts import asks  # noqa: PLC0415  as above: 2 to 15 ms

    return asks(watch)


KIND = SourceKind(MastodonSettings, _make, _asks)
