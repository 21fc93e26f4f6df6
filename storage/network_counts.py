"""How many posts of each day a network itself counts for a brand or a competitor."""

from collections.abc import Collection, Mapping
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.sql import insert
from storage.tables import NetworkCountRow


def save(
    session: Session, source: str, name: str, posts: Mapping[date, int], *, now: datetime
) -> None:
    """Keep these counts of whole days, in UTC; a later count of a day is the better one."""
    if not posts:
        return
    statement = insert(session, NetworkCountRow)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["source", "brand", "day"],
            set_={"posts": statement.excluded.posts, "counted_at": statement.excluded.counted_at},
        ),
        [
            {"source": source, "brand": name, "day": day, "posts": count, "counted_at": now}
            for day, count in posts.items()
        ],
    )


def counted_at(session: Session, source: str) -> dict[str, datetime]:
    """When each brand and competitor was counted last there."""
    rows = session.execute(
        select(NetworkCountRow.brand, func.max(NetworkCountRow.counted_at))
        .where(NetworkCountRow.source == source)
        .group_by(NetworkCountRow.brand)
    )
    return {name: at for name, at in rows}  # noqa: C416  typed as Rows


def by_day(
    session: Session, names: Collection[str], *, since: date, until: date
) -> dict[tuple[str, str], dict[date, int]]:
    """The counts of the days [since, until), by source and name."""
    rows = session.execute(
        select(
            NetworkCountRow.source,
            NetworkCountRow.brand,
            NetworkCountRow.day,
            NetworkCountRow.posts,
        ).where(
            NetworkCountRow.brand.in_(sorted(names)),
            NetworkCountRow.day >= since,
            NetworkCountRow.day < until,
        )
    )
    found: dict[tuple[str, str], dict[date, int]] = {}
    for source, name, day, posts in rows:
        found.setdefault((source, name), {})[day] = posts
    return found
