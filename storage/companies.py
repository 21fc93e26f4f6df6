"""Author to company: whom an author's own words name, of the companies that customers have.

The companies are known by their names and sites, made anew after each import. What authors say is
read when it is asked; stored is only that a person said it is wrong.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, delete, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from domain.company import Claim, keys_of, name_key, site_key
from domain.customer import LinkState
from storage.sql import among, batches, insert
from storage.tables import AuthorCompanyRow, CompanyRow, CustomerRow, SettingRow

KNOWN = "companies known"  # the setting that says that the table tells today's records
FEWEST = 2  # customers of a company that a site or a mail domain must have to be known as its own
SHARE = 0.8  # of the customers who have it, so that no provider of mailboxes is a company


@dataclass(frozen=True, slots=True)
class AuthorCompany:
    """A company that an author's own words name."""

    name: str
    claim: Claim


def of(session: Session, said: Mapping[int, Sequence[Claim]]) -> dict[int, AuthorCompany]:
    """The company of each author, by their claims; those of whom none is known are not there.

    What a person has rejected is not told again.
    """
    wanted = sorted({key for claims in said.values() for one in claims for key in one.keys})
    known: dict[str, str] = {}
    for batch in batches(wanted):
        rows = session.execute(
            select(CompanyRow.key, CompanyRow.name).where(CompanyRow.key.in_(batch))
        )
        known.update(rows.all())
    rejected = _rejected(session, said) if known else set()
    found = {}
    for author_id, claims in said.items():
        for claim in claims:
            name = next((known[key] for key in claim.keys if key in known), None)
            if name is not None and (author_id, name_key(name)) not in rejected:
                found[author_id] = AuthorCompany(name, claim)
                break
    return found


def _rejected(session: Session, author_ids: Iterable[int]) -> set[tuple[int, str]]:
    rows = session.execute(
        select(AuthorCompanyRow.author_id, AuthorCompanyRow.key).where(
            among(AuthorCompanyRow.author_id, author_ids),
            AuthorCompanyRow.state == LinkState.REJECTED,
        )
    )
    return {(author_id, key) for author_id, key in rows}


def reject(
    session: Session, author_id: int, company: AuthorCompany, *, by: str, now: datetime
) -> None:
    """A person's word that the author is not at this company: for good, whatever they write."""
    session.execute(
        insert(session, AuthorCompanyRow)
        .values(
            author_id=author_id,
            key=name_key(company.name),
            company=company.name,
            basis=company.claim.basis,
            evidence=company.claim.evidence,
            state=LinkState.REJECTED,
            decided_by=by,
            at=now,
        )
        .on_conflict_do_nothing()
    )


# --- which companies there are ------------------------------------------------------------------


def changed(session: Session) -> None:
    """Customers' records have changed: the companies are to be made anew."""
    session.execute(delete(SettingRow).where(SettingRow.key == KNOWN))


def refresh(session: Session) -> int | None:
    """Make the companies anew where records have changed; how many keys; None: nothing to do."""
    if session.get(SettingRow, KNOWN) is not None:
        return None
    session.execute(delete(CompanyRow).execution_options(synchronize_session=False))
    rows = [{"key": key, "name": name} for key, name in _known(session)]
    for batch in batches(rows):
        session.execute(insert(session, CompanyRow), list(batch))
    session.add(SettingRow(key=KNOWN, value=str(len(rows))))
    session.flush()
    return len(rows)


def _known(session: Session) -> Iterator[tuple[str, str]]:
    """(key, name) of every company."""
    named: Counter[str] = Counter(dict(_counted(session, CustomerRow.company)))
    usual: dict[str, str] = {}  # the spelling that most have, by the key of the whole name
    for name, _ in sorted(named.most_common(), key=lambda one: (-one[1], one[0])):
        usual.setdefault(name_key(name), name)
    whole: dict[str, set[str]] = defaultdict(set)
    for name in named:
        for key in keys_of(name):
            whole[key].add(name_key(name))
    for key, names in sorted(whole.items()):
        if key in usual or len(names) == 1:  # else it is what several have in common
            yield key, usual[key if key in usual else min(names)]
    for host, names in sorted(_hosts(session).items()):
        if len(names) == 1:
            yield host, usual[min(names)]


def _hosts(session: Session) -> dict[str, set[str]]:
    """The companies, by the keys of their names, whose own each site or mail domain seems to be."""
    found: dict[str, set[str]] = defaultdict(set)
    for host in (CustomerRow.website, _mail_host(session)):
        at_host: dict[str, Counter[str]] = defaultdict(Counter)
        for company, at, count in _counted(session, CustomerRow.company, host):
            at_host[site_key(at)][name_key(company)] += count
        for key, companies in at_host.items():
            [(company, count)] = companies.most_common(1)
            if count >= FEWEST and count >= SHARE * companies.total():
                found[key].add(company)
    return found


def _counted(
    session: Session, *columns: ColumnElement[str] | InstrumentedAttribute[str]
) -> list[tuple[Any, ...]]:
    """How many records have each of these values, where there are all."""
    rows = session.execute(
        select(*columns, func.count())
        .where(*(column != "" for column in columns))
        .group_by(*columns)
    )
    return [tuple(row) for row in rows]


def _mail_host(session: Session) -> ColumnElement[str]:
    """What stands behind the @; "" where there is none."""
    if session.get_bind().dialect.name != "sqlite":
        return func.split_part(CustomerRow.email, "@", 2)
    at = func.instr(CustomerRow.email, "@")
    return case((at > 0, func.substr(CustomerRow.email, at + 1)), else_="")
