"""Puts the morning digest into words: the one reading of it that every layout draws."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alerts import digest_figures as figures
from alerts import digest_words as words
from alerts.digest_headline import headline
from alerts.digest_view import Card, SourceRow, View, Waiting
from alerts.escape import cut, defang, one_line
from domain.clock import iso
from domain.digest import DayVolume, Digest, OpenIncident, Quote, SourceHealth, Spending
from domain.incident import KnownCustomer, State
from domain.money import shown
from domain.network import Networks

MOST = 5  # people named in a sentence
NAME = 40  # characters of a name in it
CURRENCY = 8


def view(digest: Digest, networks: Networks) -> View:
    """The digest in words; a pure function of it and of what the networks are called."""
    tz, now = ZoneInfo(digest.timezone), digest.made_at
    reported = words.day(digest.date - timedelta(days=1))
    above = {one.quote for one in digest.open_incidents}
    return View(
        brand=one_line(digest.brand),
        sent=f"{digest.date:%A} {digest.date.day} {digest.date:%B %Y}",
        reported=reported,
        headline=one_line(headline(digest, networks)),
        glance=_glance(digest),
        score=figures.score_gauge(digest.reputation, digest.reputation_before),
        parts_shown=figures.parts_shown(digest.reputation.parts),
        parts=tuple(figures.part_row(part) for part in digest.reputation.parts),
        trend=figures.trend(digest.reputation_trend),
        trend_said=figures.trend_said(figures.trend(digest.reputation_trend)),
        nps=figures.nps_gauge(digest.nps, digest.nps_before),
        nps_split=figures.nps_split(digest.nps),
        waiting=tuple(_waiting(incident, now, tz, networks) for incident in digest.open_incidents),
        value_at_risk=_value_at_risk(digest),
        days=digest.days,
        volume=figures.volume(digest, reported),
        answers=figures.answers(digest.response),
        worst=tuple(_card(quote, tz, networks) for quote in digest.worst if quote not in above),
        no_worst="They stand under Waiting now." if digest.worst else "No negative mention.",
        best=tuple(_card(quote, tz, networks) for quote in digest.best),
        voices=figures.voice_rows(digest.voices),
        window=f"The last {words.many(digest.window.days, 'day')}",
        sources=tuple(_source(source, tz, networks) for source in digest.health),
        notes=_notes(digest, networks),
        footer=_footer(digest, tz),
    )


def _glance(digest: Digest) -> tuple[tuple[str, str, str], ...]:
    late = sum(one.incident.due_at <= digest.made_at for one in digest.open_incidents)
    waiting = words.number(len(digest.open_incidents))
    value = _money(digest.value_waiting, digest.currency)
    total = digest.days[-1].total if digest.days else 0
    usual = words.usual_total(digest.days)
    noun = "mention" if total == 1 else "mentions"
    note = noun if usual is None else f"{noun}, usually {words.number(round(usual))}"
    return (
        ("Waiting", waiting, f"{words.number(late)} overdue"),
        ("Value at risk", value, words.many(digest.customers_waiting, "customer")),
        ("Yesterday", words.number(total), note),
    )


def _waiting(one: OpenIncident, now: datetime, tz: ZoneInfo, networks: Networks) -> Waiting:
    incident = one.incident
    return Waiting(
        clock=words.due(incident.due_at, now),
        late=incident.due_at <= now,
        severity=incident.severity.value,
        state=_state(one, tz),
        mentions=words.many(one.mentions, "mention"),
        value=_value(incident.customer) if incident.customer else "",
        card=_card(one.quote, tz, networks, incident.customer),
    )


def _state(one: OpenIncident, tz: ZoneInfo) -> str:
    incident = one.incident
    said: str = incident.state.value
    if incident.state is State.SNOOZED and incident.snoozed_until is not None:
        said = f"snoozed until {words.instant(incident.snoozed_until, tz)}"
    holder = one_line(incident.assignee)
    return f"{said}, with {holder}" if holder else f"{said}, nobody has it"


def _value(customer: KnownCustomer) -> str:
    value = _money(customer.revenue_12m, customer.currency)
    return f"{value} in 12 months, {words.many(customer.orders, 'order')}"


def _money(amount: float, currency: str) -> str:
    return words.money(amount, cut(one_line(currency), CURRENCY))


def _card(
    quote: Quote, tz: ZoneInfo, networks: Networks, customer: KnownCustomer | None = None
) -> Card:
    url = networks.opens(quote.source, quote.url) or ""
    handle, name = one_line(quote.author_handle), one_line(quote.author_name)
    named = customer.name if customer else quote.customer_name
    tier = customer.tier if customer else quote.customer_tier
    return Card(
        name=name if name.lower() != handle.lower() else "",
        handle=f"@{handle}" if handle else "" if name else "author unknown",
        customer=" · ".join(filter(None, (one_line(named), one_line(tier)))),
        text=one_line(quote.text) or "no text",
        source=one_line(networks.title_of(quote.source)),
        published=words.instant(quote.published_at, tz),
        reach="" if quote.followers is None else words.many(quote.followers, "follower"),
        tone=_tone(quote),
        label=quote.label.value if quote.label else "",
        url=url,
        address="" if url else defang(one_line(quote.url)),
    )


def _tone(quote: Quote) -> str:
    if not quote.label:
        return "not scored"
    by = cut(one_line(quote.corrected_by), NAME)
    return f"{quote.label.value} {f'(corrected by {by})' if by else f'{quote.confidence:.0%}'}"


def _value_at_risk(digest: Digest) -> str:
    if not digest.customers_waiting:
        return "No known customer waits for an answer."
    value = _money(digest.value_waiting, digest.currency)
    verb = "waits" if digest.customers_waiting == 1 else "wait"
    who = words.many(digest.customers_waiting, "known customer")
    return (
        f"{who} {verb} for an answer. Value at risk: {value}, their orders of the past 12 months."
    )


def _source(health: SourceHealth, tz: ZoneInfo, networks: Networks) -> SourceRow:
    return SourceRow(
        name=one_line(networks.title_of(health.source)),
        mentions=words.number(health.mentions),
        last_ok="never" if health.last_ok_at is None else words.instant(health.last_ok_at, tz),
        trouble=one_line(health.trouble),
        gaps=tuple(one_line(gap) for gap in health.gaps),
    )


def _notes(digest: Digest, networks: Networks) -> tuple[str, ...]:
    notes = [
        _unsure(digest.days),
        _unscored(digest.days),
        _hidden(digest.hidden),
        _dismissed(digest.dismissed),
        *(_spent(spent, networks) for spent in digest.spending),
    ]
    if digest.linkable_share is not None:
        share = words.percent(digest.linkable_share)
        notes.append(f"{share} of the authors could be matched with a customer at all.")
    return tuple(filter(None, notes))


def _unsure(days: tuple[DayVolume, ...]) -> str:
    unsure, total = sum(one.unsure for one in days), sum(one.total for one in days)
    if not unsure:
        return ""
    return (
        f"{words.number(unsure)} of {words.many(total, 'mention')} in {len(days)} days are unsure:"
        " no tone holds even half of the probability. They count as volume and in no tone above;"
        " the scores take their probabilities as they are."
    )


def _unscored(days: tuple[DayVolume, ...]) -> str:
    unscored, total = sum(one.unscored for one in days), sum(one.total for one in days)
    if not unscored:
        return ""
    return (
        f"{words.number(unscored)} of {words.many(total, 'mention')} in {len(days)} days"
        " are not scored (no text, a language the model does not read, or still in the queue):"
        " they count as volume and in no score, because a guessed tone would be worse than none."
    )


def _hidden(hidden: tuple[tuple[str, int], ...]) -> str:
    total = sum(count for _, count in hidden)
    if not total:
        return ""
    why = ", ".join(f"{words.number(count)} {one_line(said)}" for said, count in hidden)
    return (
        f"{words.many(total, 'mention')} of the day hidden as noise: {why}. They count nowhere;"
        " earshot mentions --hidden lists them."
    )


def _dismissed(dismissed: tuple[tuple[str, int], ...]) -> str:
    total = sum(count for _, count in dismissed)
    if not total:
        return "No incident was dismissed."
    shown = sorted(dismissed, key=lambda one: -one[1])[:MOST]
    by = [f"{words.number(n)} by {cut(one_line(who), NAME) or 'unknown'}" for who, n in shown]
    others = total - sum(count for _, count in shown)
    said = ", ".join([*by, *([f"{words.number(others)} by others"] if others else [])])
    incidents = words.many(total, "dismissed incident")
    return f"{incidents} excluded from the answer figures: {said}."


def _spent(spent: Spending, networks: Networks) -> str:
    """What the source has cost, and what one alert that was of use has cost this month."""
    network = one_line(networks.title_of(spent.source))
    costs = (
        f"{network} cost {shown(spent.yesterday)} yesterday and {shown(spent.month)} this month of "
        f"{shown(spent.budget)}, for all brands together; "
    )
    if not spent.useful_alerts:
        return f"{costs}no alert of this month was of use yet."
    each = spent.month / spent.useful_alerts
    return f"{costs}{shown(each)} per useful alert ({words.number(spent.useful_alerts)})."


def _footer(digest: Digest, tz: ZoneInfo) -> tuple[str, ...]:
    formula = cut(one_line(digest.reputation.formula), NAME)
    score = (
        f"Reputation ({formula}) runs from 0 to 100 over {digest.window.days} days. An author is"
        " one voice however often they write; a missing part gives its weight to the others. The"
        " 95% interval is the chance in who happened to write; the model's own errors are not in"
        " it."
    )
    proxy = (
        f"NPS-proxy is promoters minus detractors among public authors, from {words.MINUS}100 to"
        " +100. It is not NPS: nobody was asked."
    )
    answers = (
        "Answer times stand twice: among the answered only, which flatters, and with those still"
        " waiting counted as waiting (Kaplan-Meier). Not reached: too few have an answer so far."
    )
    made = (
        f"Days run from midnight to midnight in {one_line(digest.timezone)}. Made by Earshot on"
        f" {words.instant(digest.made_at, tz)} ({iso(digest.made_at)})."
    )
    return score, proxy, answers, made
