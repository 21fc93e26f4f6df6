"""Google Play, reviews of own apps."""

from listener.hearing import apps
from listener.settings import SourceSettings
from listener.source import Source
from listener.source_kind import SourceKind, own_place
from listener.sources.googleplay.settings import GooglePlaySettings
from net.settings import given


def _make(settings: SourceSettings) -> Source:
    # Late: clients take up to 0.9 s to import, which reading the configuration must not wait for.
    from listener.sources.googleplay.source import GooglePlaySource  # noqa: PLC0415

    return GooglePlaySource(given(GooglePlaySettings, settings))


KIND = SourceKind(GooglePlaySettings, _make, own_place, recorded=False, unlike=apps)
