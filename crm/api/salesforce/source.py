"""Salesforce: contacts and leads; won opportunities, or orders, by its REST API and SOQL.

Sees     what has changed since the last pass, deleted and merged records too, by SystemModstamp.
Needs    [crm.salesforce] base_url, client_id, client_secret of an app with the client credentials
         flow, whose user may see these objects. A field that the user may not see is not read.
Limits   The org's requests of 24 hours, 2,000 records in one; deleted records stay 15 days.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from crm.api import walks
from crm.api.rows import inside, instant
from crm.api.salesforce import records
from crm.api.salesforce.connection import DATA, NAME, Connection
from crm.api.salesforce.settings import SalesforceSettings
from crm.api.source import CrmObject, Holds, Page, Refused
from domain.customer import CustomerRecord, OrderRecord
from domain.errors import RemoteError
from net.refusals import NotThereError, odd_answer

_PEOPLE = "people"
_CONTACTS = "003"  # with which their ids begin
_ID = re.compile(r"[A-Za-z0-9]{15,18}", re.ASCII)
_FIELD = re.compile(r"\w{1,80}", re.ASCII)


class SalesforceSource:
    """One org."""

    name = NAME

    def __init__(self, settings: SalesforceSettings, phone_region: str = "") -> None:
        """phone_region: as for crm.phones."""
        self._connection = Connection(settings)
        self._settings = settings
        self._region = phone_region

    @property
    def objects(self) -> Sequence[CrmObject]:
        """See CrmSource.objects."""
        return (
            CrmObject(_PEOPLE, Holds.CUSTOMERS),
            CrmObject(self._settings.orders, Holds.ORDERS),
        )

    def pull(self, what: str, cursor: Mapping[str, Any] | None, *, now: datetime) -> Iterator[Page]:
        """See CrmSource.pull. People are contacts and then leads, each with a place of its own."""
        places = dict(cursor or {})
        for kind in records.PEOPLE if what == _PEOPLE else (what,):
            for page in self._walk(kind, places.get(kind) or {}, now):
                places = {**places, kind: page.cursor}
                yield replace(page, cursor=places)

    def _walk(self, what: str, cursor: Mapping[str, Any], now: datetime) -> Iterator[Page]:
        """A missing field of handle_fields is told with the first page."""
        place, began = dict(cursor), walks.began(cursor, now)
        there = self._fields_of(what, now)
        handles = records.handle_fields(there, self._settings.handle_fields)
        told = self._missing(there) if what == "Contact" else ()
        asked = records.asked(what, there, (field for _, field in handles))
        for answer, is_last in self._answers(_soql(what, asked, place), now):
            place = _place_after(answer, place)
            found = [self._read(what, one, handles) for one in answer]
            done = _ended(place, began) if is_last else {**place, "began": began.isoformat()}
            yield _page(what, answer, [*told, *found], done)
            told = ()

    @property
    def handle_field(self) -> str:
        return self._settings.write_back or ""

    def handle_in(self, external_id: str, *, now: datetime) -> str | None:
        """Of contacts alone: a lead counts as gone."""
        if not external_id.startswith(_CONTACTS):
            return None
        asked = {"fields": self.handle_field}
        try:
            answer = self._connection.get(f"{DATA}/sobjects/Contact/{external_id}", asked, now=now)
        except NotThereError:
            return None
        return str(inside(answer, self.handle_field) or "")

    def write_handle(self, external_id: str, text: str, *, now: datetime) -> None:
        fields = {self.handle_field: text or None}
        self._connection.change(f"Contact/{external_id}", fields, now=now)

    def check(self) -> str:
        """The fields of every object, which is what the app's user may see."""
        kinds = (*records.PEOPLE, self._settings.orders)
        there = {what: self._fields_of(what, None) for what in kinds}
        handles = records.handle_fields(there["Contact"], self._settings.handle_fields)
        fields = ", ".join(field for _, field in handles) or "no field"
        said = f"{NAME}: {', '.join(kinds)} can be read; handles stand in {fields}"
        lost = [one.reason for one in self._missing(there["Contact"])]
        if self.handle_field and self.handle_field not in there["Contact"]:
            lost.append(f"Contact has no field {self.handle_field} to write handles into")
        return "; ".join([said, *lost])

    def _fields_of(self, what: str, now: datetime | None) -> frozenset[str]:
        """Those the app's user may see; those of the account with "Account." in front."""
        own = self._described(what, now)
        account = self._described("Account", now) if "AccountId" in own else frozenset()
        return own | {f"Account.{field}" for field in account}

    def _described(self, what: str, now: datetime | None) -> frozenset[str]:
        """The names of its fields; none of an account that is hidden, without which it goes."""
        try:
            answer = self._connection.get(f"{DATA}/sobjects/{what}/describe", {}, now=now)
        except NotThereError as error:
            if what == "Account":
                return frozenset()
            told = f"{NAME}: there is no {what}, or the app's user may not see it: let it see all"
            raise RemoteError(told, permanent=True) from error
        fields = inside(answer, "fields")
        names = [inside(one, "name") for one in fields] if isinstance(fields, list) else []
        return frozenset(one for one in names if isinstance(one, str) and _FIELD.fullmatch(one))

    def _missing(self, there: frozenset[str]) -> tuple[Refused, ...]:
        return tuple(
            Refused("", f"Contact has no field {field}, or it is hidden: see handle_fields")
            for field in self._settings.handle_fields.values()
            if field not in there
        )

    def _answers(self, soql: str, now: datetime) -> Iterator[tuple[list[Any], bool]]:
        """Each answer's records, and whether they are the last."""
        path, asked, seen = f"{DATA}/queryAll", {"q": soql}, set[str]()
        while path:
            seen.add(path)
            answer = self._connection.get(path, asked, now=now)
            found = inside(answer, "records")
            if not isinstance(found, list):
                raise odd_answer(NAME, "holds no records")
            path, asked = _next(answer), {}
            if path in seen:
                raise odd_answer(NAME, "leads back to a page that was read")
            yield found, not path

    def _read(
        self, what: str, record: object, handles: Sequence[tuple[str, str]]
    ) -> CustomerRecord | OrderRecord | Refused | str:
        """A text is the id of what is none any more."""
        external_id = records.short_id(record)
        merged = inside(record, "MasterRecordId") and what in records.PEOPLE
        if external_id and inside(record, "IsDeleted") is True and not merged:
            return external_id
        try:
            if what in records.PEOPLE:
                return records.customer(what, record, handles, self._region)
            return records.order(what, record, self._settings.currency) or external_id
        except ValueError as error:
            return Refused(external_id, f"{what}: {error}")


def _soql(what: str, fields: Sequence[str], place: Mapping[str, Any]) -> str:
    """Many records share a stamp: behind one of them go on by their ids."""
    stamp, last = instant(place.get("stamp")), place.get("id", "")
    where = ""
    if stamp is not None:
        at = _literal(stamp)
        where = f" WHERE SystemModstamp >= {at}"
        if isinstance(last, str) and _ID.fullmatch(last):
            where = f" WHERE ((SystemModstamp = {at} AND Id > '{last}') OR SystemModstamp > {at})"
    # Of names, a date and an id alone, each of which was looked at.
    return f"SELECT {', '.join(fields)} FROM {what}{where} ORDER BY SystemModstamp, Id"  # noqa: S608


def _literal(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"


def _place_after(answer: Sequence[object], place: dict[str, Any]) -> dict[str, Any]:
    """Behind the last record that says where it stands."""
    for record in reversed(answer):
        stamp, last = instant(inside(record, "SystemModstamp")), inside(record, "Id")
        if stamp is not None and isinstance(last, str) and _ID.fullmatch(last):
            return {"stamp": stamp.isoformat(), "id": last}
    return {key: place[key] for key in ("stamp", "id") if key in place}


def _ended(place: Mapping[str, Any], began: datetime) -> dict[str, Any]:
    """A walk that has seen nothing ends where it began: an org without a record has no place."""
    last = instant(place.get("stamp"))
    if last is None or not place.get("id"):
        return dict(place)
    return {"stamp": walks.following(last, began).isoformat()}


def _next(answer: object) -> str:
    """The path of the next page, always of the same host; "" behind the last one."""
    path = inside(answer, "nextRecordsUrl")
    if path is None and inside(answer, "done") is not False:
        return ""
    if not isinstance(path, str) or not path.startswith("/services/data/"):
        raise odd_answer(NAME, "does not say where its next page is")
    return path


def _page(what: str, answer: Sequence[object], found: list[Any], cursor: dict[str, Any]) -> Page:
    gone = tuple(one for one in found if isinstance(one, str))
    people = what in records.PEOPLE
    return Page(
        cursor,
        len(answer),
        customers=tuple(one for one in found if isinstance(one, CustomerRecord)),
        orders=tuple(one for one in found if isinstance(one, OrderRecord)),
        deleted=gone if people else (),
        deleted_orders=() if people else gone,
        refused=tuple(one for one in found if isinstance(one, Refused)),
    )
