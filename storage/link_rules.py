"""What rules say of authors and customers, written into the ledger of links."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from domain.customer import Judgement, LinkState
from domain.deciding import RULE
from storage import link_ledger, links, persons
from storage.link_ledger import PRESENT, Entry
from storage.sql import among
from storage.tables import CustomerRow, LinkJudgementRow, LinkRow

EXPIRED = f"{RULE}expired"


@dataclass(frozen=True, slots=True)
class _Pair:
    """What stands of an author and a customer's record."""

    record_id: int
    person_id: int
    present: LinkJudgementRow
    by_hand: bool  # a person has decided of it, once

    @property
    def held_by_hand(self) -> bool:
        return self.present.state == LinkState.CONFIRMED and not self.present.decided_by.startswith(
            RULE
        )


def judge(session: Session, verdicts: Mapping[int, Sequence[Judgement]], *, now: datetime) -> None:
    """Bring the rules' judgements of these authors, by id, up to date.

    A pair of which a person has decided is theirs: no rule judges it again. Once a person has
    confirmed somebody, a rule only proposes others. What no rule says any more is withdrawn.
    """
    pairs = _pairs(session, verdicts)
    person = persons.of(session, [one.customer_id for said in verdicts.values() for one in said])
    entries = [
        entry
        for author_id, said in verdicts.items()
        for entry in _changes(author_id, pairs.get(author_id, []), said, person)
    ]
    link_ledger.write(session, entries, now=now)


def _pairs(session: Session, author_ids: Mapping[int, object]) -> dict[int, list[_Pair]]:
    """What stands of each author's links."""
    ever = aliased(LinkJudgementRow)
    by_hand = exists().where(ever.link_id == LinkRow.id, ~ever.decided_by.startswith(RULE))
    rows = session.execute(
        select(LinkRow, LinkJudgementRow, persons.PERSON, by_hand)
        .join(LinkJudgementRow, PRESENT)
        .join(CustomerRow, CustomerRow.id == LinkRow.customer_id)
        .where(among(LinkRow.author_id, author_ids))
        .order_by(LinkRow.id)
    )
    found: dict[int, list[_Pair]] = defaultdict(list)
    for link, present, person_id, once in rows:
        found[link.author_id].append(_Pair(link.customer_id, person_id, present, once))
    return found


def _changes(
    author_id: int,
    pairs: Sequence[_Pair],
    judgements: Sequence[Judgement],
    person: Mapping[int, int],
) -> Iterator[Entry]:
    """What to write down, so that the rules' judgements of an author are these."""
    decided = {pair.person_id for pair in pairs if pair.by_hand}
    before = {pair.record_id: pair.present for pair in pairs if not pair.by_hand}
    settled = any(pair.held_by_hand for pair in pairs)
    for said in judgements:
        if person[said.customer_id] in decided:
            continue
        judgement = replace(said, state=LinkState.PROPOSED) if settled else said
        if not _says(before.pop(said.customer_id, None), judgement):
            yield Entry(author_id, judgement, f"{RULE}{said.basis}")
    for record_id, row in before.items():
        if row.state != LinkState.WITHDRAWN:
            gone = ("the rules do not find any more:", *row.evidence)
            yield Entry(
                author_id,
                link_ledger.again(record_id, row, LinkState.WITHDRAWN, gone),
                row.decided_by,
            )


def _says(row: LinkJudgementRow | None, judgement: Judgement) -> bool:
    return row is not None and link_ledger.again(judgement.customer_id, row) == judgement


def expire(session: Session, *, now: datetime) -> int:
    """Withdraw what was to hold until now or earlier; how many links that were."""
    rows = session.execute(
        select(LinkRow, LinkJudgementRow)
        .join(LinkRow, LinkRow.id == LinkJudgementRow.link_id)
        .where(
            PRESENT,
            LinkJudgementRow.expires_at <= now,
            LinkJudgementRow.state.in_((LinkState.CONFIRMED, LinkState.PROPOSED)),
        )
        .order_by(LinkRow.id)
    ).all()
    if not rows:
        return 0
    entries = [
        Entry(
            link.author_id,
            link_ledger.again(
                link.customer_id, row, LinkState.WITHDRAWN, [f"held until {row.expires_at:%F}"]
            ),
            EXPIRED,
        )
        for link, row in rows
    ]
    link_ledger.write(session, entries, now=now)
    links.look_again(session, [entry.author_id for entry in entries])
    return len(entries)
