"""Mastodon, server by server."""

from collections.abc import Sequence

from listener.hearing import is_called
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


def _unlike(settings: SourceSettings, watches: Sequence[Watch]) -> str:
    """Without a token nothing is searched: who has no hashtag is heard less."""
    from listener.sources.mastodon.posts import hashtags_of  # noqa: PLC0415  as above

    table = given(MastodonSettings, settings)
    if table.access_token.get_secret_value():
        return ""
    having = [
        one.brand
        for one in watches
        if hashtags_of(one) or any(is_called(tag, one.brand) for tag in table.hashtags)
    ]
    lacking = [one.brand for one in watches if one.brand not in having]
    if not lacking or (table.hashtags and not having):
        return ""
    return f"only hashtags are read without access_token, and none is of {' or '.join(lacking)}"


KIND = SourceKind(MastodonSettings, _make, _asks, unlike=_unlike)
