"""What customers of one currency are expected to bring, or why nothing is expected of them."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from crm.clv.bg_nbd import BgNbd, History, fit_bg_nbd
from crm.clv.gamma_gamma import FAR_OFF, HIGH_CORRELATION, correlation, fit_gamma_gamma
from crm.clv.purchases import PARTS, Floats, Ledger, starts, sums
from crm.clv.rhythm import YEAR_DAYS, Rhythm, months_before

FEWEST_REPEAT_BUYERS = 200
FEWEST_MONTHS = 6
_WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class Forecast:
    """Of each customer, in the order of their Rhythm. None: see why."""

    why: str = ""  # there is none, or the order values are customers' own, in a sentence
    model: dict[str, float] | None = None  # parameters, by their names in the papers
    p_alive: Floats | None = None
    orders_12m: Floats | None = None
    order_value: Floats | None = None
    clv: Floats | None = None


def forecast(orders: Ledger, rhythm: Rhythm, *, today: date, years: float) -> Forecast:
    """By BG/NBD and Gamma-Gamma, of the orders of one currency; what a thin history cannot tell."""
    if thin := why_thin(rhythm):
        return Forecast(thin)
    history = _history(rhythm, today)
    often = fit_bg_nbd(history)
    if often is None or not _describes(often, history):
        return Forecast("no model of how often people order fits these orders")
    order_value, money, why = _order_values(orders, rhythm)
    year = YEAR_DAYS / _WEEK_DAYS
    return Forecast(
        why=why,
        model={"r": often.r, "alpha": often.alpha, "a": often.a, "b": often.b, **money},
        p_alive=often.p_alive(history),
        orders_12m=often.expected_orders(history, year),
        order_value=order_value,
        clv=often.expected_orders(history, year * years) * order_value,
    )


def why_thin(rhythm: Rhythm) -> str:
    """Why these customers are too few or too young for a model; "" when they are not."""
    repeats = int(rhythm.repeats().sum())
    if repeats < FEWEST_REPEAT_BUYERS:
        who = {0: "nobody has", 1: "1 customer has"}.get(repeats, f"{repeats} customers have")
        needed = f"a model needs {FEWEST_REPEAT_BUYERS} who did"
        return f"{who} ordered on more than one day, and {needed}"
    first, last = date.fromordinal(rhythm.first.min()), date.fromordinal(rhythm.last.max())
    if months_before(last, FEWEST_MONTHS) < first:
        return f"the orders are of {(last - first).days + 1} days, and a model needs 6 months"
    return ""


def _history(rhythm: Rhythm, today: date) -> History:
    return History(
        repeats=rhythm.days - 1,
        recency=(rhythm.last - rhythm.first) / _WEEK_DAYS,
        age=(today.toordinal() - rhythm.first) / _WEEK_DAYS,
    )


def _describes(often: BgNbd, history: History) -> bool:
    """Whether it tells about as many repeat orders as there were from each first order to today."""
    there_were = history.repeats.sum()
    told = often.repeats_since_first(history.age).sum()
    return bool(abs(told - there_were) <= FAR_OFF * there_were)


def _order_values(orders: Ledger, rhythm: Rhythm) -> tuple[Floats, dict[str, float], str]:
    """What each one's next order is expected to bring, by which parameters, and why not by them."""
    own, again = _means(orders, rhythm)
    some, repeats = rhythm.repeats(), rhythm.days - 1
    related = correlation(repeats[some], again[some])
    known = {"correlation": related}
    if abs(related) > HIGH_CORRELATION:
        pays = "more" if related > 0 else "less"
        why = f"who orders more often pays {pays} an order: each one's own average is kept"
        return own, known, why
    much = fit_gamma_gamma(repeats[some], again[some])
    if much is None:
        return own, known, "no model of order values fits: each one's own average is kept"
    known |= {"p": much.p, "q": much.q, "gamma": much.gamma}
    return much.expected_value(repeats, again), known, ""


def _means(orders: Ledger, rhythm: Rhythm) -> tuple[Floats, Floats]:
    """Of each customer what a day with orders brought: of all, and of those after the first.

    orders: sorted by person and day, as they come. The second is 0 of who has no day after.
    """
    each = starts(orders.person)
    on_first = np.repeat(rhythm.first, rhythm.orders) == orders.day
    paid = sums(orders.amount, each) / PARTS
    later = sums(np.where(on_first, 0, orders.amount), each) / PARTS
    return paid / rhythm.days, later / np.maximum(rhythm.days - 1, 1)
