"""Mondays: what changed in the lists of customers. Counts and money, no names."""

from alerts.digest import words
from domain.customer_lists import ListChange, ListName
from domain.digest import Digest, ListNews
from domain.elements import Column, Element, Section, Table, Text
from domain.network import Networks

COLUMNS = (
    Column("on it", strong=True),
    Column("joined"),
    Column("left"),
    Column("paid in 12 months by who joined"),
)
COMMANDS = {
    ListName.AMBASSADORS: "earshot customers ambassadors",
    ListName.AT_RISK: "earshot customers at-risk",
    ListName.LOST: "earshot customers lost",
    ListName.WON_BACK: "earshot customers won-back",
    ListName.LEADS: "earshot leads list",
}


def lists(digest: Digest, _networks: Networks) -> tuple[Element, ...]:
    news = digest.lists
    if news is None or not news.changes:
        return ()
    columns = COLUMNS if news.since else COLUMNS[:1]
    rows = tuple((one.name.value, _cells(one, news)) for one in news.changes)
    commands = words.listed([COMMANDS[one.name] for one in news.changes])
    shown = Text(f"Who is on them: {commands}.")
    return (Section("Lists", (Table("List", columns, rows), shown), _lead(news)),)


def _cells(one: ListChange, news: ListNews) -> tuple[str, ...]:
    total = words.number(one.total)
    if news.since is None:
        return (total,)
    value = words.money(one.value_joined) if one.value_joined else ""
    return total, words.number(one.joined), words.number(one.left), value


def _lead(news: ListNews) -> str:
    who = "Customers who may be written to, and leads"
    if news.since is None:
        return f"{who}. There is no Monday before to compare with yet."
    return f"{who}; since {words.day(news.since)}."
