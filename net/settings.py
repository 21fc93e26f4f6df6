"""What the tables of config.toml about a service with an API have in common; imports no HTTP."""

import re
from datetime import timedelta
from typing import Annotated, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    SecretStr,
    model_validator,
)

from domain.clock import parse_duration
from domain.errors import ConfigError


def address(schemes: tuple[str, ...], value: str, example: str) -> str:
    """The address without a last slash. Raises ValueError, which shows the example."""
    parts = urlsplit(value.strip())
    if parts.scheme not in schemes or not parts.hostname:
        raise ValueError(f"write an address such as {example}")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("an address here has no user, password, ? or #")
    try:
        parts.port  # noqa: B018 (reading it checks it)
    except ValueError:
        raise ValueError(f"write an address such as {example}:443") from None
    return value.strip().rstrip("/")


def web_address(value: str) -> str:
    return address(("http", "https"), value, "https://gateway.example.org")


def _duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        raise ValueError("write a duration in quotes, for example 90m, 24h or 7d")  # noqa: TRY004
    try:
        return parse_duration(value)
    except ConfigError as error:
        raise ValueError(str(error)) from None


def _secret(value: SecretStr) -> SecretStr:
    """Without the newline a file often ends in, and fit for an HTTP header.

    requests would refuse any other and print the whole header, secret included, in its error.
    """
    text = value.get_secret_value().strip()
    if not re.fullmatch(r"[\x21-\x7e]*", text):
        raise ValueError("a secret holds visible ASCII characters only, and no spaces")
    return SecretStr(text)


Every = Annotated[timedelta, BeforeValidator(_duration)]
Address = Annotated[str, AfterValidator(web_address)]
Secret = Annotated[SecretStr, AfterValidator(_secret)]


class ServiceSettings(BaseModel):
    """What every one of these tables has."""

    # Input is hidden: an error about a table must not print the secret that stands in it.
    # Built when a table is read: those of all networks cost 40 ms that lists do not have.
    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True
    )

    enabled: bool = False
    every: Every = timedelta(minutes=15)
    base_url: Address | None = None  # a gateway or a test double; None: the service itself

    @model_validator(mode="after")
    def _enabled_has_its_keys(self) -> Self:
        missing = [key for key in self.required() if not _is_given(getattr(self, key))]
        if self.enabled and missing:
            raise ValueError(
                f"enabled, but {' and '.join(missing)} missing (env:NAME or file:/path)"
            )
        return self

    @classmethod
    def required(cls) -> tuple[str, ...]:
        """The keys without which the service cannot be enabled."""
        return ()


def _is_given(value: object) -> bool:
    return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)


S = TypeVar("S", bound=ServiceSettings)


def given(model: type[S], settings: ServiceSettings) -> S:
    """The settings as the model that this service has. Raises ConfigError when they are others'."""
    if not isinstance(settings, model):
        raise ConfigError(f"{type(settings).__name__} given where {model.__name__} belongs")
    return settings
