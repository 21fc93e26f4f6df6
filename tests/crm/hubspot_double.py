"""A HubSpot on loopback: lists, searches and associations, with what makes them hard.

An answer holds only the properties that were asked for; a page `per_page` records; a filtered read
ends at `cap`. Shapes after the recorded ones of dlt-hub/verified-sources (Apache-2.0); everybody is
invented.
"""

import json
from typing import Any

from tests.net.replay import Answer, Asked

TOKEN = "pat-canary-of-hubspot"
_STAMPS = {"contacts": "lastmodifieddate", "deals": "hs_lastmodifieddate"}
_DEFAULT = {
    "contacts": {"createdate", "email", "firstname", "lastname", "lastmodifieddate"},
    "deals": {"amount", "closedate", "createdate", "dealname", "dealstage", "hs_lastmodifieddate"},
}
_NOT_THERE = Answer({"category": "OBJECT_NOT_FOUND", "message": "resource not found"}, 404)


class HubSpotDouble:
    def __init__(self) -> None:
        self.records: dict[str, dict[int, dict[str, Any]]] = {"contacts": {}, "deals": {}}
        self.archived: dict[str, dict[int, str]] = {"contacts": {}, "deals": {}}
        self.of_deal: dict[int, list[int]] = {}
        self.token = TOKEN  # that is accepted
        self.per_page, self.cap = 2, 4
        self.faults: list[Answer | None] = []  # of the next questions, in order; None: a good one
        self.asked: list[str] = []  # paths
        self.properties = {"earshot_handle"}  # that somebody made
        self.merged: dict[int, int] = {}  # of one contact into another
        self.may_write = True
        self.cuts_write = False  # the next one, which is done and whose answer does not come whole
        self.written: list[tuple[int, dict[str, str]]] = []
        self.broken: list[object] = []  # records of any shape that stand in every page of contacts

    def contact(self, number: int, stamp: str = "08:00:00", **properties: str | None) -> None:
        """Put a contact there, or change it. stamp: of 20 November 2026."""
        before = self.records["contacts"].get(number, {})
        self.records["contacts"][number] = before | properties | self._stamped("contacts", stamp)

    def deal(
        self, number: int, *contacts: int, stamp: str = "08:00:00", **properties: str | None
    ) -> None:
        """The same for a deal of these contacts, won as long as nothing else is said."""
        won = {
            "amount": "120.50",
            "closedate": "2026-11-02T10:00:00Z",
            "deal_currency_code": "EUR",
            "dealstage": "closedwon",
            "hs_is_closed_won": "true",
        }
        before = self.records["deals"].get(number, won)
        self.records["deals"][number] = before | properties | self._stamped("deals", stamp)
        self.of_deal[number] = list(contacts) or self.of_deal.get(number, [])

    def archive(self, what: str, number: int, stamp: str = "08:00:00") -> None:
        """Put a record into the bin, where only the list of deleted ones finds it."""
        self.purge(what, number)
        self.archived[what][number] = f"2026-11-20T{stamp}.000Z"

    def purge(self, what: str, number: int) -> None:
        """Delete a record for good: nothing tells of it."""
        del self.records[what][number]

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked.path)
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            return fault
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            message = {
                "status": "error",
                "message": "expired",
                "category": "EXPIRED_AUTHENTICATION",
            }
            return Answer(message, 401)
        return self._found(asked)

    def _found(self, asked: Asked) -> Answer:
        if asked.path == "/crm/v4/associations/deals/contacts/batch/read":
            return self._associations(json.loads(asked.body))
        if asked.path == "/crm/v3/objects/contacts/batch/update":
            return self._update(json.loads(asked.body))
        folder, last = asked.path.rsplit("/", 1)
        if folder == "/crm/v3/properties/contacts":
            return Answer({"name": last}) if last in self.properties else _NOT_THERE
        if last.isdigit():
            return self._one(int(last), asked.query)
        if last == "search":
            return self._search(folder.rsplit("/", 1)[1], json.loads(asked.body))
        return self._list(last, asked.query)

    def _one(self, number: int, query: dict[str, str]) -> Answer:
        number = self.merged.get(number, number)
        if number not in self.records["contacts"]:
            return _NOT_THERE
        return Answer(self._record("contacts", number, set(query["properties"].split(","))))

    def _update(self, body: dict[str, Any]) -> Answer:
        if not self.may_write:
            return Answer({"status": "error", "category": "MISSING_SCOPES"}, 403)
        for one in body["inputs"]:
            self.records["contacts"][int(one["id"])] |= one["properties"]
            self.written.append((int(one["id"]), one["properties"]))
        cut, self.cuts_write = self.cuts_write, False
        return Answer({"status": "COMPLETE", "results": []}, cut=cut)

    def _list(self, what: str, query: dict[str, str]) -> Answer:
        is_archived = query.get("archived") == "true"
        ids = sorted(self.archived[what] if is_archived else self.records[what])
        rest = [one for one in ids if one >= int(query.get("after", 0))]
        page, following = rest[: self.per_page], rest[self.per_page :]
        properties = set(query.get("properties", "").split(","))
        found = [self._record(what, one, properties, archived=is_archived) for one in page]
        if query.get("associations") == "contacts":
            for record in found:
                contacts = [
                    {"id": str(one), "type": kind}
                    for one in self.of_deal[int(record["id"])]
                    for kind in ("deal_to_contact", "deal_to_contact_unlabeled")
                ]
                if contacts:
                    record["associations"] = {"contacts": {"results": contacts}}
        paging = {"paging": {"next": {"after": str(following[0])}}} if following else {}
        broken = self.broken if what == "contacts" and not is_archived else []
        return Answer({"results": [*found, *broken], **paging})

    def _search(self, what: str, body: dict[str, Any]) -> Answer:
        ((changed, newer),) = (group["filters"] for group in body["filterGroups"])
        assert (changed["propertyName"], changed["operator"]) == (_STAMPS[what], "GTE")
        assert (newer["propertyName"], newer["operator"]) == ("hs_object_id", "GT")
        assert [one["propertyName"] for one in body["sorts"]] == ["hs_object_id"]
        ids = [
            one
            for one, held in sorted(self.records[what].items())
            if held["millis"] >= int(changed["value"]) and one > int(newer["value"])
        ]
        at = int(body.get("after", 0))
        if at + self.per_page > self.cap:
            return Answer({"status": "error", "message": "There was a problem", "total": 0}, 400)
        page = ids[at : at + self.per_page]
        found = [self._record(what, one, set(body["properties"])) for one in page]
        more = len(ids) > at + self.per_page
        paging = {"paging": {"next": {"after": str(at + self.per_page)}}} if more else {}
        broken = self.broken if what == "contacts" else []
        return Answer({"total": len(ids), "results": [*found, *broken], **paging})

    def _associations(self, body: dict[str, Any]) -> Answer:
        results, errors = [], []
        for one in body["inputs"]:
            to = [{"toObjectId": contact} for contact in self.of_deal[int(one["id"])]]
            if to:
                results.append({"from": {"id": one["id"]}, "to": to})
            else:
                errors.append({"status": "error", "subCategory": "NO_ASSOCIATIONS_FOUND"})
        answer = {"status": "COMPLETE", "results": results, "errors": errors}
        return Answer(answer, 207 if errors else 200)

    def _record(
        self, what: str, number: int, properties: set[str], *, archived: bool = False
    ) -> dict[str, Any]:
        held = {} if archived else self.records[what][number]
        shown = {name: held.get(name) for name in (properties | _DEFAULT[what]) - {"", "millis"}}
        return {
            "id": str(number),
            "properties": {**shown, "hs_object_id": str(number)},
            "archived": archived,
            **({"archivedAt": self.archived[what][number]} if archived else {}),
        }

    def _stamped(self, what: str, stamp: str) -> dict[str, Any]:
        hours, minutes, seconds = map(int, stamp.split(":"))
        midnight = 1_795_132_800_000  # 20 November 2026
        millis = midnight + 1000 * (3600 * hours + 60 * minutes + seconds)
        return {_STAMPS[what]: f"2026-11-20T{stamp}.000Z", "millis": millis}
