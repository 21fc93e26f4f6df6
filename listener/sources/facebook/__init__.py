"""Facebook."""

from listener.hearing import one_brand
from listener.settings import SourceSettings
from listener.source import Source
from listener.source_kind import SourceKind, own_place
from listener.sources.facebook.settings import FacebookSettings
from net.settings import given


def _make(settings: SourceSettings) -> Source:
    # Late: clients take up to 0.9 s to import, which reading the configuration must not wait for.
    from listener.sources.facebook.source import FacebookSource  # noqa: PLC0415

    return FacebookSource(given(FacebookSettings, settings))


KIND = SourceKind(FacebookSettings, _make, own_place, recorded=False, unlike=one_brand)
