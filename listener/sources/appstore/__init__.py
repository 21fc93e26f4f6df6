"""App Store."""

from listener.hearing import apps
from listener.settings import SourceSettings
from listener.source import Source
from listener.source_kind import SourceKind, own_place
from listener.sources.appstore.settings import AppStoreSettings
from net.settings import given


def _make(settings: SourceSettings) -> Source:
    # Late: clients take up to 0.9 s to import, which reading the configuration must not wait for.
    from listener.sources.appstore.source import AppStoreSource  # noqa: PLC0415

    return AppStoreSource(given(AppStoreSettings, settings))


KIND = SourceKind(AppStoreSettings, _make, own_place, recorded=False, unlike=apps)
