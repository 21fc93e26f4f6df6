"""Threads, by keyword."""

from listener.settings import SourceSettings
from listener.source import Source
from listener.source_kind import SourceKind
from listener.sources.threads.asks import searches
from listener.sources.threads.settings import ThreadsSettings
from net.settings import given


def _make(settings: SourceSettings) -> Source:
    # Late: clients take up to 0.9 s to import, which reading the configuration must not wait for.
    from listener.sources.threads.source import ThreadsSource  # noqa: PLC0415

    return ThreadsSource(given(ThreadsSettings, settings))


KIND = SourceKind(ThreadsSettings, _make, searches, recorded=False)
