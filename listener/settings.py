"""The [sources.*] tables of config.toml; reading them imports no client library."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic import model_validator as check_model

from domain.address import Origin
from listener.keys import SHORTEST_SECRET, Endpoint
from listener.prices import Price, Prices
from net.settings import Secret, ServiceSettings


class SourceSettings(ServiceSettings):
    """What every [sources.NAME] table has."""

    at_least_per_day: Annotated[int, Field(ge=1)] | None = None  # new mentions; fewer is an alarm
    at_most_per_day: Annotated[int, Field(ge=1)] | None = None  # more is told: a query too wide?

    def post_servers(self) -> Iterable[Origin]:
        """The servers of this table where posts may be opened, besides the network's own hosts.

        For networks whose servers anybody may run. Posts that such a server passes on from servers
        of others are not meant: whoever runs one of those chose its name.
        """
        return ()


class PaidSettings(SourceSettings):
    """A source whose network charges for what is read."""

    monthly_budget: Price = Decimal(50)  # US dollars in a calendar month, UTC; a hard stop
    prices: Prices = Prices()


class OneBrandSettings(SourceSettings):
    """A source of which everything is about one brand: its own page, its own app."""

    brand: str = ""  # its name in [[brands]]


class WebhookSettings(BaseModel):
    """The [intake.webhook] table: where other tools bring mentions while `earshot run` runs."""

    # Built when a table is read: those of all networks cost 40 ms that lists do not have.
    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True
    )

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
