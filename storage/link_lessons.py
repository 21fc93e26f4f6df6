"""What people decided of links, as lessons for the linker, and what was learned of it last."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.customer import LinkState
from domain.deciding import RULE
from storage.link_ledger import PRESENT
from storage.sql import insert
from storage.tables import LinkJudgementRow, LinkRow, SettingRow

SETTING = "link lessons"


@dataclass(frozen=True, slots=True)
class Lesson:
    """A pair of which a person has decided."""

    author_id: int
    record_id: int
    right: bool


def learned(session: Session) -> dict[str, Any]:
    """What was stored last; empty when nothing was."""
    row = session.get(SettingRow, SETTING)
    found: dict[str, Any] = {} if row is None else json.loads(row.value)
    return found


def keep(session: Session, found: dict[str, Any]) -> None:
    """Store what was learned."""
    value = json.dumps(found, sort_keys=True)
    session.execute(
        insert(session, SettingRow)
        .values(key=SETTING, value=value)
        .on_conflict_do_update(index_elements=["key"], set_={"value": value})
    )


def last(session: Session, *, since: int) -> int:
    """The newest judgement, where a person has decided anything after `since`; else `since`."""
    after = LinkJudgementRow.id > since
    by_hand = ~LinkJudgementRow.decided_by.startswith(RULE)
    newest = select(func.max(LinkJudgementRow.id)).where(after, by_hand)
    return session.scalar(newest) or since


def lessons(session: Session, *, limit: int) -> list[Lesson]:
    """The newest pairs that a person has confirmed or rejected, as it stands now."""
    rows = session.execute(
        select(LinkRow.author_id, LinkRow.customer_id, LinkJudgementRow.state)
        .join(LinkJudgementRow, PRESENT)
        .where(
            ~LinkJudgementRow.decided_by.startswith(RULE),
            LinkJudgementRow.state.in_((LinkState.CONFIRMED, LinkState.REJECTED)),
        )
        .order_by(LinkJudgementRow.id.desc())
        .limit(limit)
    )
    return [Lesson(one, record, state == LinkState.CONFIRMED) for one, record, state in rows]
