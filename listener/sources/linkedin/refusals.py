"""What LinkedIn's refusals name.

https://learn.microsoft.com/linkedin/shared/api-guide/concepts/error-handling
"""

from collections.abc import Mapping
from http import HTTPStatus

from domain.errors import RemoteError
from listener.clean import words
from listener.sources.refusals import AllRefusedError
from net.refusals import Refusal

_DENIED = 100  # a service error code, as those below
_TOKEN_ENDED: Mapping[object, str] = {
    65600: "is none that LinkedIn has given",
    65601: "was withdrawn by its member",
    65602: "has expired",
    "INVALID_ACCESS_TOKEN": "is none that LinkedIn has given",
    "REVOKED_ACCESS_TOKEN": "was withdrawn by its member",
    "EXPIRED_ACCESS_TOKEN": "has expired",
}


def translate_error(refusal: Refusal) -> RemoteError | None:
    """Reads an error body; LinkedIn names the cause by a word, a number or both."""
    found = refusal.body if isinstance(refusal.body, dict) else {}
    status = refusal.status
    word, number = words(found.get("code")), found.get("serviceErrorCode")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return AllRefusedError(f"linkedin: rate limited ({status})", retry_after=refusal.wait)
    if status == HTTPStatus.UPGRADE_REQUIRED:
        told = "that version of the API is closed (426); set sources.linkedin.version to a month of"
        return AllRefusedError(f"linkedin: {told} this year", permanent=True)
    if status == HTTPStatus.UNAUTHORIZED:
        known = (name for name in (word, number) if isinstance(name, str | int))
        ended = next((_TOKEN_ENDED[name] for name in known if name in _TOKEN_ENDED), "is refused")
        told = (
            f"the token {ended} ({status}); make a new one and check sources.linkedin.access_token"
        )
        return AllRefusedError(f"linkedin: {told}", permanent=True)
    if status == HTTPStatus.FORBIDDEN and (word == "ACCESS_DENIED" or number == _DENIED):
        return RemoteError(
            f"linkedin: the token may not read this ({status}): it needs rw_organization_admin and "
            "r_organization_social, and its member has to be an administrator of the page",
            permanent=True,
        )
    return None
