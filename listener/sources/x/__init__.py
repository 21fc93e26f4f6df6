"""X, through its API."""

from listener.settings import SourceSettings
from listener.source import Source
from listener.source_kind import SourceKind
from listener.sources.x.asks import searches
from listener.sources.x.settings import XSettings
from net.settings import given


def _make(settings: SourceSettings) -> Source:
    # Late: clients take up to 0.9 s to import, which reading the configuration must not wait for.
    from listener.sources.x.source import XSource  # noqa: PLC0415

    return XSource(given(XSettings, settings))


KIND = SourceKind(XSettings, _make, searches)
