"""A Shopify on loopback: the login of an app, and the two listings of its GraphQL Admin API.

Nodes are as the API gives them; a page holds `per_page`. Every question costs `price` points of a
bucket that a test fills. Shapes after fivetran/dbt_shopify (Apache-2.0); everybody is invented.
"""

import json
import re
from typing import Any
from urllib.parse import parse_qs

from tests.net.replay import Answer, Asked

GRAPHQL = "/admin/api/2026-10/graphql.json"
SECRET = "canary-secret-of-shopify"


class ShopifyDouble:
    def __init__(self) -> None:
        self.nodes: dict[str, list[dict[str, Any]]] = {"customers": [], "orders": []}
        self.scopes = ["read_customers", "read_orders", "read_all_orders"]
        self.per_page = 2
        self.price, self.points, self.rate = 10, 1000.0, 50.0
        self.asked: list[tuple[str | None, str | None]] = []  # query and after
        self.logins = 0
        self.token = ""  # that is accepted
        self.faults: list[Answer | None] = []  # of the next questions, in order; None: a good one
        self.bookmarks: set[str] = set()

    def customer(self, number: int, stamp: str, **fields: Any) -> None:  # noqa: ANN401
        """Put a customer there, or change it. stamp: "08:00:00" of 20 May 2026."""
        self._put("customers", f"gid://shopify/Customer/{number}", stamp, fields)

    def order(self, number: int, stamp: str, amount: str, **fields: Any) -> None:  # noqa: ANN401
        """The same for an order, in EUR."""
        full = {
            "processedAt": f"2026-05-20T{stamp}Z",
            "displayFinancialStatus": "PAID",
            "test": False,
            "totalPriceSet": {"shopMoney": {"amount": amount, "currencyCode": "EUR"}},
            "totalRefundedSet": {"shopMoney": {"amount": "0.0"}},
            **fields,
        }
        self._put("orders", f"gid://shopify/Order/{number}", stamp, full)

    def _put(self, what: str, gid: str, stamp: str, fields: dict[str, Any]) -> None:
        others = [one for one in self.nodes[what] if one["id"] != gid]
        node = {"id": gid, "updatedAt": f"2026-05-20T{stamp}Z", **fields}
        self.nodes[what] = [*others, node]

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/admin/oauth/access_token":
            return self._login(asked)
        if asked.path != GRAPHQL:
            return Answer({"errors": "Not Found"}, 404)
        if not self.token or asked.headers.get("x-shopify-access-token") != self.token:
            return Answer({"errors": "[API] Invalid API key or access token"}, 401)
        return self._asked(json.loads(asked.body))

    def _asked(self, body: dict[str, Any]) -> Answer:
        if "currentAppInstallation" in body["query"]:
            scopes = [{"handle": one} for one in self.scopes]
            return Answer({"data": {"currentAppInstallation": {"accessScopes": scopes}}})
        given = body["variables"]
        self.asked.append((given["query"], given["after"]))
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            return fault
        if self.points < self.price:
            return self._throttled()
        self.points -= self.price
        what = next(one for one in self.nodes if f"{one}(" in body["query"])
        return self._listed(what, given["query"], given["after"])

    def _login(self, asked: Asked) -> Answer:
        form = {name: values[0] for name, values in parse_qs(asked.body).items()}
        if form.get("client_secret") != SECRET or form["grant_type"] != "client_credentials":
            return Answer({"error": "invalid_client"}, 400)
        self.logins += 1
        self.token = f"shpat_{self.logins}"
        return Answer({"access_token": self.token, "scope": "", "expires_in": 86399})

    def _throttled(self) -> Answer:
        error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
        status = {"currentlyAvailable": self.points, "restoreRate": self.rate}
        cost = {"requestedQueryCost": self.price, "throttleStatus": status}
        return Answer({"errors": [error], "extensions": {"cost": cost}})

    def _listed(self, what: str, query: str | None, after: str | None) -> Answer:
        if after and after not in self.bookmarks:
            error = {"message": "Invalid cursor for current pagination sort.", "path": [what]}
            return Answer({"errors": [error], "data": None})
        since = re.fullmatch(r"updated_at:>='(\S+)'", query)[1] if query else ""  # type: ignore[index]
        place = tuple(json.loads(after)) if after else ("", 0)
        found = sorted(
            (one for one in self.nodes[what] if one["updatedAt"] >= since and _place(one) > place),
            key=_place,
        )
        page = found[: self.per_page]
        following = json.dumps(_place(page[-1])) if page else None
        if following:
            self.bookmarks.add(following)
        info = {"hasNextPage": len(found) > len(page), "endCursor": following}
        data = {"shop": {"ianaTimezone": "Europe/Berlin"}, what: {"pageInfo": info, "nodes": page}}
        return Answer({"data": data})


def _place(node: dict[str, Any]) -> tuple[str, int]:
    return node["updatedAt"], int(node["id"].rpartition("/")[2])
