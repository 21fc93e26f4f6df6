"""The morning digest as Slack blocks: the same content as the mail, shorter."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from alerts import charts
from alerts.digest_compose import view
from alerts.digest_view import Card, Gauge, SourceRow, View, Waiting
from alerts.escape import cut, defang, link, mrkdwn
from domain.digest import Digest
from domain.network import Networks

Block = dict[str, Any]

MAX_BLOCKS = 50  # https://docs.slack.dev/reference/block-kit/blocks
MAX_HEADER = 150
MAX_TOTAL = 9000  # characters of JSON; Slack refuses somewhere above 9,500 and does not say where
FALLBACK = 600
NAME = 60
MAX_LINK = 400
MAX_PARTS = 8
MAX_VOICES = 6
MAX_SOURCES = 8
# From roomy to terse: (incidents, quotes of a kind, characters of a quoted text).
_SIZES = ((6, 3, 280), (5, 3, 180), (4, 2, 120), (3, 1, 80), (2, 1, 40))


def digest_blocks(digest: Digest, networks: Networks) -> tuple[str, list[Block]]:
    """The fallback text and the blocks, as roomy as Slack's limits allow."""
    d = view(digest, networks)
    fallback = mrkdwn(cut(defang(f"{cut(d.brand, NAME)}: {d.headline}"), FALLBACK))
    for incidents, quotes, text in _SIZES:
        blocks = _blocks(d, incidents, quotes, text)
        if _fits(blocks):
            return fallback, blocks
    while not _fits(blocks):
        blocks.pop()
    return fallback, blocks


def _fits(blocks: Sequence[Block]) -> bool:
    size = len(json.dumps(blocks, ensure_ascii=False).encode("utf-16-le")) // 2
    return len(blocks) <= MAX_BLOCKS and size <= MAX_TOTAL


def _blocks(d: View, incidents: int, quotes: int, text: int) -> list[Block]:
    title = f"{cut(d.brand, NAME)}: {d.sent}"
    return [
        {"type": "header", "text": {"type": "plain_text", "text": cut(title, MAX_HEADER)}},
        _section(f"*{_safe(d.headline, 600)}*"),
        {
            "type": "section",
            "fields": [_field(label, value, note) for label, value, note in d.glance],
        },
        *_waiting(d, incidents, text),
        {"type": "divider"},
        _section(_reputation(d)),
        _section(_volume(d)),
        _section(_answers(d)),
        *_quotes(d, quotes, text),
        *_voices(d),
        _section(_sources(d)),
        *({"type": "context", "elements": [_mrkdwn(_safe(line, 500))]} for line in _small(d)),
    ]


def _waiting(d: View, shown: int, text: int) -> list[Block]:
    if not d.waiting:
        return [_section(f"*Waiting now*\nNo incident is open. {_safe(d.value_at_risk, 300)}")]
    blocks = [_section(f"*Waiting now*\n{_safe(d.value_at_risk, 300)}")]
    blocks += [_section(_incident(one, text)) for one in d.waiting[:shown]]
    more = len(d.waiting) - shown
    if more > 0:
        blocks.append(_section(f"and {more} more: `earshot alerts list --open`"))
    return blocks


def _incident(one: Waiting, text: int) -> str:
    known = ", ".join(filter(None, (_safe(one.card.customer, NAME), _safe(one.value, NAME))))
    clock = f"*{one.clock[0].upper()}{one.clock[1:]}*"
    held = f"{clock}  {one.severity}, {_safe(one.state, NAME)}, {one.mentions}"
    return "\n".join(filter(None, (held, known, _card(one.card, text))))


def _card(card: Card, text: int) -> str:
    about = f"{_safe(card.who, NAME)} on {_safe(card.source, NAME)}, {card.published}, {card.tone}"
    reach = f", {card.reach}" if card.reach else ""
    where = link(card.url) if card.url else mrkdwn(card.address)
    # One too long to spend a message's room on is left out, never cut: it would lead elsewhere.
    to = f"  {where}" if 0 < len(where) <= MAX_LINK else ""
    return f"> {_safe(card.text, text)}\n{about}{reach}{to}"


def _reputation(d: View) -> str:
    rows = [
        f"{charts.block_bar(part.percent or 0, 10)} {part.value:>7} {part.weight:>4}"
        f" {part.contribution:>5} {part.n:>6}  {_plain(part.name)}"
        for part in (d.parts[:MAX_PARTS] if d.score.value else ())
    ]
    head = f"{'':10} {'value':>7} {'x':>4} {'=':>5} {'n':>6}"
    spark = charts.spark([value for _, value in d.trend])
    lines = [
        f"*Reputation*  {_gauge(d.score)}",
        *([_code([head, *rows]), f"{d.parts_shown} known"] if rows else []),
        *([f"`{spark}`  {_safe(d.trend_said, 200)}"] if spark else []),
        f"*NPS-proxy*  {_gauge(d.nps)}. {d.nps_split}. Not NPS: nobody was asked.",
    ]
    return "\n".join(lines)


def _gauge(gauge: Gauge) -> str:
    if not gauge.value:
        return ". ".join(filter(None, (gauge.missing, gauge.change)))
    interval = f" (95% interval {gauge.interval})" if gauge.interval else ""
    change = f"; {gauge.change}" if gauge.change else ""
    return f"*{gauge.value}*{interval}, {_safe(gauge.basis, NAME)}{change}"


def _volume(d: View) -> str:
    lines = ["*Mentions*", _safe(d.volume, 400)]
    if any(one.total for one in d.days):
        every = charts.spark([one.total for one in d.days], least=0)
        negative = charts.spark([one.negative for one in d.days], least=0)
        top = max(one.total for one in d.days), max(one.negative for one in d.days)
        lines.append(_code([f"{every} all, most {top[0]}", f"{negative} negative, most {top[1]}"]))
    return "\n".join(lines)


def _answers(d: View) -> str:
    a = d.answers
    facts = ", ".join(f"{label.lower()} {value}" for label, value, _ in a.open)
    times = (
        f"{which}: {answered} among the answered ({a.answered_n}), *{everyone}* with those still"
        f" waiting ({a.all_n})"
        for which, answered, everyone in a.times
    )
    return "\n".join(
        (f"*Answers*  in time: {_gauge(a.attainment)}", f"{a.needed} Now: {facts}.", *times)
    )


def _quotes(d: View, shown: int, text: int) -> list[Block]:
    blocks = []
    for title, cards in ((f"Worst of {d.reported}", d.worst), (f"Best of {d.reported}", d.best)):
        for place, card in enumerate(cards[:shown]):
            lines = (
                f"*{title}*" if place == 0 else "",
                f"*{_safe(card.customer, NAME)}*" if card.customer else "",
                _card(card, text),
            )
            blocks.append(_section("\n".join(filter(None, lines))))
    return blocks


def _voices(d: View) -> list[Block]:
    if len(d.voices) == 1 or not d.voices:
        return []
    rows = [
        f"{charts.block_bar(voice.percent, 10)} {voice.share:>4} {voice.mentions:>6}"
        f"  {_plain(voice.name)}"
        for voice in d.voices[:MAX_VOICES]
    ]
    return [_section(f"*Share of voice*  {d.window}\n{_code(rows)}")]


def _sources(d: View) -> str:
    lines = [_source(source) for source in d.sources[:MAX_SOURCES]]
    more = len(d.sources) - MAX_SOURCES
    rest = [f"and {more} more"] if more > 0 else []
    return "\n".join(("*Sources*", *(lines or ["No source is configured yet."]), *rest))


def _source(source: SourceRow) -> str:
    said = f"{_safe(source.name, NAME)}: {source.mentions} mentions, last {source.last_ok}"
    gaps = [_safe(gap, 90) for gap in source.gaps[:1]]
    more = [f"{len(source.gaps) - 1} more gaps"] if len(source.gaps) > 1 else []
    return ". ".join(filter(None, (said, _safe(source.trouble, 100), *gaps, *more)))


def _small(d: View) -> Iterable[str]:
    return (*d.notes, d.footer[-1])


def _safe(text: str, limit: int) -> str:
    """Cut, unclickable and escaped, at most `limit` characters and a little for dead links."""
    return mrkdwn(cut(defang(text), limit))


def _plain(name: str) -> str:
    # Last in its row, so that a wide name moves no bar; a backtick would end the code block.
    return _safe(name.replace("`", "'"), 40)


def _code(lines: Sequence[str]) -> str:
    return "\n".join(("```", *lines, "```"))


def _section(text: str) -> Block:
    return {"type": "section", "text": _mrkdwn(text)}


def _field(label: str, value: str, note: str) -> Block:
    return _mrkdwn(f"*{label}*\n{_safe(value, NAME)} ({_safe(note, NAME)})")


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text}
