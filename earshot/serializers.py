"""The contract: what we store as JSON and CSV."""

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any, TextIO

from domain.clock import iso
from domain.customer import Value
from domain.incident import Clock, Incident
from domain.reputation import Precision, ResponseTimes
from domain.sentiment import Sentiment
from domain.valuation import Valuation
from storage.incidents import DeliveryStatus
from storage.link_ledger import LinkView
from storage.mention_orders import NamedOrder
from storage.person_facts import Facts
from storage.stories import Key, Story
from storage.tables import SHOWN, CustomerRow, LinkJudgementRow
from storage.views import MentionView

# CSV is flat: these columns are read back by `earshot import`.
CSV_COLUMNS = (
    *("id", "source", "external_id", "brand", "url", "text", "lang"),
    *("published_at", "collected_at", "parent_id", "conversation_id"),
    *("author.id", "author.handle", "author.name", "author.bio", "author.location"),
    *("author.url", "author.followers", "author.created_at"),
    *("engagement.likes", "engagement.reposts", "engagement.replies", "engagement.views"),
    *("rating", "sentiment.label", "sentiment.negative", "sentiment.neutral"),
    *("sentiment.positive", "sentiment.model", "sentiment.corrected_by", "sentiment.unsure"),
    *("sentiment.toward", "sentiment.asks", "sentiment.emotion", "sentiment.sarcastic"),
    *("sentiment.asks_probability", "sentiment.wants_answer", "sentiment.reason"),
    *("customer.id", "customer.name", "customer.tier", "customer.clv"),
    *("customer.revenue_12m", "customer.currency", "customer.segment"),
    *("customer.link.state", "customer.link.basis"),
    *("incident.id", "incident.state", "incident.due_at"),
    *("hidden.reason", "hidden.by", "story_id", "copies"),
)
# CWE-1236: what a spreadsheet runs, also behind blanks and in full width. A cell that looks guarded
# already is guarded once more, so that `earshot import` gives back what was there.
_FORMULA = re.compile(r"'*[\s\ufeff\u200b]*[=+\-@\t\uff1d\uff0b\uff0d\uff20]")
# A file is also shown in terminals: no controls, nothing that turns the direction of writing.
_UNSHOWN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def mention_json(view: MentionView, values: Mapping[int, Value]) -> dict[str, Any]:
    """JSON of a mention, as design and `import` have it; without words or people if not shown."""
    mention, shown = view.mention, view.mention.standing in SHOWN
    author = view.author if shown else None
    return {
        "id": mention.id,
        "source": mention.source,
        "external_id": mention.external_id,
        "brand": view.listing.brand,
        "url": mention.url if shown else "",
        "text": mention.text if shown else "",
        "lang": mention.lang,
        "published_at": iso(mention.published_at),
        "collected_at": iso(mention.collected_at),
        "parent_id": mention.parent_id,
        "conversation_id": mention.conversation_id,
        "author": author
        and {
            "id": author.external_id,
            "handle": author.handle,
            "name": author.name,
            "bio": author.bio,
            "location": author.location,
            "url": author.url,
            "followers": author.followers,
            "created_at": iso(author.created_at),
        },
        "engagement": {
            "likes": mention.likes,
            "reposts": mention.reposts,
            "replies": mention.replies,
            "views": mention.views,
        },
        "rating": mention.rating,
        "sentiment": sentiment_json(view.sentiment),
        "customer": _customer_json(view, values) if shown else None,
        "incident": _incident_brief(view.incident),
        "hidden": _hidden_json(view),
    }


def orders_json(orders: Sequence[NamedOrder]) -> dict[str, Any]:
    """The orders that a mention is about, as JSON: nothing of whose they are."""
    return {
        "orders": [
            {
                "system": one.system,
                "number": one.number,
                "ordered_on": one.ordered_on.isoformat(),
                "quoted": one.quoted,
            }
            for one in orders
        ]
    }


def story_json(view: MentionView, found: Mapping[Key, Story]) -> dict[str, Any]:
    """Who else tells it, as JSON: the head of its story, and how many others there are."""
    story = story_of(view, found)
    return {"story_id": story and story.head, "copies": others(view, story)}


def story_of(view: MentionView, found: Mapping[Key, Story]) -> Story | None:
    return found.get(view.story) if view.story is not None else None


def others(view: MentionView, story: Story | None) -> int:
    if story is None:
        return 0
    return story.tellers - (view.mention.standing in SHOWN)  # what is gone is not among them


def _hidden_json(view: MentionView) -> dict[str, Any] | None:
    listing = view.listing
    return {"reason": listing.hidden, "by": listing.sifted_by} if listing.hidden else None


def sentiment_json(sentiment: Sentiment | None) -> dict[str, Any] | None:
    """JSON of a mention's tone; None when there is none yet."""
    if sentiment is None:
        return None
    found: dict[str, Any] = {
        "label": sentiment.label,
        **sentiment.probabilities,
        "model": sentiment.model,
        "corrected_by": sentiment.corrected_by or None,
        "unsure": sentiment.unsure,
        "toward": sentiment.toward,
        "asks": sentiment.asks,
        "emotion": sentiment.emotion,
        "sarcastic": sentiment.sarcastic,
        "asks_probability": sentiment.asks_probability,
        "wants_answer": sentiment.wants_answer,
    }
    return found | ({"reason": sentiment.reason} if sentiment.label is None else {})


def _customer_json(view: MentionView, values: Mapping[int, Value]) -> dict[str, Any] | None:
    if view.customer is None or view.link is None:
        return None
    worth = values[view.customer.id]
    return {
        "id": view.customer.id,
        "name": view.customer.name,
        "tier": worth.tier or None,
        "clv": worth.valued and worth.valued.clv,
        "revenue_12m": float(worth.revenue_12m),
        "currency": worth.currency or None,
        "values": _values_json(worth.valuation),
        "segment": worth.valuation and worth.valuation.segment,
        "link": {"state": view.link.state, "basis": view.link.basis},
    }


def _values_json(valuation: Valuation | None) -> list[dict[str, Any]]:
    """What their orders of each currency were worth when it was worked out last."""
    values = valuation.values if valuation is not None else ()
    return [asdict(one) | {"currency": one.currency or None} for one in values]


def _valuation_json(worth: Value) -> dict[str, Any]:
    """What was worked out last. Money of all orders is null where these are in two currencies."""
    whole, rhythm = worth.valued, worth.valuation
    return {
        "segment": rhythm and rhythm.segment,
        "orders_per_year": rhythm and rhythm.orders_per_year,
        "median_gap_days": rhythm and rhythm.median_gap_days,
        "p_alive": rhythm and rhythm.p_alive,
        "is_silent": rhythm and rhythm.is_silent,
        "clv": whole and whole.clv,
        "clv_simple": whole and whole.clv_simple,
        "average_order_value": whole and whole.average_order_value,
        "values": _values_json(rhythm),
        "valued_on": worth.valued_on and worth.valued_on.isoformat(),
    }


def _incident_brief(row: Incident | None) -> dict[str, Any] | None:
    return None if row is None else {"id": row.id, "state": row.state, "due_at": iso(row.due_at)}


def incident_json(
    row: Incident,
    mention_ids: Sequence[int],
    clocks: Sequence[Clock],
    deliveries: Sequence[DeliveryStatus],
) -> dict[str, Any]:
    """JSON of an incident."""
    return {
        "id": row.id,
        "kind": row.kind,
        "brand": row.brand,
        "rule": row.rule,
        "severity": row.severity,
        "state": row.state,
        "opened_at": iso(row.opened_at),
        "due_at": iso(row.due_at),
        "acknowledged_at": iso(row.acknowledged_at),
        "answered_at": iso(row.answered_at),
        "resolved_at": iso(row.resolved_at),
        "assignee": row.assignee or None,
        "customer": row.customer_id,
        "mention_ids": list(mention_ids),
        "clocks": list(map(_clock_json, clocks)),
        "deliveries": [
            {"channel": one.channel, "state": one.state, "sent_at": iso(one.sent_at)}
            for one in deliveries
        ],
    }


def _clock_json(clock: Clock) -> dict[str, Any]:
    return {
        "posted_at": iso(clock.posted_at),
        "due_at": iso(clock.due_at),
        "answered_at": iso(clock.answered_at),
        "how": clock.how,
    } | ({"channel": clock.channel} if clock.channel else {})


def response_json(brand: str, times: ResponseTimes) -> dict[str, Any]:
    """JSON of answer times; lengths in seconds."""
    return {
        "brand": brand,
        **{
            name: value.total_seconds() if isinstance(value, timedelta) else value
            for name, value in asdict(times).items()
        },
    }


def precision_json(found: Precision) -> dict[str, Any]:
    """JSON of how many alerts were worth it."""
    return asdict(found)


def link_json(view: LinkView) -> dict[str, Any]:
    """JSON of a link."""
    author = view.author
    return {
        "id": view.link.id,
        "author": {
            "source": author.source,
            "id": author.external_id,
            "handle": author.handle,
            "name": author.name,
        },
        "customer_id": view.customer.id,
        **judgement_json(view.judgement),
    }


def judgement_json(row: LinkJudgementRow) -> dict[str, Any]:
    """JSON of what was decided of a link, once."""
    return {
        "state": row.state,
        "probability": row.probability,
        "basis": row.basis,
        "evidence": row.evidence,
        "decided_by": row.decided_by,
        "at": iso(row.at),
        "expires_at": iso(row.expires_at),
    }


def customer_json(
    row: CustomerRow, worth: Value, records: Sequence[CustomerRow], known: Facts
) -> dict[str, Any]:
    """JSON of a customer. records: all those of this person, the row's own among them."""
    return {
        "id": row.id,
        "system": row.system,
        "external_id": row.external_id,
        "name": row.name,
        "tier": worth.tier or None,
        "orders": worth.orders,
        "revenue": float(worth.revenue),
        "revenue_12m": float(worth.revenue_12m),
        "currency": worth.currency or None,
        **_valuation_json(worth),
        "records": [
            {"id": one.id, "system": one.system, "external_id": one.external_id} for one in records
        ],
        "emails": list(known.emails),
        "phones": list(known.phones),
        "company": known.company or None,
        "city": known.city or None,
        "country": known.country or None,
        "website": known.website or None,
        "language": known.language or None,
        "tags": list(known.tags),
        "permission": known.permission or None,
        "created_at": iso(known.created_at),
        "decisions": [
            {"verb": one.verb, "by": one.decided_by, "at": iso(one.at), "records": [*one.records]}
            for one in known.decisions
        ],
    }


def tone(sentiment: Sentiment | None) -> str:
    """The label for people, with a ? where the model is unsure of it."""
    if sentiment is None:
        return "-"
    return f"{sentiment.label or 'unscored'}{'?' if sentiment.unsure else ''}"


def masked(record: Mapping[str, Any], mask: Callable[[str], str]) -> dict[str, Any]:
    """A mention's JSON with everything masked that its author wrote; handles and ids stay."""
    author = record["author"]
    if author is not None:
        author = author | {key: mask(author[key] or "") for key in ("name", "bio", "location")}
    return {**record, "text": mask(record["text"]), "author": author}


def write_csv(
    rows: Iterable[Mapping[str, Any]], out: TextIO, columns: Sequence[str] = CSV_COLUMNS
) -> None:
    """Rows as CSV with a header; by default mentions. "link.state": the state within the link.

    A cell a spreadsheet would run as a formula starts with '.
    """
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(_dig(row, column)) for column in columns])
    out.flush()  # a reader that has gone is noticed here, not at the interpreter's end


def _dig(row: Mapping[str, Any], path: str) -> object:
    value: Any = row
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _cell(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    text = _UNSHOWN.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    return f"'{text}" if _FORMULA.match(text) else text
