"""RSS and Atom feeds."""

from listener.hearing import places
from listener.settings import SourceSettings
from listener.source import Source
from listener.source_kind import SourceKind, everything
from listener.sources.rss.settings import RssSettings
from net.settings import given


def _make(settings: SourceSettings) -> Source:
    # Late: clients take up to 0.9 s to import, which reading the configuration must not wait for.
    from listener.sources.rss.source import RssSource  # noqa: PLC0415

    return RssSource(given(RssSettings, settings))


def _feeds(settings: SourceSettings) -> tuple[str, ...]:
    return given(RssSettings, settings).feeds


KIND = SourceKind(
    *(RssSettings, _make, everything),
    recorded=False,
    shared=True,
    unlike=places(_feeds, "feed"),
)
