"""Waiting now: the open incidents, most urgent first, and what they are worth."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.digest import cards, customers, words
from alerts.escape import one_line
from domain.digest import Digest, OpenIncident, Untold
from domain.elements import Card, Cards, Element, Section
from domain.incident import CustomerProfile, State
from domain.network import Networks


def waiting(digest: Digest, networks: Networks) -> tuple[Element, ...]:
    tz, now = ZoneInfo(digest.timezone), digest.made_at
    open_ones = Cards(
        tuple(_waiting(one, now, tz, networks) for one in digest.open_incidents),
        nothing="No incident is open.",
        urgent=True,
        left="are open, less urgent",
        command="earshot alerts list --open",
    )
    untold = Cards(
        tuple(_untold(one, now, tz, networks) for one in digest.untold),
        nothing="",
        title="No alert told of these",
        left="ask for an answer and have none",
        command="earshot unanswered",
    )
    cards_of = (open_ones, untold) if digest.untold else (open_ones,)
    return (Section("Waiting now", cards_of, _lead(digest)), *customers.customers(digest))


def _untold(one: Untold, now: datetime, tz: ZoneInfo, networks: Networks) -> Card:
    return replace(
        cards.card(one.quote, tz, networks, one.customer),
        clock=words.due(one.due_at, now),
        late=one.due_at <= now,
        held=f"{one.severity.value}, {one_line(one.why)}; {one_line(one.no_alert)}",
        value=_value(one.customer) if one.customer else "",
    )


def _lead(digest: Digest) -> str:
    """How many wait, and what they are worth."""
    if not digest.unanswered:
        return _value_at_risk(digest)
    asks = "asks" if digest.unanswered == 1 else "ask"
    count = words.many(digest.unanswered, "mention")
    return (
        f"{count} of the past 28 days {asks} for an answer and got none. {_value_at_risk(digest)}"
    )


def _waiting(one: OpenIncident, now: datetime, tz: ZoneInfo, networks: Networks) -> Card:
    incident = one.incident
    mentions = words.many(one.mentions, "mention")
    return replace(
        cards.card(one.quote, tz, networks, incident.customer),
        clock=words.due(incident.due_at, now),
        late=incident.due_at <= now,
        held=f"{incident.severity.value}, {_state(one, tz)}, {mentions}",
        value=_value(incident.customer) if incident.customer else "",
    )


def _state(one: OpenIncident, tz: ZoneInfo) -> str:
    incident = one.incident
    state: str = incident.state.value
    if incident.state is State.SNOOZED and incident.snoozed_until is not None:
        state = f"snoozed until {words.instant(incident.snoozed_until, tz)}"
    holder = one_line(incident.assignee)
    return f"{state}, with {holder}" if holder else f"{state}, nobody has it"


def _value(customer: CustomerProfile) -> str:
    value = words.money(customer.spent)
    return f"{value} in 12 months, {words.many(customer.orders, 'order')}"


def _value_at_risk(digest: Digest) -> str:
    if not digest.customers_waiting:
        return "No known customer waits for an answer."
    value = words.money(digest.value_waiting)
    verb = "waits" if digest.customers_waiting == 1 else "wait"
    who = words.many(digest.customers_waiting, "known customer")
    return (
        f"{who} {verb} for an answer. Value at risk: {value}, their orders of the past 12 months."
    )
