"""A customer's story as JSON: what `customers list` says of them, and all that they did."""

from collections.abc import Mapping
from typing import Any

from domain.clock import iso
from domain.incident import EarlierMentions
from earshot import serializers
from earshot.cli.author_company import link_json
from earshot.customers.answering import Answering
from earshot.customers.story import Story
from storage.incidents import DeliveryStatus
from storage.order_list import Bought


def story_json(story: Story, deliveries: Mapping[int, list[DeliveryStatus]]) -> dict[str, Any]:
    """deliveries: the messages of each incident."""
    values = {story.row.id: story.worth}
    return serializers.customer_json(story.row, story.worth, story.records, story.known) | {
        "handles": [{"network": network, "handle": handle} for network, handle in story.handles],
        "links": [link_json(view, story.companies.get(view.author.id)) for view in story.links],
        "order_list": [_order(one) for one in story.orders],
        "mentions_by_source": dict(story.by_source),
        "mentions": [serializers.mention_json(view, values) for view in story.mentions],
        "answers": [answer_json(one) for one in story.answers],
        "incidents": [
            serializers.incident_json(
                one,
                story.mention_ids[one.id],
                list(story.clocks[one.id]),
                deliveries.get(one.id, []),
            )
            for one in story.incidents
        ],
    }


def _order(one: Bought) -> dict[str, Any]:
    return {
        "system": one.system,
        "number": one.number or None,
        "ordered_on": one.ordered_on.isoformat(),
        "amount": float(one.amount),
        "refunded": float(one.refunded),
        "currency": one.currency or None,
    }


def answer_json(one: Answering) -> dict[str, Any]:
    """What became of a mention; lengths in seconds."""
    return {
        "mention_id": one.mention_id,
        "brand": one.brand,
        "how": one.how,
        "answered_at": iso(one.at),
        "took": None if one.took is None else one.took.total_seconds(),
        "by": one.by or None,
        "waits_since": iso(one.waits_since),
        "due_at": iso(one.due_at),
        "incident_id": one.incident_id,
    }


def earlier_json(earlier: EarlierMentions) -> dict[str, Any]:
    """What a customer had written before a mention; the length in seconds."""
    took = earlier.last_took
    return {
        "mentions": earlier.total,
        "by_source": dict(earlier.by_source),
        "answered": earlier.answered,
        "last_took": None if took is None else took.total_seconds(),
    }
