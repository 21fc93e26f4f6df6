"""The [sources.*] tables of config.toml; reading them imports no client library."""

import re
from datetime import timedelta
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, SecretStr
from pydantic import model_validator as check_model

from domain.clock import parse_duration
from domain.errors import ConfigError


def _duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        raise ValueError("write a duration in quotes, for example 90m, 24h or 7d")  # noqa: TRY004
    try:
        return parse_duration(value)
    except ConfigError as error:
        raise ValueError(str(error)) from None


def _address(value: str) -> str:
    parts = urlsplit(value.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("write an address such as https://gateway.example.org")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("an address here has no user, password, ? or #")
    return value.strip().rstrip("/")


def _secret(value: SecretStr) -> SecretStr:
    """Without the newline a file often ends in, and fit for an HTTP header.

    requests would refuse any other and print the whole header, secret included, in its error.
    """
    text = value.get_secret_value().strip()
    if not re.fullmatch(r"[\x21-\x7e]*", text):
        raise ValueError("a secret holds visible ASCII characters only, and no spaces")
    return SecretStr(text)


def _subreddit(value: str) -> str:
    name = re.sub(r"^/?r/", "", value.strip(), flags=re.IGNORECASE)
    if not re.fullmatch(r"[A-Za-z0-9_]{2,21}", name):
        raise ValueError(f"{value!r} is not a subreddit: write its name without r/")
    return name


Every = Annotated[timedelta, BeforeValidator(_duration)]
Address = Annotated[str, AfterValidator(_address)]
Secret = Annotated[SecretStr, AfterValidator(_secret)]
Subreddit = Annotated[str, AfterValidator(_subreddit)]


class SourceSettings(BaseModel):
    """What every [sources.NAME] table has."""

    # Input is hidden: an error about a table must not print the secret that stands in it.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    enabled: bool = False
    every: Every = timedelta(minutes=15)
    base_url: Address | None = None  # a gateway or a test double; None: the service itself

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


def _given(value: object) -> bool:
    return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)
