"""YouTube, videos and their comments."""

from collections.abc import Sequence

from listener.query import Compiled
from listener.settings import SourceSettings
from listener.source import Source, Watch
from listener.source_kind import SourceKind
from listener.sources.youtube.settings import YoutubeSettings
from net.settings import given


def _make(settings: SourceSettings) -> Source:
    # Late: clients take up to 0.9 s to import, which reading the configuration must not wait for.
    from listener.sources.youtube.source import YoutubeSource  # noqa: PLC0415

    return YoutubeSource(given(YoutubeSettings, settings))


def _asks(watch: Watch) -> Compiled:
    from listener.sources.youtube.posts import asks  # noqa: PLC0415  as above: 2 to 15 ms

    return asks(watch)


def _unlike(settings: SourceSettings, watches: Sequence[Watch]) -> str:
    table = given(YoutubeSettings, settings)
    others = [one for one in watches if one.brand.casefold() != table.brand.casefold()]
    own = table.brand and (table.channels or table.videos)
    return f"channels and videos of {table.brand} are among it" if own and others else ""


KIND = SourceKind(YoutubeSettings, _make, _asks, unlike=_unlike)
