"""The [crm.hubspot] table of config.toml."""

from typing import Annotated

from pydantic import AfterValidator, SecretStr, StringConstraints

from crm.api.settings import ApiSettings, Secret

# What is read as the customer's own word, or is HubSpot's own.
_READ = frozenset(["twitterhandle", "email", "firstname", "lastname", "phone", "website"])


def _own_property(name: str) -> str:
    if name in _READ or name.startswith("hs_"):
        raise ValueError("is not a property of your own: make one of single-line text")
    return name


class HubSpotSettings(ApiSettings):
    """The token is that of a private app which may read contacts and deals."""

    access_token: Secret = SecretStr("")
    # The property that confirmed handles are written into; "": nothing is written.
    write_back: Annotated[
        str,
        StringConstraints(pattern="^([a-z][a-z0-9_]{0,99})?$"),
        AfterValidator(_own_property),
    ] = ""

    @classmethod
    def required(cls) -> tuple[str, ...]:
        """The token is all there is."""
        return ("access_token",)
