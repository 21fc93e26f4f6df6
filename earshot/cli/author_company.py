"""`links not-at`, and how an author's company is shown."""

from collections.abc import Iterator
from typing import Any

import click

from domain.errors import EarshotError
from earshot import serializers
from earshot.cli.base import Session, say
from earshot.cli.who import author_named, by_option, decider
from earshot.customers import companies as author_companies
from storage import companies
from storage.companies import AuthorCompany
from storage.link_ledger import LinkView


def company_json(company: AuthorCompany | None) -> dict[str, Any]:
    """The company of an author, beside what else their JSON says."""
    if company is None:
        return {"company": None}
    claim = company.claim
    return {"company": {"name": company.name, "basis": claim.basis, "evidence": [claim.evidence]}}


def link_json(view: LinkView, company: AuthorCompany | None) -> dict[str, Any]:
    """JSON of a link with the company of its author."""
    record = serializers.link_json(view)
    return record | {"author": record["author"] | company_json(company)}


def company_words(company: AuthorCompany) -> str:
    """For people, with what tells it: works at Acme Inc (from bio)."""
    return f"{company.claim.basis.words} {company.name} (from {company.claim.basis})"


def company_lines(company: AuthorCompany | None) -> Iterator[tuple[str, str]]:
    if company is not None:
        yield "company", company_words(company)
        yield "", company.claim.evidence


@click.command("not-at")
@click.argument("author")
@by_option
@click.pass_obj
def not_at(session: Session, author: str, by: str | None) -> None:
    """Say that AUTHOR (SOURCE:HANDLE or SOURCE:ID) is not at the company that is shown of them.

    It is told no more of them, whatever their profile says.

    Example: earshot links not-at x:ana
    """
    who = decider(by)
    with session.app.database.begin() as db:
        row = author_named(db, author)
        company = author_companies.of(db, [row]).get(row.id)
        if company is None:
            raise EarshotError(f"of {author} no company is shown: there is nothing to reject")
        companies.reject(db, row.id, company, by=who, now=session.now)
    say(f"{author} is not at {company.name}")
