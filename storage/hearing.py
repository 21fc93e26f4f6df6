"""Since when each source is read for each brand and competitor."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from storage.sql import insert
from storage.tables import HearingRow

LAPSE = timedelta(days=2)  # who was not read for so long is heard anew


def note(session: Session, source: str, names: Collection[str], *, now: datetime) -> None:
    """Note a pass that went well for all of these."""
    if not names:
        return
    statement = insert(session, HearingRow)
    lapsed = HearingRow.heard_at < now - LAPSE
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["source", "brand"],
            set_={"since": case((lapsed, now), else_=HearingRow.since), "heard_at": now},
        ),
        [{"source": source, "brand": name, "since": now, "heard_at": now} for name in names],
    )


def since(session: Session, names: Collection[str]) -> Mapping[str, Mapping[str, datetime]]:
    """Since when each source is read for these, by source and name; without who never was."""
    rows = session.execute(
        select(HearingRow.source, HearingRow.brand, HearingRow.since).where(
            HearingRow.brand.in_(sorted(names))
        )
    )
    found: defaultdict[str, dict[str, datetime]] = defaultdict(dict)
    for source, name, at in rows:
        found[source][name] = at
    return found
