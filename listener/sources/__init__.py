"""The sources there are, by name. Importing this imports no client library."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from domain.errors import ConfigError
from listener.query import REDDIT_DIALECT, Compiled, compiled
from listener.settings import (
    AppStoreSettings,
    BlueskySettings,
    DiscourseSettings,
    EmailSettings,
    FacebookSettings,
    GitHubSettings,
    GooglePlaySettings,
    HackerNewsSettings,
    InstagramSettings,
    LinkedInSettings,
    MastodonSettings,
    RedditSettings,
    RssSettings,
    SourceSettings,
    StackExchangeSettings,
    ThreadsSettings,
    TrustpilotSettings,
    XSettings,
    YoutubeSettings,
)
from listener.source import Source, Watch
from listener.sources.x.asks import searches

S = TypeVar("S", bound=SourceSettings)


@dataclass(frozen=True, slots=True)
class SourceKind:
    settings: type[SourceSettings]  # the model of its [sources.NAME] table
    make: Callable[[SourceSettings], Source]  # raises ConfigError when keys are missing
    asks: Callable[[Watch], Compiled]  # the query in the network's words; ConfigError if too long
    recorded: bool = True  # tested against recorded answers; else built on the documented shapes
    shared: bool = False  # one stream for all brands: asked once a pass, matched here


# The imports below wait until a source is made: tweepy and praw cost half a second that
# `earshot mentions` does not have.


def _x(settings: SourceSettings) -> Source:
    from listener.sources.x.source import XSource  # noqa: PLC0415

    return XSource(_as(XSettings, settings))


def _reddit(settings: SourceSettings) -> Source:
    from listener.sources.reddit.source import RedditSource  # noqa: PLC0415

    return RedditSource(_as(RedditSettings, settings))


def _reddit_asks(watch: Watch) -> Compiled:
    return compiled(watch.query, REDDIT_DIALECT)


def _bluesky(settings: SourceSettings) -> Source:
    from listener.sources.bluesky.source import BlueskySource  # noqa: PLC0415

    return BlueskySource(_as(BlueskySettings, settings))


def _bluesky_asks(watch: Watch) -> Compiled:
    from listener.sources.bluesky.posts import asks  # noqa: PLC0415

    return asks(watch)


def _mastodon(settings: SourceSettings) -> Source:
    from listener.sources.mastodon.source import MastodonSource  # noqa: PLC0415

    return MastodonSource(_as(MastodonSettings, settings))


def _mastodon_asks(watch: Watch) -> Compiled:
    from listener.sources.mastodon.posts import asks  # noqa: PLC0415

    return asks(watch)


def _hackernews(settings: SourceSettings) -> Source:
    from listener.sources.hackernews.source import HackerNewsSource  # noqa: PLC0415

    return HackerNewsSource(_as(HackerNewsSettings, settings))


def _hackernews_asks(watch: Watch) -> Compiled:
    from listener.sources.hackernews.posts import asks  # noqa: PLC0415

    return asks(watch)


def _rss(settings: SourceSettings) -> Source:
    from listener.sources.rss.source import RssSource  # noqa: PLC0415

    return RssSource(_as(RssSettings, settings))


def _everything(_watch: Watch) -> Compiled:
    return Compiled((), ("everything",))


def _youtube(settings: SourceSettings) -> Source:
    from listener.sources.youtube.source import YoutubeSource  # noqa: PLC0415

    return YoutubeSource(_as(YoutubeSettings, settings))


def _youtube_asks(watch: Watch) -> Compiled:
    from listener.sources.youtube.posts import asks  # noqa: PLC0415

    return asks(watch)


def _stackexchange(settings: SourceSettings) -> Source:
    from listener.sources.stackexchange.source import StackExchangeSource  # noqa: PLC0415

    return StackExchangeSource(_as(StackExchangeSettings, settings))


def _stackexchange_asks(watch: Watch) -> Compiled:
    from listener.sources.stackexchange.posts import asks  # noqa: PLC0415

    return asks(watch)


def _github(settings: SourceSettings) -> Source:
    from listener.sources.github.source import GitHubSource  # noqa: PLC0415

    return GitHubSource(_as(GitHubSettings, settings))


def _github_asks(watch: Watch) -> Compiled:
    from listener.sources.github.posts import asks  # noqa: PLC0415

    return asks(watch)


def _discourse(settings: SourceSettings) -> Source:
    from listener.sources.discourse.source import DiscourseSource  # noqa: PLC0415

    return DiscourseSource(_as(DiscourseSettings, settings))


def _trustpilot(settings: SourceSettings) -> Source:
    from listener.sources.trustpilot.source import TrustpilotSource  # noqa: PLC0415

    return TrustpilotSource(_as(TrustpilotSettings, settings))


def _appstore(settings: SourceSettings) -> Source:
    from listener.sources.appstore.source import AppStoreSource  # noqa: PLC0415

    return AppStoreSource(_as(AppStoreSettings, settings))


def _googleplay(settings: SourceSettings) -> Source:
    from listener.sources.googleplay.source import GooglePlaySource  # noqa: PLC0415

    return GooglePlaySource(_as(GooglePlaySettings, settings))


def _facebook(settings: SourceSettings) -> Source:
    from listener.sources.facebook.source import FacebookSource  # noqa: PLC0415

    return FacebookSource(_as(FacebookSettings, settings))


def _instagram(settings: SourceSettings) -> Source:
    from listener.sources.instagram.source import InstagramSource  # noqa: PLC0415

    return InstagramSource(_as(InstagramSettings, settings))


def _threads(settings: SourceSettings) -> Source:
    from listener.sources.threads.source import ThreadsSource  # noqa: PLC0415

    return ThreadsSource(_as(ThreadsSettings, settings))


def _linkedin(settings: SourceSettings) -> Source:
    from listener.sources.linkedin.source import LinkedInSource  # noqa: PLC0415

    return LinkedInSource(_as(LinkedInSettings, settings))


def _email(settings: SourceSettings) -> Source:
    from listener.sources.email.source import EmailSource  # noqa: PLC0415

    return EmailSource(_as(EmailSettings, settings))


def _threads_asks(watch: Watch) -> Compiled:
    from listener.sources.threads.asks import searches  # noqa: PLC0415

    return searches(watch)


def _own_place(_watch: Watch) -> Compiled:
    """Nothing is searched: all that is there is about the brand it belongs to."""
    return Compiled((), ())


SOURCES: dict[str, SourceKind] = {
    "x": SourceKind(XSettings, _x, searches),
    "reddit": SourceKind(RedditSettings, _reddit, _reddit_asks),
    "bluesky": SourceKind(BlueskySettings, _bluesky, _bluesky_asks),
    "mastodon": SourceKind(MastodonSettings, _mastodon, _mastodon_asks),
    "hackernews": SourceKind(HackerNewsSettings, _hackernews, _hackernews_asks, recorded=False),
    "rss": SourceKind(RssSettings, _rss, _everything, recorded=False, shared=True),
    "youtube": SourceKind(YoutubeSettings, _youtube, _youtube_asks),
    "stackexchange": SourceKind(
        StackExchangeSettings, _stackexchange, _stackexchange_asks, recorded=False
    ),
    "github": SourceKind(GitHubSettings, _github, _github_asks, recorded=False),
    "discourse": SourceKind(
        DiscourseSettings, _discourse, _everything, recorded=False, shared=True
    ),
    "trustpilot": SourceKind(TrustpilotSettings, _trustpilot, _own_place, recorded=False),
    "appstore": SourceKind(AppStoreSettings, _appstore, _own_place, recorded=False),
    "googleplay": SourceKind(GooglePlaySettings, _googleplay, _own_place, recorded=False),
    "facebook": SourceKind(FacebookSettings, _facebook, _own_place, recorded=False),
    "instagram": SourceKind(InstagramSettings, _instagram, _own_place, recorded=False),
    "threads": SourceKind(ThreadsSettings, _threads, _threads_asks, recorded=False),
    "linkedin": SourceKind(LinkedInSettings, _linkedin, _own_place, recorded=False),
    "email": SourceKind(EmailSettings, _email, _everything, recorded=False, shared=True),
}


def _as(model: type[S], settings: SourceSettings) -> S:
    if not isinstance(settings, model):
        raise ConfigError(f"{type(settings).__name__} given where {model.__name__} belongs")
    return settings
