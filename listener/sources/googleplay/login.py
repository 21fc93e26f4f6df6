"""Google's tokens for a service account: a signed request for each hour (RFC 7523)."""

import json
import time

import jwt

from domain.errors import ConfigError, RemoteError
from listener.clean import words
from net.json_api import Api
from net.refusals import Refusal

# https://developers.google.com/identity/protocols/oauth2/service-account
_TOKENS = "https://oauth2.googleapis.com"
_SCOPE = "https://www.googleapis.com/auth/androidpublisher"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_ACCOUNT = ("invalid_grant", "invalid_client", "unauthorized_client", "disabled_client")
_CHECK = "sources.googleplay.service_account and the clock"
_LIFE_S = 3600
_SPARE_S = 300  # a token is not used to its last second


class Login:
    """Keeps one token. auth_url: where it is given instead; None: at Google."""

    def __init__(self, service_account: str, auth_url: str | None) -> None:
        account = json.loads(service_account)
        self._email = words(account["client_email"])
        self._key, self._key_id = account["private_key"], words(account["private_key_id"])
        self._token, self._good_until = "", 0.0
        self._api = Api(
            "googleplay", auth_url or _TOKENS, headers={}, translate_error=_translate_error
        )
        self._signed()  # a key that signs nothing is found at once

    def bearer(self) -> str:
        """A token that is good for a while. Raises RemoteError when none is given."""
        if time.monotonic() >= self._good_until:
            asked = {"grant_type": _GRANT, "assertion": self._signed()}
            answer = self._api.post_form("token", asked, now=None)
            token = words(answer.get("access_token")) if isinstance(answer, dict) else ""
            if not token.isascii() or not token.isprintable() or not token:
                raise RemoteError("googleplay: no token was given; will be tried again")
            self._token, self._good_until = token, time.monotonic() + _LIFE_S - _SPARE_S
        return self._token

    def _signed(self) -> str:
        now_s = int(time.time())
        claims = {
            "iss": self._email,
            "scope": _SCOPE,
            "aud": f"{_TOKENS}/token",
            "iat": now_s,
            "exp": now_s + _LIFE_S,
        }
        try:
            return jwt.encode(claims, self._key, "RS256", {"kid": self._key_id})
        except (jwt.PyJWTError, ValueError, TypeError):
            raise ConfigError(
                "sources.googleplay.service_account: its private_key cannot be read; give the "
                "JSON file as Google made it"
            ) from None


def _translate_error(refusal: Refusal) -> RemoteError | None:
    """What is wrong with the account comes with 400 and a word for it."""
    if refusal.name not in _ACCOUNT:
        return None
    # "… Check your iat and exp values in the JWT claim."
    described = words(refusal.body.get("error_description"))
    check = "the clock of this machine" if "iat" in described else _CHECK
    return refusal.refused("Google refuses the service account", advice=f"check {check}")
