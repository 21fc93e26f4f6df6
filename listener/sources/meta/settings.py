"""The keys that the tables of Meta's networks share."""

from pydantic import SecretStr

from listener.settings import OneBrandSettings, SourceSettings
from net.settings import Secret


class TokenSettings(SourceSettings):
    """A table with a token of Meta's."""

    access_token: Secret = SecretStr("")
    app_secret: Secret = SecretStr("")  # of the app that the token is of, where it asks for proofs


class OwnPageSettings(OneBrandSettings, TokenSettings):
    """A page or an account of one brand."""
