"""Discourse forums."""

from listener.hearing import places
from listener.settings import SourceSettings
from listener.source import Source
from listener.source_kind import SourceKind, everything
from listener.sources.discourse.settings import DiscourseSettings
from net.settings import given


def _make(settings: SourceSettings) -> Source:
    # Late: clients take up to 0.9 s to import, which reading the configuration must not wait for.
    from listener.sources.discourse.source import DiscourseSource  # noqa: PLC0415

    return DiscourseSource(given(DiscourseSettings, settings))


def _forums(settings: SourceSettings) -> tuple[str, ...]:
    return given(DiscourseSettings, settings).servers


KIND = SourceKind(
    *(DiscourseSettings, _make, everything),
    recorded=False,
    shared=True,
    unlike=places(_forums, "forum", own=True),
)
