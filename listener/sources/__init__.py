"""The sources there are, by name. Importing this imports no client library."""

from listener.source_kind import SourceKind
from listener.sources import (
    appstore,
    bluesky,
    discourse,
    email,
    facebook,
    github,
    googleplay,
    hackernews,
    instagram,
    linkedin,
    mastodon,
    reddit,
    rss,
    stackexchange,
    threads,
    trustpilot,
    x,
    youtube,
)

SOURCES: dict[str, SourceKind] = {
    "x": x.KIND,
    "reddit": reddit.KIND,
    "bluesky": bluesky.KIND,
    "mastodon": mastodon.KIND,
    "hackernews": hackernews.KIND,
    "rss": rss.KIND,
    "youtube": youtube.KIND,
    "stackexchange": stackexchange.KIND,
    "github": github.KIND,
    "discourse": discourse.KIND,
    "trustpilot": trustpilot.KIND,
    "appstore": appstore.KIND,
    "googleplay": googleplay.KIND,
    "facebook": facebook.KIND,
    "instagram": instagram.KIND,
    "threads": threads.KIND,
    "linkedin": linkedin.KIND,
    "email": email.KIND,
}
