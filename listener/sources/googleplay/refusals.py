"""What Google's refusals name: https://cloud.google.com/apis/design/errors and its older form."""

from domain.errors import RemoteError
from net.refusals import Refusal, TranslateError

_SPENT = frozenset(
    (
        *("quotaExceeded", "rateLimitExceeded", "userRateLimitExceeded", "dailyLimitExceeded"),
        *("RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED"),
    )
)
# By what names the cause most closely: an API that is not enabled is PERMISSION_DENIED too.
_CAUSES = (
    (
        ("SERVICE_DISABLED", "accessNotConfigured"),
        "enable the Google Play Android Developer API in the service account's Cloud project",
    ),
    (
        ("projectNotLinked",),
        "link the service account's Cloud project in the Play Console, under API access",
    ),
    (
        ("BILLING_DISABLED", "CONSUMER_INVALID", "CONSUMER_SUSPENDED", "USER_PROJECT_DENIED"),
        "the service account's Cloud project is closed or suspended; look in the Cloud console",
    ),
    (("applicationNotFound",), "Google knows no such app; check sources.googleplay.apps"),
    (
        ("PERMISSION_DENIED", "forbidden", "insufficientPermissions", "permissionDenied"),
        "the service account may not read it; permit it to reply to reviews in the Play Console",
    ),
)


def error_translator(app: str) -> TranslateError:
    """Reads the error bodies of requests for one app."""

    def read(refusal: Refusal) -> RemoteError | None:
        named = _named(refusal.body)
        if named & _SPENT:
            return refusal.rate_limited("the quota is used up")
        for names, cause in _CAUSES:
            if named.intersection(names):
                return refusal.refused(f"{app}: {cause}")
        return None

    return read


def _named(body: object) -> set[str]:
    """The names of the cause in both forms, and the name of the status."""
    error = body.get("error") if isinstance(body, dict) else None
    error = error if isinstance(error, dict) else {}
    lists = (error.get(key) for key in ("errors", "details"))
    causes = (one for each in lists if isinstance(each, list) for one in each)
    named = [one.get("reason") for one in causes if isinstance(one, dict)]
    return {name for name in (*named, error.get("status")) if isinstance(name, str)}
