"""A world of authors who want to buy, for the tests of leads: whom a shop knows, and whom not.

The texts say it: "buy" is read as buying, "perhaps buy" as buying by a guess, anything else as
nothing.
"""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from domain.customer import CustomerRecord, OrderRecord
from domain.mention import Author, Mention, Standing
from domain.sentiment import Asks
from earshot.core.app import App
from sentiment.backend import Answers, Prepared, Tokens
from sentiment.heads import ASKS, TONE
from storage import customers, deletions, links, noise, orders
from tests.earshot.world import DAY, NOW, Words, live, mention, reply, with_words
from tests.storage.made import row_of

SURE, GUESS = 0.8, 0.4

MORE = """
[[brands]]
name = "Initech"
query = "initech"
own_accounts = ["x:initech_help"]
competitors = ["Hooli"]

[noise]
staff_accounts = ["x:gwen_of_acme"]
"""


class Buyers(Words):
    """The model of a few words, which also hears who wants to buy."""

    def __init__(self) -> None:
        super().__init__("buyers@1")

    def tokens(self, prepared: Sequence[Prepared]) -> list[Tokens]:
        return [
            Tokens(
                ids=[{"perhaps": 2, "buy": 1}.get(word, 0) for word in _words(one.text)],
                truncated=False,
                known=True,
            )
            for one in prepared
        ]

    def probabilities(self, batch: Sequence[Tokens]) -> Answers:
        asks = [_asks(one.ids) for one in batch]
        tones = [[0.1, 0.8, 0.1]] * len(batch)
        return {
            TONE.name: np.array(tones, dtype=np.float32).reshape(-1, 3),
            ASKS.name: np.array(asks, dtype=np.float32).reshape(-1, len(ASKS.labels)),
        }


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _asks(ids: Sequence[int]) -> list[float]:
    said = Asks.BUYING if 1 in ids else Asks.NOTHING
    sure = GUESS if 2 in ids else SURE
    rest = (1 - sure) / (len(ASKS.labels) - 1)
    return [sure if label == said else rest for label in ASKS.labels]


def author(name: str, source: str = "x") -> Author:
    return Author(id=f"{source}-{name}", handle=name, name=name.title(), followers=len(name))


def wants(name: str, text: str = "I'll buy from Acme", **changed: Any) -> Mention:  # noqa: ANN401 -- any field
    """A post of somebody who wants to buy, a day old; on X."""
    source = changed.get("source", "x")
    told: dict[str, Any] = {
        "external_id": f"{source}-{name}",
        "published_at": NOW - DAY,
        "author": author(name, source),
        "url": f"https://{source}.example/{name}",
    }
    told |= changed
    return mention(told.pop("external_id"), text, **told)


def known(app: App, name: str, *orders_of: OrderRecord, **told: Any) -> None:  # noqa: ANN401 -- any field
    """Link an author on X with a customer of this name, with these orders."""
    record = CustomerRecord("shop", name, name.title(), email=f"{name}@example.org", **told)
    with app.database.begin() as session:
        customers.save(session, [record], now=NOW)
        ids = {row.external_id: row.id for row in customers.every(session)}
        row = links.find_author(session, "x", name)
        assert row is not None
        links.add(session, row, ids[name], by="eva", now=NOW)
        assert not orders.save(session, "shop", orders_of).refused


def order(name: str, on: date, amount: int = 50, number: str = "1") -> OrderRecord:
    return OrderRecord(name, on, Decimal(amount), "EUR", external_id=f"{name}-{number}")


def fill(app: App) -> None:
    """Everybody once: leads first, then who is none, each for one reason."""
    with_words(app, Buyers())
    today = NOW.date()
    one_text = "I am going to buy the large Acme grinder for my shop in March, in the red colour"
    live(
        app,
        wants("ana", "Acme or Globex? I'd buy either.", published_at=NOW - 2 * DAY),
        wants("ana", one_text, external_id="x-ana-2", published_at=NOW - 20 * DAY),
        wants("ana", f"{one_text}!", external_id="x-ana-3", published_at=NOW - 18 * DAY),
        wants("ben", source="reddit"),
        wants("cleo", source="mastodon"),
        wants("dan", "I'll buy from Acme and Initech, not from Hooli"),
        wants("ed", "I'll buy from Initech"),
        wants("fay", "Shall I buy from Acme? https://shop.example/?a=1"),
        reply("answer", to="x-fay", conversation_id="x-fay"),
        wants("gus"),
        wants("hal"),
        # No leads:
        wants("ian"),
        wants("joy", published_at=NOW - 30 * DAY),
        wants("kim"),
        wants("lea", "perhaps I buy from Acme"),
        wants("max", "Acme is nice"),
        wants("ned", "I'll buy from Globex"),
        wants("old", published_at=NOW - 200 * DAY),
        wants("pat", is_repost=True, parent_id="x-ana"),
        wants("sam"),
        wants("tia"),
        wants("nobody", author=None),
        wants("acme_help", author=Author(id="1000", handle="acme_help")),
        wants("initech_help"),
        wants("gwen_of_acme"),
        wants("globex", author=Author(id="x-1", handle="globex", name="Sam")),
        wants("gx", author=Author(id="x-2", handle="gx", name="Globex!")),
        wants("uri"),
        wants("vera"),
        wants("lin", source="linkedin"),
    )
    live(
        app,
        wants("sam", "Acme is nice", edited_at=NOW),
        wants("max", "Acme is nice, I'll buy one", edited_at=NOW),
    )
    with app.database.begin() as session:
        deletions.purge(session, [row_of(session, "x-tia").id], now=NOW)
        deletions.note(session, [row_of(session, "x-uri").id], Standing.HIDDEN, now=NOW)
        noise.hide(session, row_of(session, "x-vera").id, "Acme", by="eva", now=NOW)
    known(app, "gus")  # in the CRM without an order
    known(app, "hal", order("hal", today - 9 * DAY), order("hal", today - 8 * DAY, -50))
    known(app, "ian", order("ian", today - 90 * DAY))
    known(app, "joy", order("joy", today - 20 * DAY))  # only since
    known(app, "kim", permission="no")
