"""The customers of an invented brand, as its CRM has them, and their orders."""

import unicodedata
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from benchmarks.linking_people import TODAY, Dice, Person, person, plain, written_phone

CUSTOMER_COLUMNS = (
    *("customer_id", "first_name", "last_name", "email", "email_alt", "phone", "company"),
    *("job_title", "city", "country", "website", "twitter", "instagram", "facebook", "linkedin"),
    *("created_at", "updated_at"),
)
_JOBS = ("Purchasing", "Owner", "Office", "Facility lead", "Barista", "Accounts")


@dataclass(slots=True)
class Shop:
    """The customers of the invented brand, with their records and orders."""

    dice: Dice
    customers: list[Person] = field(default_factory=list)
    records: list[dict[str, str]] = field(default_factory=list)
    orders: list[dict[str, str]] = field(default_factory=list)
    emails: set[str] = field(default_factory=set)

    def fill(self, count: int) -> None:
        """Until there are so many records: some have two, some share a surname and a phone."""
        while len(self.records) < count:
            one = self._unlike_others(person(self.dice))
            self.add(one)
            if self.dice.chance(0.04) and len(self.records) < count:
                self.records.append(self._second_record(one))
            if self.dice.chance(0.02) and len(self.records) < count:
                self.add(self._partner(one))

    def add(self, one: Person) -> None:
        self.customers.append(one)
        self.records.append(self._record(one, one.email))
        for _ in range(self.dice.choices([0, 1, 2, 4], [15, 45, 25, 15])[0]):
            self._order(one)

    def _unlike_others(self, one: Person) -> Person:
        while one.email in self.emails:
            local, _, host = one.email.partition("@")
            one = replace(one, email=f"{local}{self.dice.randint(2, 99)}@{host}")
        self.emails.add(one.email)
        return one

    def _partner(self, one: Person) -> Person:
        """They live together, and gave the shop one phone."""
        other = person(
            self.dice,
            culture=one.culture,
            woman=not one.woman,
            family=one.family,
            is_common=one.is_common,
            town=one.town,
        )
        one.records[0]["phone"] = self._written(one)
        return self._unlike_others(replace(other, phone=one.phone))

    def _record(self, one: Person, email: str) -> dict[str, str]:
        dice = self.dice
        created = dice.day(date(2018, 1, 1), TODAY - timedelta(days=40))
        record = dict.fromkeys(CUSTOMER_COLUMNS, "")
        record |= {
            "customer_id": f"K{len(self.records) + 1:07}",
            "first_name": self._typed(one.given.forms[0]),
            "last_name": self._typed(one.surname if dice.chance(0.8) else one.surnames[0].forms[0]),
            "email": email,
            "phone": self._written(one) if dice.chance(0.55) else "",
            "company": one.firm,
            "job_title": dice.choice(_JOBS) if one.firm else "",
            "city": one.town[0] if dice.chance(0.82) else "",
            "country": one.culture.raw["country"] if dice.chance(0.93) else "",
            "website": f"https://www.{one.site}" if one.site and dice.chance(0.8) else "",
            "created_at": created.isoformat(),
            "updated_at": dice.day(created, TODAY - timedelta(days=20)).isoformat(),
        }
        if dice.chance(0.04):
            record["email_alt"] = f"{plain(one.name)}.{len(self.records)}@inbox.example"
        one.records.append(record)
        return record

    def _second_record(self, one: Person) -> dict[str, str]:
        local = f"{plain(one.surnames[0].forms[0])}{plain(one.given.forms[0])[:1]}{one.born}"
        return self._record(one, f"{local}.{len(self.records)}@inbox.example")

    def _typed(self, name: str) -> str:
        roll, ascii_only = self.dice.random(), unicodedata.normalize("NFKD", name)
        ways = {
            0.03: name.upper(),
            0.06: name.lower(),
            0.10: ascii_only.encode("ascii", "ignore").decode() or name,
        }
        return next((typed for below, typed in ways.items() if roll < below), name)

    def _written(self, one: Person) -> str:
        """As somebody typed it into the CRM: from abroad, or from within the country."""
        return written_phone(self.dice, one)

    def _order(self, one: Person) -> None:
        number = f"{len(self.orders) * 3 + 1_204_417:07}"
        order_id = f"BR26-{number}" if self.dice.chance(0.7) else f"26{number}"
        one.orders.append(order_id)
        self.orders.append(
            {
                "order_id": order_id,
                "customer_id": one.records[0]["customer_id"],
                "ordered_at": self.dice.day(date(2023, 1, 1), TODAY).isoformat(),
                "amount": f"{self.dice.lognormvariate(3.4, 0.7):.2f}",
                "currency": "EUR",
            }
        )
