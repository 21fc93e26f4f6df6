"""What LinkedIn's refusals name.

https://learn.microsoft.com/linkedin/shared/api-guide/concepts/error-handling
"""

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from domain.errors import RemoteError
from listener.clean import words
from listener.sources.refusals import AllRefusedError

_DENIED = 100  # a service error code, as those below
_TOKEN_ENDED: Mapping[object, str] = {
    65600: "is none that LinkedIn has given",
    65601: "was withdrawn by its member",
    65602: "has expired",
    "INVALID_ACCESS_TOKEN": "is none that LinkedIn has given",
    "REVOKED_ACCESS_TOKEN": "was withdrawn by its member",
    "EXPIRED_ACCESS_TOKEN": "has expired",
}


def translate_error(status: int, body: Any, wait: timedelta | None) -> RemoteError | None:  # noqa: ANN401
    """Reads an error body; LinkedIn names the cause by a word, a number or both."""
    found = body if isinstance(body, dict) else {}
    word, number = words(found.get("code")), found.get("serviceErrorCode")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return AllRefusedError(f"linkedin: rate limited ({status})", retry_after=wait)
    if status == HTTPStatus.UPGRADE_REQUIRED:
        message = (
            "that version of the API is closed (426); set sources.linkedin.version to a month of"
        )
        return AllRefusedError(f"linkedin: {message} this year", permanent=True)
    if status == HTTPStatus.UNAUTHORIZED:
        known = (name for name in (word, number) if isinstance(name, str | int))
        ended = next((_TOKEN_ENDED[name] for name in known if name in _TOKEN_ENDED), "is refused")
        message = (
            f"the token {ended} ({status}); make a new one and check sources.linkedin.access_token"
        )
        return AllRefusedError(f"linkedin: {message}", permanent=True)
    if status == HTTPStatus.FORBIDDEN and (word == "ACCESS_DENIED" or number == _DENIED):
        return RemoteError(
            f"linkedin: the token may not read this ({status}): it needs rw_organization_admin and "
            "r_organization_social, and its member has to be an administrator of the page",
            permanent=True,
        )
    return None
