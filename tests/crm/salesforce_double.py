"""A Salesforce on loopback: OAuth, describe, and the SOQL that the source speaks.

Records are as the API gives them; a page holds `per_page`. `fail_next` plans what goes wrong.
Shapes of records after fivetran/dbt_salesforce (Apache-2.0); everybody in them is invented.
"""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from tests.net.replay import Answer, Asked

DATA = "/services/data/v65.0"
SECRET = "canary-secret-of-salesforce"
STANDARD: Mapping[str, tuple[str, ...]] = {
    "Contact": (
        *("AccountId", "Name", "Email", "Phone", "MobilePhone", "MailingCity", "MailingCountry"),
        *("HasOptedOutOfEmail", "CreatedDate", "MasterRecordId", "LinkedIn_URL__c"),
    ),
    "Lead": (
        *("Name", "Email", "Phone", "Company", "City", "Country", "HasOptedOutOfEmail"),
        *("CreatedDate", "MasterRecordId", "ConvertedContactId"),
    ),
    "Account": ("Name", "PersonContactId"),
    "Opportunity": ("AccountId", "ContactId", "CloseDate", "Amount", "StageName", "IsWon"),
    "Order": ("AccountId", "BillToContactId", "EffectiveDate", "TotalAmount", "StatusCode"),
}
_SOQL = re.compile(
    r"SELECT (?P<fields>[\w., ]+) FROM (?P<what>\w+)"
    r"(?: WHERE (?P<where>.+?))? ORDER BY SystemModstamp, Id"
)
_TIE = re.compile(
    r"\(\(SystemModstamp = (?P<at>\S+) AND Id > '(?P<id>\w+)'\) OR SystemModstamp > (?P=at)\)"
)


class SalesforceDouble:
    def __init__(self) -> None:
        self.records: dict[str, list[dict[str, Any]]] = {what: [] for what in STANDARD}
        self.fields = {what: {*fields} for what, fields in STANDARD.items()}
        self.per_page = 2
        self.asked: list[str] = []  # the SOQL, and the paths of further pages
        self.logins = 0
        self.is_read_only = False
        self.ends_after: int | None = None  # requests until the session ends
        self.faults: list[Answer | None] = []  # of the next pages, in order; None: a good one
        self._token = ""
        self._open: dict[str, list[dict[str, Any]]] = {}

    def add(self, what: str, record_id: str, stamp: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
        """Put a record there, or change it. stamp: "08:00:00" of 20 May 2026."""
        full = dict.fromkeys(self.fields[what]) | fields
        full |= {
            "attributes": {"type": what, "url": f"{DATA}/sobjects/{what}/{record_id}"},
            "Id": record_id,
            "IsDeleted": fields.get("IsDeleted", False),
            "SystemModstamp": f"2026-05-20T{stamp}.000+0000",
        }
        others = [one for one in self.records[what] if one["Id"] != record_id]
        self.records[what] = [*others, full]
        return full

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/services/oauth2/token":
            return self._login(asked)
        if asked.headers.get("authorization") != f"Bearer {self._token}" or self._is_over():
            return _error(401, "INVALID_SESSION_ID", "Session expired or invalid")
        found = re.fullmatch(rf"{DATA}/sobjects/(\w+)/describe", asked.path)
        return self._describe(found[1]) if found else self._answered(asked)

    def _answered(self, asked: Asked) -> Answer:
        found = re.fullmatch(rf"{DATA}/sobjects/(\w+)/(\w+)", asked.path)
        if found:
            return self._record(found[1], found[2], asked.query["fields"])
        if asked.path == f"{DATA}/composite":
            return self._changed(json.loads(asked.body)["compositeRequest"])
        self.asked.append(asked.query.get("q") or asked.path)
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            return fault
        return self._query(asked)

    def _login(self, asked: Asked) -> Answer:
        form = {name: values[0] for name, values in parse_qs(asked.body).items()}
        if form.get("client_secret") != SECRET or form["grant_type"] != "client_credentials":
            return Answer(
                {"error": "invalid_client", "error_description": "invalid client credentials"}, 400
            )
        self.logins += 1
        self._token = f"00D!token-{self.logins}"
        return Answer({"access_token": self._token, "token_type": "Bearer"})

    def _is_over(self) -> bool:
        if self.ends_after is None:
            return False
        self.ends_after -= 1
        if self.ends_after >= 0:
            return False
        self.ends_after, self._token = None, ""
        return True

    def _describe(self, what: str) -> Answer:
        if what not in self.fields:
            return _error(404, "NOT_FOUND", "The requested resource does not exist")
        names = sorted({"Id", "IsDeleted", "SystemModstamp", *self.fields[what]})
        return Answer({"name": what, "fields": [{"name": name} for name in names]})

    def _one(self, what: str, record_id: str) -> dict[str, Any] | None:
        """By an id of 15 characters, as of 18; one in the bin is not there."""
        return next(
            (
                one
                for one in self.records[what]
                if one["Id"][:15] == record_id[:15] and not one["IsDeleted"]
            ),
            None,
        )

    def _record(self, what: str, record_id: str, field: str) -> Answer:
        found = self._one(what, record_id)
        if found is None:
            return _error(404, "NOT_FOUND", "The requested resource does not exist")
        if field not in self.fields[what]:
            return _error(400, "INVALID_FIELD", f"No such column '{field}' on entity '{what}'")
        return Answer({"attributes": found["attributes"], "Id": found["Id"], field: found[field]})

    def _changed(self, changes: list[dict[str, Any]]) -> Answer:
        """What has changed in a record moves its stamp, which a test does with add()."""
        answers = []
        for change in changes:
            what, record_id = change["url"].removeprefix(f"{DATA}/sobjects/").split("/")
            found = self._one(what, record_id)
            status, body = 204, None
            if self.is_read_only or found is None:
                status = 400
                body = [{"errorCode": "INVALID_FIELD_FOR_INSERT_UPDATE", "message": "read only"}]
            else:
                found.update(change["body"])
            answers.append({"body": body, "httpStatusCode": status, "referenceId": "change"})
        return Answer({"compositeResponse": answers})

    def _query(self, asked: Asked) -> Answer:
        if "q" not in asked.query:
            return self._page(asked.path)
        soql = _SOQL.fullmatch(asked.query["q"])
        if not soql or asked.path != f"{DATA}/queryAll":
            return _error(400, "MALFORMED_QUERY", "unexpected token")
        fields, what = soql["fields"].split(", "), soql["what"]
        for name in fields:
            of, _, own = name.rpartition(".")
            if own not in {"Id", "IsDeleted", "SystemModstamp", *self.fields[of or what]}:
                return _error(400, "INVALID_FIELD", f"No such column '{name}' on entity '{what}'")
        found = [one for one in self.records[what] if _is_after(one, soql["where"])]
        found.sort(key=lambda one: (one["SystemModstamp"], one["Id"]))
        path = f"{DATA}/query/01g{len(self._open):015}-{self.per_page}"
        self._open[path] = [_only(one, fields) for one in found]
        return self._page(path)

    def _page(self, path: str) -> Answer:
        if path not in self._open:
            return _error(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        rest = self._open.pop(path)
        body: dict[str, Any] = {"totalSize": len(rest), "done": True}
        body["records"] = rest[: self.per_page]
        if rest[self.per_page :]:
            following = f"{path}0"
            self._open[following] = rest[self.per_page :]
            body |= {"done": False, "nextRecordsUrl": following}
        return Answer(body)


def _is_after(record: Mapping[str, Any], where: str | None) -> bool:
    stamp = record["SystemModstamp"].replace("+0000", "Z")
    if where is None:
        return True
    tie = _TIE.fullmatch(where)
    if tie:
        return bool((stamp, record["Id"]) > (tie["at"], tie["id"]))
    return bool(stamp >= where.removeprefix("SystemModstamp >= "))


def _only(record: Mapping[str, Any], fields: list[str]) -> dict[str, Any]:
    names = {name.partition(".")[0] for name in fields}
    found = {name: record.get(name) for name in names}
    return {"attributes": record["attributes"], **found}


def _error(status: int, code: str, message: str) -> Answer:
    return Answer([{"message": message, "errorCode": code}], status)
