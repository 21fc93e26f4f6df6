"""HubSpot: contacts, and the deals that were won.

Needs    [crm.hubspot] access_token of a private app that may read contacts and deals.
Limits   A search ends at 10,000 records, sorts by one property and may have thousands with one
         stamp: so each page asks for what has changed since the last pass and has a higher id than
         the page before, and no search goes beyond its first page. A record that changes meanwhile
         keeps its place. A search finds late what was saved just now: see OVERLAP.
         Everything is read by the list instead, which is complete at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from crm.api.hubspot import records
from crm.api.hubspot.errors import translated
from crm.api.hubspot.settings import HubSpotSettings
from crm.api.rows import inside
from crm.api.source import OVERLAP, CrmObject, Holds, Page
from domain.clock import iso, parse_instant
from net.json_api import Api
from net.refusals import NotThereError, RefusedError, odd_answer

_API = "https://api.hubapi.com"
LISTED, FOUND = 100, 200  # records of one answer, at most: of a list, of a search
# All deleted records are listed each time, those of 90 days: there is no asking for the last ones.
DELETED_EVERY = timedelta(hours=1)
_CONTACTS, _DEALS = "contacts", "deals"
_DELETED = "deleted "

OBJECTS = (
    CrmObject(_CONTACTS, Holds.CUSTOMERS),
    CrmObject(_DEALS, Holds.ORDERS),
    CrmObject(_DELETED + _CONTACTS, Holds.DELETIONS),
    CrmObject(_DELETED + _DEALS, Holds.DELETIONS),
)

Cursor = Mapping[str, Any]


class HubSpotSource:
    def __init__(self, settings: HubSpotSettings, phone_region: str = "") -> None:
        self._phone_region = phone_region
        self._handles = (*records.HANDLES, *settings.handle_properties.items())
        self._properties = {
            **records.PROPERTIES,
            _CONTACTS: (*records.PROPERTIES[_CONTACTS], *(one for _, one in self._handles)),
        }
        self._write_back = settings.write_back or ""
        self._api = Api(
            "hubspot",
            settings.base_url or _API,
            headers={"Authorization": f"Bearer {settings.access_token.get_secret_value()}"},
            keys="crm.hubspot.access_token",
            translate_error=translated,
        )

    @property
    def name(self) -> str:
        return "hubspot"

    @property
    def objects(self) -> Sequence[CrmObject]:
        return OBJECTS

    def pull(self, what: str, cursor: Cursor | None, *, now: datetime) -> Iterator[Page]:
        """What has changed; everything without a cursor, by the list."""
        kind = what.removeprefix(_DELETED)
        if what != kind:
            yield from self._deleted(kind, cursor or {}, now)
        elif cursor is None or "list_after" in cursor:
            yield from self._everything(kind, cursor or {}, now)
        else:
            yield from self._changed(kind, cursor, now)

    def check(self) -> str:
        """Whether contacts and deals may be read, and whether there is a property for handles."""
        for kind in (_CONTACTS, _DEALS):
            self._listed(kind, {"limit": 1}, now=None)
        if not self.handle_field:
            return "contacts and deals can be read"
        try:
            self._api.get(f"crm/v3/properties/contacts/{self.handle_field}", {}, now=None)
        except NotThereError as error:
            raise RefusedError(
                f"hubspot: contacts have no property {self.handle_field}: make one of single-line "
                "text, or take crm.hubspot.write_back out"
            ) from error
        return f"contacts and deals can be read; handles are written into {self.handle_field}"

    @property
    def handle_field(self) -> str:
        return self._write_back

    def handle_in(self, external_id: str, *, now: datetime) -> str | None:
        asked = {"properties": self.handle_field}
        try:
            answer = self._api.get(f"crm/v3/objects/contacts/{external_id}", asked, now=now)
        except NotThereError:
            return None
        if str(inside(answer, "id")) != external_id:
            return None  # it was merged into another, which is shown instead
        return str(inside(answer, "properties", self.handle_field) or "")

    def write_handle(self, external_id: str, text: str, *, now: datetime) -> None:
        body = {"inputs": [{"id": external_id, "properties": {self.handle_field: text}}]}
        self._api.post("crm/v3/objects/contacts/batch/update", body, now=now)

    def _everything(self, kind: str, cursor: Cursor, now: datetime) -> Iterator[Page]:
        began = cursor.get("began") or iso(now)
        after = cursor.get("list_after", "")
        while True:
            asked = {"properties": ",".join(self._properties[kind]), "limit": LISTED}
            if kind == _DEALS:
                asked["associations"] = _CONTACTS
            found, following = self._listed(kind, asked, now=now, after=after)
            going_on = {"began": began, "list_after": following}
            yield self._page(kind, found, going_on if following else {"since": began})
            if not following:
                return
            after = following

    def _changed(self, kind: str, cursor: Cursor, now: datetime) -> Iterator[Page]:
        since = parse_instant(cursor["since"])
        began = cursor.get("began") or iso(now)
        after_id = int(cursor.get("after_id", 0))
        while True:
            found, is_last = self._search(kind, since - OVERLAP, after_id, now)
            ids = [record_id for one in found if (record_id := records.number(one)) is not None]
            if not is_last and max(ids, default=0) <= after_id:
                raise odd_answer(self.name, "has records that were not asked for")
            after_id = max(ids, default=after_id)
            going_on = {"since": iso(since), "began": began, "after_id": after_id}
            if kind == _DEALS:
                self._add_contacts(found, now)
            yield self._page(kind, found, {"since": began} if is_last else going_on)
            if is_last:
                return

    def _deleted(self, kind: str, cursor: Cursor, now: datetime) -> Iterator[Page]:
        done = cursor.get("done")
        if done is not None and now - parse_instant(done) < DELETED_EVERY:
            return
        after = cursor.get("list_after", "")
        while True:
            asked = {"archived": "true", "limit": LISTED}
            found, following = self._listed(kind, asked, now=now, after=after)
            ids = tuple(records.deleted(found, before=now - OVERLAP))
            is_contact = kind == _CONTACTS
            yield Page(
                cursor={"list_after": following} if following else {"done": iso(now)},
                read=len(found),
                deleted=ids if is_contact else (),
                deleted_orders=() if is_contact else ids,
            )
            if not following:
                return
            after = following

    def _listed(
        self, kind: str, asked: Mapping[str, Any], *, now: datetime | None, after: str = ""
    ) -> tuple[list[Any], str]:
        """Records, and where the next page begins; "" where there is none."""
        params = {**asked, **({"after": after} if after else {})}
        answer = self._api.get(f"crm/v3/objects/{kind}", params, now=now)
        following = str(inside(answer, "paging", "next", "after") or "")
        if following and following == after:
            raise odd_answer(self.name, "leads to itself")
        return _results(answer), following

    def _search(
        self, kind: str, since: datetime, after_id: int, now: datetime
    ) -> tuple[list[Any], bool]:
        """Records by their ids, and whether there are no further ones."""
        filters = [
            {
                "propertyName": records.CHANGED[kind],
                "operator": "GTE",
                "value": str(int(since.timestamp() * 1000)),
            },
            {"propertyName": "hs_object_id", "operator": "GT", "value": str(after_id)},
        ]
        body = {
            "filterGroups": [{"filters": filters}],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": list(self._properties[kind]),
            "limit": FOUND,
        }
        answer = self._api.post(f"crm/v3/objects/{kind}/search", body, now=now)
        return _results(answer), not inside(answer, "paging", "next", "after")

    def _add_contacts(self, deals: Sequence[Any], now: datetime) -> None:
        """Put beside each deal the contacts it is of, as the list has them: a search has none."""
        ids = [str(record_id) for one in deals if (record_id := records.number(one))]
        if not ids:
            return
        body = {"inputs": [{"id": one} for one in ids]}
        answer = self._api.post("crm/v4/associations/deals/contacts/batch/read", body, now=now)
        of_deal: dict[str, list[dict[str, str]]] = {}
        for one in _results(answer):
            to = one.get("to") if isinstance(one, dict) else None
            contacts = [
                {"id": str(contact["toObjectId"])}
                for contact in (to if isinstance(to, list) else ())
                if isinstance(contact, dict) and "toObjectId" in contact
            ]
            of_deal.setdefault(str(inside(one, "from", "id")), []).extend(contacts)
        for deal in deals:
            if isinstance(deal, dict):
                contacts = of_deal.get(str(deal.get("id")), [])
                deal["associations"] = {_CONTACTS: {"results": contacts}}

    def _page(self, kind: str, found: Sequence[Any], cursor: Cursor) -> Page:
        if kind == _CONTACTS:
            return records.contacts(found, cursor, self._handles, self._phone_region)
        return records.deals(found, cursor)


def _results(answer: object) -> list[Any]:
    """Raises RemoteError for an answer without records, which would look like none."""
    found = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(found, list):
        raise odd_answer("hubspot", "has no list of results")
    return found
