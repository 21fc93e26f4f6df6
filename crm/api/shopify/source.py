"""Shopify: customers and orders by its GraphQL Admin API.

Sees     what has changed since the last pass, by updated_at. What was deleted, or merged into
         another customer, is told by nobody: only reading everything again finds that it is gone.
Needs    [crm.shopify] shop, and client_id and client_secret of an app that is installed in it, or
         a token; the scopes read_customers, read_orders, and read_all_orders for more than 60 days.
Limits   A bucket of points that fills at a rate of the shop's plan; every question has its price.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from crm.api import walks
from crm.api.rows import inside, instant
from crm.api.shopify import records
from crm.api.shopify.connection import NAME, Connection
from crm.api.shopify.settings import ShopifySettings
from crm.api.source import CrmObject, Holds, Page, Refused
from domain.customer import CustomerRecord, OrderRecord
from domain.errors import RemoteError
from net.refusals import RefusedError, odd_answer

_NEEDED = ("read_customers", "read_orders")
_ALL_ORDERS = "read_all_orders"


class ShopifySource:
    """One shop."""

    name = NAME
    objects: Sequence[CrmObject] = (
        CrmObject("customers", Holds.CUSTOMERS),
        CrmObject("orders", Holds.SOME_ORDERS),
    )

    def __init__(self, settings: ShopifySettings, phone_region: str = "") -> None:
        """phone_region: as for crm.phones."""
        self._connection = Connection(settings)
        self._region = phone_region

    def pull(self, what: str, cursor: Mapping[str, Any] | None, *, now: datetime) -> Iterator[Page]:
        """See CrmSource.pull; orders of the last 60 days only, where the app has no more."""
        place = dict(cursor or {})
        began = walks.began(place, now)
        while True:
            data, place = self._asked(what, place, now)
            listed = inside(data, what)
            nodes, after = inside(listed, "nodes"), _after(listed, place)
            if not isinstance(nodes, list):
                raise odd_answer(NAME, f"holds no {what}")
            place = {**place, "last": _last(nodes) or place.get("last")}
            if after:
                place = {**place, "after": after, "began": began.isoformat()}
            yield self._page(what, nodes, data, place if after else _ended(place, began))
            if not after:
                return

    def check(self) -> str:
        """The scopes of the app, and one customer."""
        found = inside(
            self._connection.ask(records.SCOPES, {}, now=None),
            *("currentAppInstallation", "accessScopes"),
        )
        scopes = {inside(one, "handle") for one in found} if isinstance(found, list) else set()
        # Who may write may read.
        scopes |= {str(one).replace("write_", "read_") for one in scopes}
        missing = [one for one in _NEEDED if one not in scopes]
        if missing:
            told = f"{NAME}: the app may not {' and '.join(missing)}: give it these scopes"
            raise RemoteError(told, permanent=True)
        if _ALL_ORDERS not in scopes:
            return (
                f"{NAME}: customers and orders can be read, but no orders older than 60 days: for "
                f"those give the app {_ALL_ORDERS}"
            )
        return f"{NAME}: customers and all orders can be read"

    def _asked(
        self, what: str, place: dict[str, Any], now: datetime
    ) -> tuple[object, dict[str, Any]]:
        """The page behind the bookmark; where that is no longer known, by the time of change."""
        listing = records.LISTINGS[what]
        given = {"query": _since(place.get("since")), "after": place.get("after")}
        try:
            return self._connection.ask(listing, given, now=now), place
        except RefusedError as error:
            if not given["after"] or "cursor" not in str(error).casefold():
                raise
        place = {"since": place.get("last"), "last": place.get("last")}
        given = {"query": _since(place["since"]), "after": None}
        return self._connection.ask(listing, given, now=now), place

    def _page(
        self, what: str, nodes: Sequence[object], data: object, cursor: Mapping[str, Any]
    ) -> Page:
        zone = records.zone_of(data)
        found: list[CustomerRecord | OrderRecord | Refused | None] = []
        for node in nodes:
            try:
                found.append(
                    records.customer(node, self._region)
                    if what == "customers"
                    else records.order(node, zone)
                )
            except ValueError as error:
                found.append(Refused(records.short_id(node), str(error)))
        return Page(
            cursor,
            len(nodes),
            customers=tuple(one for one in found if isinstance(one, CustomerRecord)),
            orders=tuple(one for one in found if isinstance(one, OrderRecord)),
            refused=tuple(one for one in found if isinstance(one, Refused)),
        )


def _since(at: object) -> str | None:
    stamp = instant(at)
    return f"updated_at:>='{stamp:%Y-%m-%dT%H:%M:%SZ}'" if stamp is not None else None


def _after(listed: object, place: Mapping[str, Any]) -> str:
    """The next page's bookmark; "" behind the last one."""
    if inside(listed, "pageInfo", "hasNextPage") is not True:
        return ""
    after = inside(listed, "pageInfo", "endCursor")
    if not isinstance(after, str) or not after or after == place.get("after"):
        raise odd_answer(NAME, "does not say where its next page is")
    return after


def _last(nodes: Sequence[object]) -> str | None:
    """The latest change that a page tells."""
    stamps = [stamp for node in nodes if (stamp := instant(inside(node, "updatedAt")))]
    return max(stamps).isoformat() if stamps else None


def _ended(place: Mapping[str, Any], began: datetime) -> dict[str, Any]:
    """A walk that has seen nothing ends where it began: an empty shop has no place."""
    last = instant(place.get("last"))
    if last is None:
        return {key: place[key] for key in ("since",) if key in place}
    return {"since": walks.following(last, began).isoformat()}
