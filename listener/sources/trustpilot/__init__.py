"""Trustpilot."""

from listener.hearing import one_brand
from listener.settings import SourceSettings
from listener.source import Source
from listener.source_kind import SourceKind, own_place
from listener.sources.trustpilot.settings import TrustpilotSettings
from net.settings import given


def _make(settings: SourceSettings) -> Source:
    # Late: clients take up to 0.9 s to import, which reading the configuration must not wait for.
    from listener.sources.trustpilot.source import TrustpilotSource  # noqa: PLC0415

    return TrustpilotSource(given(TrustpilotSettings, settings))


KIND = SourceKind(TrustpilotSettings, _make, own_place, recorded=False, unlike=one_brand)
