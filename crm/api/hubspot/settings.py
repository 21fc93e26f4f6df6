"""The [crm.hubspot] table of config.toml."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, model_validator

from crm.api.settings import ApiSettings, Network
from net.settings import Secret

# What is read as the customer's own word, or is HubSpot's own.
_READ = frozenset(["twitterhandle", "email", "firstname", "lastname", "phone", "website"])


PropertyName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,99}$")]


def _own_property(name: str) -> str:
    if name in _READ or name.startswith("hs_"):
        raise ValueError("is not a property of your own: make one of single-line text")
    return name


class HubSpotSettings(ApiSettings):
    """The token is that of a private app which may read contacts and deals."""

    access_token: Secret = SecretStr("")
    # Besides Twitter's and LinkedIn's own ones: network -> property.
    handle_properties: dict[Network, PropertyName] = Field(default_factory=dict)
    # The property that confirmed handles are written into.
    write_back: Annotated[PropertyName, AfterValidator(_own_property)] | None = None

    @model_validator(mode="after")
    def _reads_no_word_of_ours(self) -> Self:
        if self.write_back in self.handle_properties.values():
            raise ValueError("write_back and handle_properties name one property: make another")
        return self

    @classmethod
    def required(cls) -> tuple[str, ...]:
        """The token is all there is."""
        return ("access_token",)
