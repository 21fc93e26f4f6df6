"""The morning digest as plain text: for the console, and the text part of a mail."""

from collections.abc import Iterable
from textwrap import wrap

from alerts import charts
from alerts.digest_compose import view
from alerts.digest_view import Card, Gauge, View, Waiting
from alerts.escape import cut, terminal
from domain.digest import Digest
from domain.network import Networks

WIDTH = 78
SHOWN = 5  # of a kind; the HTML file has more
TEXT = 240
ADDRESS = 300
NAME = 60


def digest_text(digest: Digest, networks: Networks) -> str:
    """Lines of at most 78 characters, safe to print; long words and URLs may stick out."""
    d = view(digest, networks)
    parts = (_head(d), _waiting(d), _reputation(d), _volume(d), _answers(d), _quotes(d))
    lines = (line for part in (*parts, _voices(d), _sources(d), _footer(d)) for line in part)
    return terminal("\n".join(lines).strip() + "\n")


def _head(d: View) -> list[str]:
    glance = (f"{label}: {value} ({note})" for label, value, note in d.glance)
    title = f"{cut(d.brand, NAME)}: morning digest, {d.sent}"
    return [title, "=" * min(len(title), WIDTH), *_wrapped(d.headline), "", *glance]


def _waiting(d: View) -> list[str]:
    shown = [line for one in d.waiting[:SHOWN] for line in _incident(one)]
    more = len(d.waiting) - SHOWN
    rest = [f"  and {more} more: earshot alerts list --open"] if more > 0 else []
    return [
        *_title("Waiting now"),
        *_wrapped(d.value_at_risk),
        *(shown or ["No incident is open."]),
        *rest,
    ]


def _incident(one: Waiting) -> list[str]:
    held = f"{one.clock}: {one.severity}, {one.state}, {one.mentions}"
    known = ", ".join(filter(None, (cut(one.card.customer, NAME), one.value)))
    return [*_wrapped(f"* {held}", "  "), *_wrapped(known, "  ", "  "), *_card(one.card)]


def _card(card: Card) -> list[str]:
    about = f"{cut(card.who, NAME)} on {cut(card.source, NAME)}, {card.published}, {card.tone}"
    reach = f", {card.reach}" if card.reach else ""
    return [
        *_wrapped(cut(card.text, TEXT), "  | ", "  | "),
        *_wrapped(about + reach, "  ", "  "),
        *([f"  {cut(where, ADDRESS)}"] if (where := card.url or card.address) else []),
    ]


def _gauge(name: str, gauge: Gauge) -> list[str]:
    if not gauge.value:
        return _wrapped(f"{name}: {gauge.missing}. {gauge.change}".rstrip(" ."), "  ")
    interval = f" (95% interval {gauge.interval})" if gauge.interval else ""
    change = f"; {gauge.change}" if gauge.change else ""
    return _wrapped(f"{name}: {gauge.value}{interval}, {gauge.basis}{change}", "  ")


def _reputation(d: View) -> list[str]:
    rows = []
    for part in d.parts if d.score.value else ():
        bar = charts.block_bar(part.percent or 0, 14)
        points = f"x {part.weight:>4} = {part.contribution:>5}" if part.weight else " " * 14
        about = f" ({cut(part.note, 120)})" if part.note else ""
        name = cut(part.name, NAME)
        rows += [f"  {bar} {part.value:>7} {points}  n {part.n:>5}  {name}{about}"]
    spark = charts.spark([value for _, value in d.trend])
    return [
        *_title("Reputation"),
        *_gauge("Score of 100", d.score),
        *([f"  made of {d.parts_shown}:"] if rows else []),
        *rows,
        *([f"  by day {spark}"] if spark else []),
        *_wrapped(d.trend_said, "  ", "  "),
        *_gauge("NPS-proxy (not NPS: nobody was asked)", d.nps),
        f"  {d.nps_split}",
    ]


def _volume(d: View) -> list[str]:
    lines = [*_title("Mentions"), *_wrapped(d.volume)]
    if not any(one.total for one in d.days):
        return lines
    every = charts.spark([one.total for one in d.days], least=0)
    negative = charts.spark([one.negative for one in d.days], least=0)
    most = max(one.total for one in d.days), max(one.negative for one in d.days)
    return [*lines, f"  all      {every}  most {most[0]}", f"  negative {negative}  most {most[1]}"]


def _answers(d: View) -> list[str]:
    a = d.answers
    facts = [f"  {label}: {value} ({note})" for label, value, note in a.open]
    times = (
        f"  {which}: {answered} among the answered ({a.answered_n}),"
        f" {everyone} with those still waiting ({a.all_n})"
        for which, answered, everyone in a.times
    )
    return [
        *_title("Answers"),
        *_gauge("In time", a.attainment),
        f"  {a.needed}",
        *facts,
        *_each(times),
    ]


def _quotes(d: View) -> list[str]:
    lines = _title(f"Worth reading from {d.reported}")
    for kind, cards, none in (
        ("Worst", d.worst, f"Worst: {d.no_worst}" if d.waiting else d.no_worst),
        ("Best", d.best, "No positive mention."),
    ):
        lines += [f"{kind}:"] if cards else [none]
        for card in cards[:SHOWN]:
            customer = cut(card.customer, NAME)
            lines += [*([f"  {customer}"] if customer else []), *_card(card)]
    return lines


def _voices(d: View) -> list[str]:
    if len(d.voices) < 2:  # noqa: PLR2004 - one voice has nobody to share with
        return []
    return [
        *_title("Share of voice"),
        f"  {d.window}",
        *(
            f"  {charts.block_bar(v.percent, 14)} {v.share:>4} {v.mentions:>6}"
            f"  neg {v.negative:>4}  pos {v.positive:>4}  {cut(v.name, NAME)}"
            for v in d.voices[: SHOWN + 3]
        ),
    ]


def _sources(d: View) -> list[str]:
    lines = []
    for source in d.sources:
        lines += [
            f"  {cut(source.name, NAME)}: {source.mentions} mentions, last heard {source.last_ok}"
        ]
        lines += _wrapped(cut(source.trouble, TEXT), "    ", "    ")
        lines += _each(f"    missed: {cut(gap, TEXT)}" for gap in source.gaps[:SHOWN])
    return [*_title("Sources"), *(lines or ["No source is configured yet."]), *_each(d.notes)]


def _footer(d: View) -> list[str]:
    return [*_title("How the numbers are made"), *_each(d.footer)]


def _title(text: str) -> list[str]:
    return ["", text, "-" * len(text)]


def _each(lines: Iterable[str]) -> list[str]:
    return [wrapped for line in lines for wrapped in _wrapped(line, "    ")]


def _wrapped(text: str, later: str = "", first: str = "") -> list[str]:
    return wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )
