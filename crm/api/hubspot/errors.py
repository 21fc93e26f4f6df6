"""What HubSpot says in the body of an answer that is no good one.

https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines
"""

from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus

from domain.errors import RemoteError
from net.refusals import Refusal

# The limits that end by themselves, by the name HubSpot gives them; the day ends at midnight in
# the account's own time zone, which we do not know.
_WAITS = {
    "SECONDLY": timedelta(seconds=1),
    "TEN_SECONDLY_ROLLING": timedelta(seconds=10),
    "DAILY": timedelta(hours=1),
}
_SCOPES = (
    "crm.objects.contacts.read and crm.objects.deals.read, and for write_back "
    "crm.objects.contacts.write"
)


def translated(refusal: Refusal) -> RemoteError | None:
    """One sentence with what to do; None where the status says it all."""
    body = refusal.body if isinstance(refusal.body, dict) else {}
    if refusal.status == HTTPStatus.TOO_MANY_REQUESTS:
        wait = refusal.wait or _WAITS.get(str(body.get("policyName")), timedelta(seconds=10))
        return refusal.rate_limited(wait=wait)
    category = str(body.get("category") or "")
    named = replace(refusal, name=category if category.replace("_", "").isalpha() else "")
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        return named.refused(
            advice="make a new token in the private app and put it where "
            "crm.hubspot.access_token points"
        )
    if refusal.status == HTTPStatus.FORBIDDEN and category == "MISSING_SCOPES":
        return named.refused(advice=f"give the private app the scopes {_SCOPES}")
    return None
