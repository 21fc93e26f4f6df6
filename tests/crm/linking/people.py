"""Invented authors, customers and contracts for the tests of the linker."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from crm.linking import keys, own_words
from crm.linking.linker import judge
from crm.linking.people import Candidate, Entry, Order, Writer
from crm.linking.weights import Weights, shipped
from domain.contract import Contract
from domain.customer import Basis, Judgement, LinkState
from domain.mention import Author
from listener.contracts import contract_of

OLD, BETWEEN, NEW = (datetime(year, 3, 1, tzinfo=UTC) for year in (2012, 2020, 2025))
AS_SHIPPED = contract_of("x")
LIFTED = replace(AS_SHIPPED, may_score=True)
ANA = Candidate(
    7,
    "hubspot",
    name="Ana Silveira",
    emails=("ana.silveira@mail.example",),
    phones=("+4915112345678",),
    company="Harthall GmbH",
    city="Leeds",
    country="GB",
    website="silveira.example",
    created_at=BETWEEN,
)


def author(**known: Any) -> Author:  # noqa: ANN401  any field of it
    return Author(**{"id": "501", "handle": "moonwalker77", "created_at": OLD, **known})


def verdict(
    writer: Writer,
    *candidates: Candidate,
    contract: Contract = LIFTED,
    weights: Weights | None = None,
) -> tuple[Judgement, ...]:
    said = own_words.said_by(writer.author, writer.source, writer.posts)
    return judge(writer, said, candidates or (ANA,), contract, weights or shipped())


def found(
    *candidates: Candidate,
    posts: tuple[str, ...] = (),
    orders: tuple[Order, ...] = (),
    source: str = "x",
    contract: Contract = LIFTED,
    **known: Any,  # noqa: ANN401  any field of the author
) -> list[tuple[int, LinkState, Basis]]:
    """(customer, state, basis) of the judgements of an author so known."""
    writer = Writer(author(**known), source, posts, orders)
    made = verdict(writer, *candidates, contract=contract)
    return [(one.customer_id, one.state, one.basis) for one in made]


def shared_keys(
    record: Candidate,
    source: str = "x",
    posts: tuple[str, ...] = (),
    **known: Any,  # noqa: ANN401  any field of the author
) -> bool:
    """Whether some key of the author leads to the record."""
    asked = author(**known)
    said = own_words.said_by(asked, source, posts)
    held = [(entry.network, entry.handle) for entry in record.handles]
    of_record = keys.of_record(record.name, record.emails, record.phones, record.website, held)
    return bool(of_record & keys.of_author(asked.handle, source, asked.name, said))


def on_file(handle: str, at: datetime = BETWEEN, network: str = "x") -> tuple[Entry, ...]:
    return (Entry(network, handle, at),)
