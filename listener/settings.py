"""The [sources.*] tables of config.toml; reading them imports no client library."""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic import model_validator as check_model

from listener.keys import (
    SHORTEST_SECRET,
    Address,
    App,
    Channel,
    Endpoint,
    Every,
    FeedAddress,
    Folder,
    Handle,
    Hashtag,
    MailServer,
    MailUser,
    Month,
    Number,
    Password,
    Pem,
    Secret,
    Server,
    ServiceAccount,
    Site,
    StreamAddress,
    Subreddit,
    Video,
)
from listener.prices import Price, XPrices


class SourceSettings(BaseModel):
    """What every [sources.NAME] table has."""

    # Input is hidden: an error about a table must not print the secret that stands in it.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    enabled: bool = False
    every: Every = timedelta(minutes=15)
    base_url: Address | None = None  # a gateway or a test double; None: the service itself
    at_least_per_day: Annotated[int, Field(ge=1)] | None = None  # new mentions; fewer is an alarm
    at_most_per_day: Annotated[int, Field(ge=1)] | None = None  # more is told: a query too wide?

    @check_model(mode="after")
    def _enabled_has_its_keys(self) -> Self:
        missing = [key for key in self.required() if not _given(getattr(self, key))]
        if self.enabled and missing:
            raise ValueError(
                f"enabled, but {' and '.join(missing)} missing (env:NAME or file:/path)"
            )
        return self

    @classmethod
    def required(cls) -> tuple[str, ...]:
        """The keys without which the source cannot be enabled."""
        return ()


class XSettings(SourceSettings):
    """The [sources.x] table."""

    bearer_token: Secret = SecretStr("")
    monthly_budget: Price = Decimal(50)  # US dollars in a calendar month, UTC; a hard stop
    prices: XPrices = XPrices()
    own_mentions: tuple[Number, ...] = ()  # own accounts that own the app: mentions at owned_post
    archive: bool = False  # whether `collect --since` may go back further than 7 days
    stream: bool = False  # whether posts are also read as they are written

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("bearer_token",)


class RedditSettings(SourceSettings):
    """The [sources.reddit] table."""

    client_id: str = ""
    client_secret: Secret = SecretStr("")
    subreddits: tuple[Subreddit, ...] = ("all",)
    auth_url: Address | None = None  # where tokens are given; None: as base_url

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("client_id", "client_secret")


class BlueskySettings(SourceSettings):
    """The [sources.bluesky] table."""

    handle: Handle = ""  # of any account: what is public is read with it
    app_password: Secret = SecretStr("")
    stream: bool = False  # whether posts are read as they are written, besides searching
    stream_url: StreamAddress = "wss://jetstream.us-east.bsky.network"

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("handle", "app_password")


class MastodonSettings(SourceSettings):
    """The [sources.mastodon] table; base_url is asked instead of the servers."""

    servers: tuple[Server, ...] = ("https://mastodon.social",)
    access_token: Secret = SecretStr("")  # of an account on the first server, for its search
    hashtags: tuple[Hashtag, ...] = ()  # read for all brands, beside the #tags in their queries

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("servers",)


class HackerNewsSettings(SourceSettings):
    """The [sources.hackernews] table."""


class RssSettings(SourceSettings):
    """The [sources.rss] table; base_url is a gateway that fetches instead, whatever the host."""

    feeds: tuple[FeedAddress, ...] = ()
    allow_private: bool = False  # feeds inside the own network may be fetched, too


class YoutubeSettings(SourceSettings):
    """The [sources.youtube] table."""

    api_key: Secret = SecretStr("")
    brand: str = ""  # whose channels and videos these are; "": nobody's, what names a brand counts
    channels: tuple[Channel, ...] = ()
    videos: tuple[Video, ...] = ()
    searches_per_day: Annotated[int, Field(ge=0, le=100)] = 20  # for each brand and competitor

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("api_key",)


class OneBrandSettings(SourceSettings):
    """A source of which everything is about one brand: its own page, its own app."""

    brand: str = ""  # its name in [[brands]]


class FacebookSettings(OneBrandSettings):
    """The [sources.facebook] table."""

    page: Number = ""  # the id of the brand's page
    access_token: Secret = SecretStr("")

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("brand", "page", "access_token")


class InstagramSettings(OneBrandSettings):
    """The [sources.instagram] table."""

    account: Number = ""  # the id of the brand's professional account
    access_token: Secret = SecretStr("")

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("brand", "account", "access_token")


class ThreadsSettings(SourceSettings):
    """The [sources.threads] table."""

    access_token: Secret = SecretStr("")

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("access_token",)


class LinkedInSettings(OneBrandSettings):
    """The [sources.linkedin] table."""

    organization: Number = ""  # the id of the brand's page
    access_token: Secret = SecretStr("")
    version: Month = "202607"  # of the API; LinkedIn closes each about a year after it came

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("brand", "organization", "access_token")


class EmailSettings(OneBrandSettings):
    """The [sources.email] table; with a brand all mail is about it, else it is matched."""

    base_url: MailServer | None = None  # the mail server; there is none that could be meant
    user: MailUser = ""
    password: Password = SecretStr("")
    folders: Annotated[tuple[Folder, ...], Field(min_length=1)] = ("INBOX",)

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("base_url", "user", "password")


class WebhookSettings(BaseModel):
    """The [intake.webhook] table: where other tools bring mentions while `earshot run` runs."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    enabled: bool = False
    listen: Endpoint = "127.0.0.1:8787"
    secret: Secret = SecretStr("")  # shared with whoever may bring mentions

    @check_model(mode="after")
    def _enabled_has_a_secret(self) -> Self:
        if self.enabled and len(self.secret.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError(
                f"enabled, but secret is missing or shorter than {SHORTEST_SECRET} characters: "
                "make one with openssl rand -hex 32 (env:NAME or file:/path)"
            )
        return self


class StackExchangeSettings(SourceSettings):
    """The [sources.stackexchange] table."""

    sites: tuple[Site, ...] = ("stackoverflow",)
    api_key: Secret = SecretStr("")

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("sites",)


class GitHubSettings(SourceSettings):
    """The [sources.github] table."""

    token: Secret = SecretStr("")


class DiscourseSettings(SourceSettings):
    """The [sources.discourse] table."""

    servers: tuple[Address, ...] = ()
    api_key: Secret = SecretStr("")
    api_username: str = ""

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("servers",)

    @check_model(mode="after")
    def _key_stays_with_its_server(self) -> Self:
        if self.api_key.get_secret_value() and len(self.servers) != 1:
            raise ValueError("api_key belongs to one forum: name only that one in servers")
        if self.api_key.get_secret_value() and not self.api_username:
            raise ValueError("api_key needs api_username: whoever it reads as")
        return self


class TrustpilotSettings(OneBrandSettings):
    """The [sources.trustpilot] table."""

    api_key: Secret = SecretStr("")
    business_unit_id: str = Field(default="", pattern="^([0-9a-fA-F]{24})?$")

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("brand", "business_unit_id", "api_key")


class AppStoreSettings(SourceSettings):
    """The [sources.appstore] table."""

    apps: dict[App, str] = Field(default_factory=dict)  # number -> the brand it is of
    key_id: str = ""
    issuer_id: str = ""
    private_key: Pem = SecretStr("")

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("apps", "key_id", "issuer_id", "private_key")


class GooglePlaySettings(SourceSettings):
    """The [sources.googleplay] table."""

    apps: dict[App, str] = Field(default_factory=dict)  # package name -> the brand it is of
    service_account: ServiceAccount = SecretStr("")
    auth_url: Address | None = None  # where tokens are given; None: as base_url

    @classmethod
    def required(cls) -> tuple[str, ...]:
        return ("apps", "service_account")


def _given(value: object) -> bool:
    return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)
