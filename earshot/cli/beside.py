"""How an NPS stands beside the NPS proxy, for people and for programs."""

from typing import Any

from earshot.cli.tables import NONE
from earshot.reporting.survey_months import Beside, MonthBeside


def interval(value: float | None, low: float | None, high: float | None) -> str:
    """+31 (+18 to +44)."""
    if value is None or low is None or high is None:
        return NONE
    return f"{value:+.0f} ({low:+.0f} to {high:+.0f})"


def month_json(one: MonthBeside) -> dict[str, Any]:
    return {
        "month": f"{one.month:%Y-%m}",
        "is_over": one.is_over,
        "proxy_date": None if one.proxy_on is None else f"{one.proxy_on}",
    } | beside_json(one.beside)


def beside_json(one: Beside) -> dict[str, Any]:
    return {
        "n": one.nps.n,
        "nps": one.nps.value,
        "nps_low": one.nps.low,
        "nps_high": one.nps.high,
        "n_persons": one.proxy.n,
        "proxy": one.proxy.value,
        "proxy_low": one.proxy.low,
        "proxy_high": one.proxy.high,
        "difference": one.difference,
        "difference_low": one.low,
        "difference_high": one.high,
    }
