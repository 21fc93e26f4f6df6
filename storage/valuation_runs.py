"""Whether what customers are worth was worked out from today's orders.

It is out of date on another day, and when orders, or whose they are, have changed.
"""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Integer, String, cast, delete, func, select, update
from sqlalchemy.orm import Session

from storage.sql import among, batches
from storage.tables import SettingRow, ShopValuationRow, ValuationRow

BEGUN = "valuation begun"  # the setting that holds the newest run's number, or a later one


def changed(session: Session, person_ids: Iterable[int] = ()) -> None:
    """Orders, or whose they are, have changed: what was worked out is out of date.

    person_ids: whose records were joined or parted. What was worked out of these is somebody
    else's, too, and goes at once.
    """
    number = cast(cast(SettingRow.value, Integer) + 1, String)  # no run has it yet
    session.execute(
        update(SettingRow)
        .where(SettingRow.key == BEGUN)
        .values(value=number)
        .execution_options(synchronize_session=False)
    )
    for batch in batches(sorted(set(person_ids))):
        session.execute(
            delete(ValuationRow)
            .where(among(ValuationRow.person_id, batch))
            .execution_options(synchronize_session=False)
        )


def is_current(session: Session, *, as_of: date, years: float) -> bool:
    """Whether what is stored was worked out from the orders there are, as of this day.

    years: the horizon that it is asked for.
    """
    shop = newest(session)
    begun = session.scalar(select(SettingRow.value).where(SettingRow.key == BEGUN))
    if shop is None or begun != str(shop.run):
        return False
    return shop.as_of == as_of and shop.payload["years"] == years


def newest(session: Session) -> ShopValuationRow | None:
    """The last run that was finished; None: none was yet."""
    return session.scalars(
        select(ShopValuationRow).order_by(ShopValuationRow.run.desc()).limit(1)
    ).first()


def as_of(session: Session) -> date | None:
    """The day as of which the last run that was finished worked it out; None: none was yet."""
    return session.scalar(
        select(ShopValuationRow.as_of).order_by(ShopValuationRow.run.desc()).limit(1)
    )


def is_superseded(session: Session, run: int) -> bool:
    """Whether one that was begun later has been finished."""
    return (session.scalar(select(func.max(ShopValuationRow.run))) or 0) > run


def begin(session: Session) -> int:
    """Begin a run, before its orders are read: what changes from now on makes it out of date.

    Returns its number, which is higher than that of every run before.
    """
    begun = session.get(SettingRow, BEGUN)
    last = session.scalar(select(func.max(ShopValuationRow.run))) or 0
    run = max(last, int(begun.value) if begun else 0) + 1
    session.merge(SettingRow(key=BEGUN, value=str(run)))
    return run
