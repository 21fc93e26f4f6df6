"""Whether what customers are worth was worked out from today's orders.

It is out of date on another day, and when orders, or whose they are, have changed.
"""

from datetime import date

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from storage.tables import SettingRow, ShopValuationRow

BEGUN = "valuation begun"  # the setting that names the newest run; gone when orders change


def changed(session: Session) -> None:
    """Orders, or whose they are, have changed: what was worked out is out of date."""
    session.execute(
        delete(SettingRow)
        .where(SettingRow.key == BEGUN)
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


def begin(session: Session) -> int:
    """Begin a run, before its orders are read: what changes from now on makes it out of date."""
    begun = session.get(SettingRow, BEGUN)
    last = session.scalar(select(func.max(ShopValuationRow.run))) or 0
    run = max(last, int(begun.value) if begun else 0) + 1
    session.merge(SettingRow(key=BEGUN, value=str(run)))
    return run
