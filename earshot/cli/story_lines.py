"""A customer's story for people: lines of 80 columns."""

import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from textwrap import wrap

from alerts.escape import ELLIPSIS, one_line
from domain.clock import iso, span
from domain.customer import Basis, LinkState, Value
from domain.incident import EarlierMentions, Incident
from domain.valuation import CurrencyValue, Segment, ShopValuation, Valuation
from earshot.cli import lines
from earshot.cli.author_company import company_words
from earshot.customers.answering import Answering, How
from earshot.customers.story import Before, Story
from earshot.serializers import tone
from storage.link_ledger import LinkView
from storage.order_list import Bought
from storage.person_decisions import Verb
from storage.person_facts import Facts
from storage.tables import CustomerRow
from storage.views import MentionView

WIDTH = 80
_NAME = 10  # columns of a row's name
_DONE = {Verb.JOIN: "joined", Verb.SPLIT: "split"}
_LIVING = "how likely they still are a customer, by BG/NBD"
SEGMENT_WORDS = {
    Segment.OCCASIONAL: "ordered on one day only",
    Segment.SPORADIC: "ordered on several days, and by that rhythm probably not again",
    Segment.REGULAR: "ordered on several days, and by that rhythm still a customer",
    Segment.EXCLUSIVE: "regular, and of the tenth of them that is worth most in 12 months",
}


def story_lines(story: Story, *, now: datetime, today: date, orders: int) -> Iterator[str]:
    """orders: how many to tell at most. today: the brand's day."""
    yield from _who(story)
    yield from _value(story, today)
    yield from _orders(story.orders, orders)
    yield from _mentions(story, now=now)
    yield from _incidents(story, now=now)
    yield from _links(story)


def row(name: str, said: str) -> Iterator[str]:
    """`name  value`, wrapped under the value; none where there is no value."""
    yield from _under(f"  {name:{_NAME}} ", said)


def _under(begun: str, said: str) -> Iterator[str]:
    yield from wrap(one_line(said), WIDTH, initial_indent=begun, subsequent_indent=" " * len(begun))


# --- who ----------------------------------------------------------------------------------------


def _who(story: Story) -> Iterator[str]:
    known_as = ", ".join(f"{one.system} {one.external_id}" for one in story.records)
    yield from _under(f"customer {story.row.id}  ", f"{story.row.name} ({known_as})")
    yield from row("on file", ", ".join(f"{on}:{handle}" for on, handle in story.handles))
    yield from _known(story.known, story.records)


def _known(known: Facts, records: Sequence[CustomerRow]) -> Iterator[str]:
    """What the systems say, where they say anything, and what people decided."""
    for name, said in (
        ("e-mail", known.emails),
        ("phone", known.phones),
        ("permission", [known.permission]),
        ("company", [known.company]),
        ("place", [known.city, known.country]),
        ("site", [known.website]),
        ("language", [known.language]),
        ("tags", known.tags),
        ("since", [f"{known.created_at:%F}" if known.created_at else ""]),
    ):
        yield from row(name, ", ".join(filter(None, said)))
    named = {one.id: f"{one.system} {one.external_id}" for one in records}
    for one in known.decisions:
        which = ", ".join(named.get(record, f"customer {record}") for record in one.records)
        yield from row(_DONE[one.verb], f"by {one.decided_by}, {iso(one.at)}: {which}")


# --- what they are worth --------------------------------------------------------------------------


def _value(story: Story, today: date) -> Iterator[str]:
    known = story.worth.valuation
    yield f"value, as of {story.shop.as_of}" if story.shop and known else "value"
    if known is not None:
        yield from row("segment", f"{known.segment}: {SEGMENT_WORDS[known.segment]}")
    yield from row("tier", story.worth.tier or "-")
    yield from row("orders", _rhythm(story, known, today))
    if known is not None and known.p_alive is not None:
        yield from row("P(alive)", f"{known.p_alive:.0%}: {_LIVING}")
    yield from _money(story, known)


def _rhythm(story: Story, known: Valuation | None, today: date) -> str:
    """5: the first on 2024-05-06, the last on 2026-11-01; silent for 29 days."""
    days = [one.ordered_on for one in story.orders if one.amount > 0]
    if not days:
        return "none"
    count = story.worth.orders
    if len(days) == 1:
        said = f"{count}, on {days[0]}"
    else:
        said = f"{count}: the first on {min(days)}, the last on {max(days)}"
    if known is not None and known.median_gap_days is not None:
        said += f"; one every {known.median_gap_days:.0f} days (median)"
    silent = (today - max(days)).days
    longer = ", more than 3 times as long" if known is not None and known.is_silent else ""
    return said + (
        f"; silent for {silent} day{'' if silent == 1 else 's'}{longer}" if silent > 0 else ""
    )


def _money(story: Story, known: Valuation | None) -> Iterator[str]:
    """Each currency apart: what was paid, then what is expected, each by its own name."""
    lately = {one.currency: one.amount for one in story.worth.revenues_12m}
    values = {one.currency: one for one in known.values} if known is not None else {}
    for one in story.worth.revenues:
        value = values.get(one.currency)
        paid = f"{lately.get(one.currency, 0):,.2f} in 12 months, {one.amount:,.2f} ever"
        if value is not None and value.average_order_value is not None:
            paid += f", {value.average_order_value:,.2f} an order"
        yield from row(one.currency or "(none)", paid)
        if value is not None and story.shop is not None:
            yield from _expected(value, story.shop)
    if known is None and story.worth.orders:
        yield from row("CLV", "not worked out yet: earshot customers value does")


def _expected(value: CurrencyValue, shop: ShopValuation) -> Iterator[str]:
    """The lifetime value by both formulas; why there is no model."""
    years = f"{shop.years:g} year{'' if shop.years == 1 else 's'}"
    if value.clv_simple is not None:
        by = "orders a year x order value x years"
        yield from row("CLV simple", f"{value.clv_simple:,.2f} {value.currency} in {years}: {by}")
    if value.clv is not None:
        by = "BG/NBD and Gamma-Gamma: expected orders x expected order value"
        yield from row("CLV model", f"{value.clv:,.2f} {value.currency} in {years}, {by}")
        return
    why = next((one.why for one in shop.totals if one.currency == value.currency), "")
    yield from row("CLV model", f"none: {why}" if why else "")


# --- what they bought, wrote and were answered ----------------------------------------------------


def _orders(orders: Sequence[Bought], most: int) -> Iterator[str]:
    if not orders:
        return
    yield "last orders"
    for one in orders[:most]:
        paid = f"{one.amount:,.2f} {one.currency}".strip()
        back = f", {one.refunded:,.2f} of it paid back" if one.refunded else ""
        what = "a refund without its order" if one.amount < 0 and not one.refunded else one.number
        yield from row(f"{one.ordered_on}", f"{paid}{back}: {one.system} {what or '(no number)'}")
    yield from _more(len(orders) - most)


def _more(count: int) -> Iterator[str]:
    if count > 0:
        yield f"  and {count:,} more: --limit tells more of them"


def _mentions(story: Story, *, now: datetime) -> Iterator[str]:
    if not story.mentions:
        yield "mentions: none by an account that is linked"
        return
    networks = ", ".join(f"{source} {count}" for source, count in story.by_source.items())
    yield from _under("mentions, ", f"{story.written:,}: {networks}; the newest first")
    told = {view.listing.brand for view in story.mentions}
    for view, answer in zip(story.mentions, story.answers, strict=True):
        yield from mention_lines(view, answer, now=now, brand=len(told) > 1)
    yield from _more(story.written - len({view.mention.id for view in story.mentions}))


def mention_lines(
    view: MentionView, answer: Answering, *, now: datetime, brand: bool = False
) -> Iterator[str]:
    """One mention: where, how it feels, what became of it; then its words. brand: tell of which."""
    sentiment = view.sentiment
    asks = f", {sentiment.asks}" if sentiment is not None and sentiment.asks else ""
    about = f" about {view.listing.brand}" if brand else ""
    felt = f"{tone(sentiment)}{asks}".replace("-", "not scored", 1)
    at = f"{view.mention.published_at.astimezone(UTC):%Y-%m-%d %H:%M}"
    said = f"{at}  {view.mention.source}{about}, {felt}"
    done = answer_words(answer, now=now)
    head = f"{view.mention.id:>8}  "
    yield from _under(head, f"{said}: {done}" if done else said)
    words = fitting(one_line(view.mention.text), WIDTH - len(head) - 2)
    if words:
        yield f'{"":{len(head)}}"{words}"'


def fitting(text: str, columns: int) -> str:
    """As much of a line as has room, in columns of a terminal: a wide letter takes two."""
    taken = 0
    for at, letter in enumerate(text):
        taken += 1 + (unicodedata.east_asian_width(letter) in "WF")
        if taken > columns:
            return text[: at - 1].rstrip() + ELLIPSIS
    return text


def answer_words(answer: Answering, *, now: datetime) -> str:
    """Answered by @acme after 2 h; waiting for 3 h, due in 55 m."""
    after = f" after {span(answer.took)}" if answer.took is not None else ""
    match answer.how:
        case How.ANSWERED:
            return f"answered{f' by {answer.by}' if answer.by else ''}{after}"
        case How.ELSEWHERE:
            return f"answered elsewhere{f' ({answer.by})' if answer.by else ''}{after}"
        case How.WAITING if answer.waits_since is not None:
            due = f", {lines.due(answer.due_at, now=now)}" if answer.due_at is not None else ""
            return f"waiting for {span(now - answer.waits_since)}{due}"
        case other:
            return _CLOSED.get(other, "")


_CLOSED = {
    How.NO_ANSWER_NEEDED: "closed, no answer needed",
    How.DUPLICATE: "closed, a duplicate",
    How.DISMISSED: "dismissed",
    How.CLOSED: "closed without an answer seen",
    How.ASKS_NOTHING: "asks for no answer",
}


def customer_rows(
    customer: CustomerRow, worth: Value, before: Before, *, now: datetime
) -> Iterator[tuple[str, str]]:
    """The customer behind a mention: who, what they are worth, what they had written before."""
    segment = f", {worth.valuation.segment}" if worth.valuation is not None else ""
    yield "customer", f"{customer.id} {customer.name}, {worth.tier or 'no tier'}{segment}"
    paid = ", ".join(f"{one.amount:,.2f} {one.currency}".strip() for one in worth.revenues_12m)
    last = f", the last on {worth.last_order_on}" if worth.last_order_on else ""
    count = f"{worth.orders:,} order{'' if worth.orders == 1 else 's'}"
    yield "worth", f"{paid or 'nothing'} in 12 months, {count}{last}"
    yield "earlier", earlier_words(before.earlier) or "no mention"
    for view, answer in zip(before.newest, before.answers, strict=True):
        done = answer_words(answer, now=now)
        at = f"{view.mention.published_at.astimezone(UTC):%F}"
        yield (
            "",
            (
                f"{view.mention.id}, {at} on {view.mention.source}, {tone(view.sentiment)}: "
                f"{done or 'not read yet'}"
            ),
        )


def earlier_words(earlier: EarlierMentions) -> str:
    """4 mentions (x 3, trustpilot 1), 2 of them answered, the last after 2 h."""
    if not earlier.total:
        return ""
    networks = ", ".join(f"{source} {count}" for source, count in earlier.by_source)
    said = f"{earlier.total:,} mention{'' if earlier.total == 1 else 's'} ({networks})"
    if earlier.last_took is None:
        return f"{said}, none answered where it could be seen"
    return f"{said}, {earlier.answered:,} answered, the last after {span(earlier.last_took)}"


# --- incidents and links --------------------------------------------------------------------------


def _incidents(story: Story, *, now: datetime) -> Iterator[str]:
    if story.incidents:
        yield f"incidents, {len(story.incidents):,}"
    for one in story.incidents[:_INCIDENTS]:
        yield from _incident(story, one, now=now)
    if len(story.incidents) > _INCIDENTS:
        yield f"  and {len(story.incidents) - _INCIDENTS:,} more: earshot alerts list"


_INCIDENTS = 10


def _incident(story: Story, one: Incident, *, now: datetime) -> Iterator[str]:
    count = len(story.mention_ids.get(one.id, ()))
    promises = len(story.clocks.get(one.id, ()))
    again = f", promise {promises}" if promises > 1 else ""
    who = f", {one.assignee} has it" if one.assignee else ""
    yield from _under(
        f"{one.id:>8}  ",
        f"{one.severity}, {one.state}, opened {one.opened_at:%Y-%m-%d} for {one.brand or '-'}: "
        f"{lines.clock(one, now=now)}{again}; {count} mention{'' if count == 1 else 's'}{who}",
    )


def _links(story: Story) -> Iterator[str]:
    """Confirmed ones; proposals, of which nothing is told; what was decided otherwise."""
    parts: tuple[tuple[str, tuple[LinkState, ...]], ...] = (
        ("linked accounts", (LinkState.CONFIRMED,)),
        (
            "proposed accounts: nobody has confirmed them, and nothing of them is told above",
            (LinkState.PROPOSED,),
        ),
        ("not theirs, or not any more", (LinkState.REJECTED, LinkState.WITHDRAWN)),
    )
    for title, states in parts:
        found = [view for view in story.links if view.judgement.state in states]
        if found:
            yield title
        for view in found:
            yield from _link(view, story)


def _link(view: LinkView, story: Story) -> Iterator[str]:
    judged = view.judgement
    sure = f" ({judged.probability:.0%})" if judged.state == LinkState.PROPOSED else ""
    until = f" until {judged.expires_at:%F}" if judged.expires_at is not None else ""
    yield from row(
        f"link {view.link.id}",
        f"{view.author.source}:{view.author.handle or view.author.external_id} {judged.state}, "
        f"{Basis(judged.basis).words}{sure}; by {judged.decided_by} since {judged.at:%F}{until}",
    )
    for sentence in judged.evidence:
        yield from row("", sentence if sentence != Basis(judged.basis).words else "")
    if view.author.id in story.companies:
        yield from row("", company_words(story.companies[view.author.id]))
