"""Works out what customers are worth, where that is out of date, and keeps it.

Two processes may do so at once, and one may die midway: what was begun last stays, and a run that
did not end leaves what is stored out of date.
"""

import logging
from datetime import date, datetime
from time import monotonic

from domain.clock import local_day
from domain.valuation import ShopValuation
from earshot.core.app import App
from storage import valuation_runs, valuations
from storage.engine import Database

log = logging.getLogger(__name__)


def up_to_date(app: App, *, now: datetime) -> ShopValuation:
    """What is true of all customers together on the local day of `now`, from the orders there are.

    What each of them is worth stands in storage.valuations afterwards. Takes seconds when days,
    orders, or whose they are have changed since it was asked for last.
    """
    today, years = local_day(now, app.config.tz), app.config.top.crm.clv_years
    stored = _current(app.database, today, years)
    return _work_out(app.database, today, years) if stored is None else stored


def _current(database: Database, today: date, years: float) -> ShopValuation | None:
    with database.read() as session:
        if not valuation_runs.is_current(session, as_of=today, years=years):
            return None
        return valuations.shop(session)


def _work_out(database: Database, today: date, years: float) -> ShopValuation:
    from crm.clv.valuing import value_customers  # noqa: PLC0415  scipy takes a second

    started = monotonic()
    with database.begin() as session:
        run = valuation_runs.begin(session)
    with database.read() as session:
        people, shop = value_customers(valuations.purchases(session), today=today, years=years)
    valuations.store(database, run, people, shop)
    orders = sum(one.orders for one in shop.totals)
    seconds = monotonic() - started
    log.info("customers valued customers=%d orders=%d seconds=%.1f", len(people), orders, seconds)
    return shop
