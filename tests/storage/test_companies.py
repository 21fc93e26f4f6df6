from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from domain.company import Claim, CompanyBasis, name_key, site_key
from storage import companies, customers
from storage.engine import Database
from tests.storage.made import ANA, NOW, author_of, customer, mention, store


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.begin() as made:
        yield made


def works(session: Session, *employers: tuple[str, str, str]) -> None:
    """Customers with this company, site and mail domain."""
    rows = [
        customer(f"C{number}", company=company, website=site, email=f"{number}@{host}")
        for number, (company, site, host) in enumerate(employers)
    ]
    customers.save(session, rows, now=NOW)
    companies.refresh(session)


def named(session: Session, *keys: str) -> str | None:
    """The company that somebody who names these is at."""
    found = companies.of(session, {1: [Claim(CompanyBasis.BIO, keys, "bio")]})
    return found[1].name if found else None


def test_a_company_is_known_by_its_names_and_by_a_site_of_several(session: Session) -> None:
    at = ("Gutierrez Inc", "gutierrez.example", "mail.example")
    works(session, at, at, ("Gutierrez, Inc.", "", "gutierrez.example"), ("", "", "mail.example"))
    for key in (name_key("gutierrez inc"), name_key("gutierrez"), site_key("gutierrez.example")):
        assert named(session, key) == "Gutierrez Inc", key
    assert named(session, name_key("gutierrez ltd")) is None


def test_a_site_of_one_customer_alone_is_no_companys(session: Session) -> None:
    works(session, ("Ana Ruiz SL", "anaruiz.example", "anaruiz.example"))
    assert named(session, site_key("anaruiz.example")) is None


def test_a_provider_of_mailboxes_is_no_company(session: Session) -> None:
    works(session, *[(f"Firm {number % 5}", "", "inbox.example") for number in range(15)])
    assert named(session, site_key("inbox.example")) is None


def test_what_several_companies_have_in_common_names_none(session: Session) -> None:
    works(session, ("Gutierrez Inc", "", "a.example"), ("Gutierrez Ltd", "", "b.example"))
    assert named(session, name_key("gutierrez")) is None
    assert named(session, name_key("gutierrez"), name_key("gutierrez ltd")) == "Gutierrez Ltd"


def test_they_are_made_anew_after_an_import_and_only_then(session: Session) -> None:
    works(session, ("Gutierrez Inc", "", "a.example"))
    assert companies.refresh(session) is None
    customers.save(session, [customer("C0", company="Neon Labs")], now=NOW)
    assert named(session, name_key("neon labs")) is None
    companies.refresh(session)
    assert named(session, name_key("neon labs")) == "Neon Labs"
    assert named(session, name_key("gutierrez inc")) is None, "nobody has it any more"


def test_what_a_person_rejected_stays_rejected(session: Session) -> None:
    works(session, ("Gutierrez Inc", "", "a.example"), ("Neon Labs", "", "b.example"))
    store(session, mention("1"))
    author_id = author_of(session, ANA.id).id
    claims = [
        Claim(CompanyBasis.BIO, (name_key(one),), "bio") for one in ("Gutierrez", "Neon Labs")
    ]
    for left in ("Gutierrez Inc", "Neon Labs"):
        company = companies.of(session, {author_id: claims})[author_id]
        assert company.name == left
        for _ in range(2):
            companies.reject(session, author_id, company, by="kim", now=NOW)
    assert companies.of(session, {author_id: claims}) == {}
