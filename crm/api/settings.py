"""What the [crm.NAME] tables of systems with an API have in common; it imports no HTTP."""

import re
from datetime import timedelta
from typing import Annotated, Self
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
from domain.network import NETWORKS, name_of


def _duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        raise ValueError("write a duration in quotes, for example 15m, 1h or 1d")  # noqa: TRY004
    try:
        found = parse_duration(value)
    except ConfigError as error:
        raise ValueError(str(error)) from None
    if found < timedelta(minutes=1):
        raise ValueError("is too often: write 1m or more")
    return found


def _address(value: str) -> str:
    parts = urlsplit(value.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("write an address such as https://gateway.example.org")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("an address here has no user, password, ? or #")
    return value.strip().rstrip("/")


def _secret(value: SecretStr) -> SecretStr:
    """Fit for an HTTP header: requests would print any other, header and all, in its error."""
    text = value.get_secret_value().strip()
    if not re.fullmatch(r"[\x21-\x7e]*", text):
        raise ValueError("a secret holds visible ASCII characters only, and no spaces")
    return SecretStr(text)


def _network(value: str) -> str:
    found = name_of(value)
    if found not in NETWORKS or not NETWORKS[found].handle:
        raise ValueError("is no network whose people have handles")
    return found


Every = Annotated[timedelta, BeforeValidator(_duration)]
Address = Annotated[str, AfterValidator(_address)]
Secret = Annotated[SecretStr, AfterValidator(_secret)]
Network = Annotated[str, AfterValidator(_network)]


class ApiSettings(BaseModel):
    """What every one of these tables has."""

    # Input is hidden: an error about a table must not print the secret that stands in it.
    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True
    )

    enabled: bool = False
    every: Every = timedelta(minutes=15)
    base_url: Address | None = None  # a gateway or a test double; None: the system itself

    @model_validator(mode="after")
    def _enabled_has_its_keys(self) -> Self:
        missing = [key for key in self.required() if not _given(getattr(self, key))]
        if self.enabled and missing:
            raise ValueError(
                f"enabled, but {' and '.join(missing)} missing (env:NAME or file:/path)"
            )
        return self

    @classmethod
    def required(cls) -> tuple[str, ...]:
        """The keys without which the system cannot be enabled."""
        return ()


def _given(value: object) -> bool:
    return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)
