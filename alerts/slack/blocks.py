"""Draws a message for Slack: Block Kit, within all of Slack's limits, and the fallback text.

Text from outside goes where Slack parses nothing (plain_text, rich_text), or escaped and with dead
addresses into mrkdwn.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, assert_never

from alerts import letters
from alerts.escape import clean, cut, defang, link, mrkdwn, one_line
from alerts.letters import up_first
from alerts.room import Room
from domain.elements import (
    Bars,
    Buttons,
    Card,
    Cards,
    Element,
    Facts,
    Gauge,
    Heading,
    Health,
    HealthRow,
    Menu,
    Message,
    Notes,
    PeoplePicker,
    Press,
    Presses,
    Quotes,
    Section,
    Shades,
    Summons,
    Table,
    Text,
    Tile,
    Tiles,
    Told,
    Trend,
    Volume,
    When,
    in_words,
)
from domain.escalation import GROUP, PERSON

Block = dict[str, Any]  # JSON as Slack defines it

# https://docs.slack.dev/reference/block-kit/blocks
MAX_BLOCKS = 50
MAX_HEADER = 150
MAX_TEXT = 3_000
MAX_BUTTON_LABEL = 75
# Undocumented: characters of JSON. Slack refused 10,400 characters of block text,
# https://github.com/slackapi/bolt-js/issues/2867
MAX_MESSAGE = 9_000
MAX_FALLBACK = 700
NAME, VALUE, LINE, LEAD = 60, 400, 500, 600  # characters of a name, a fact, small print, a sentence
ROW = 200  # characters of a row in columns: ten of them fit a block
MAX_LINK, MAX_URL = 400, 3_000
BAR = 10
SHADES = 7  # columns: what a telephone shows in one line
# From roomy to terse.
_ROOMS = (
    Room(6, 3, 280, 8, 8, 1, quote=2_400, marks=5, note=LINE, shades=6),
    Room(5, 3, 180, 8, 8, 1, quote=1_200, marks=4, note=LINE, shades=6),
    Room(4, 2, 120, 8, 8, 1, quote=600, marks=3, note=LINE, shades=6),
    Room(3, 1, 80, 6, 8, 1, quote=300, marks=2, note=LINE, shades=6),
    Room(2, 1, 40, 6, 6, 1, quote=150, marks=1, note=LINE, shades=6),
    Room(2, 1, 40, 4, 4, 1, quote=150, marks=0, note=120, shades=0, small=160),
)


def slack_blocks(message: Message) -> tuple[str, list[Block]]:
    """The fallback text in mrkdwn and the blocks, as roomy as Slack's limits allow."""
    called = [_called(one) for one in message.elements if isinstance(one, Summons)]
    said = mrkdwn(cut(defang(one_line(message.summary)), MAX_FALLBACK))
    fallback = " ".join((said, *called))
    blocks: list[Block] = []
    for room in _ROOMS:
        blocks = list(_joined(_each(message.elements, room)))
        if _fits(blocks):
            return fallback, blocks
    while not _fits(blocks) and (last := _least(blocks)) is not None:
        del blocks[last]
    return fallback, blocks


def _fits(blocks: Sequence[Block]) -> bool:
    size = len(json.dumps(blocks, ensure_ascii=False).encode("utf-16-le")) // 2
    return len(blocks) <= MAX_BLOCKS and size <= MAX_MESSAGE


def _least(blocks: Sequence[Block]) -> int | None:
    """The block that is missed least: the last one that is no heading, quote, fact or button."""
    found = [n for n, block in enumerate(blocks) if block["type"] in ("section", "context")]
    return found[-1] if found else None


def _joined(pieces: Iterable[Block | str]) -> Iterator[Block]:
    """Neighbouring lines of mrkdwn share a section, as far as one may reach."""
    told = ""
    for piece in pieces:
        if isinstance(piece, str) and len(told) + len(piece) < MAX_TEXT:
            told = f"{told}\n{piece}" if told else piece
            continue
        if told:
            yield _section(told)
        told = ""
        if isinstance(piece, str):
            told = piece
        else:
            yield piece
    if told:
        yield _section(told)


def _each(elements: Iterable[Element], room: Room) -> Iterator[Block | str]:
    for element in elements:
        yield from _draw(element, room)


def _draw(element: Element, room: Room) -> Iterator[Block | str]:  # noqa: C901, PLR0912 - one case a kind
    """Blocks, and lines of mrkdwn that may share one."""
    match element:
        case Heading():
            yield {"type": "header", "text": _plain(one_line(element.text), MAX_HEADER)}
            if element.lead:
                yield _section(f"*{_safe(element.lead, LEAD)}*")
        case Text(text=text):
            yield _rich(_line(_run(cut(clean(text), MAX_TEXT))))
        case Summons(text=text):
            yield _section(f"{_called(element)} {_safe(text, LINE)}")
        case Quotes():
            yield _quotes(element, room)
        case Facts(rows=rows):
            yield _facts(rows)
        case Buttons():
            yield _buttons(element)
        case Presses():
            yield _presses(element)
        case Notes(lines=lines):
            yield from (_context(line, room.small) for line in lines)
        case Tiles(tiles=tiles):
            yield _tiles(tiles)
        case Gauge():
            yield _gauge(element, room.note)
        case Bars():
            yield _code(letters.grid(element, BAR, room.bars, detail=False))
            yield from letters.more(len(element.bars), room.bars)
        case Table():
            told = [] if element.detail else letters.sentences(element, "*")
            yield from (_safe(one, LINE) for one in told)
        case Shades():
            if room.shades:
                yield _code(letters.shades(element, SHADES, room.shades))
            yield _safe(element.summary, VALUE)
        case Trend():
            yield from _trend(element, room.marks)
        case Volume(days=days):
            yield _code(letters.sparks(days))
        case Cards():
            yield from _cards(element, room)
        case Health():
            yield from _health(element, room)
        case Section():
            yield from _joined(_titled(element, room))
        case _:
            assert_never(element)


def _called(one: Summons) -> str:
    """The one token of a message that is live on purpose; what is no id stays dead."""
    if GROUP.fullmatch(one.id):
        return f"<!subteam^{one.id}>"
    return f"<@{one.id}>" if PERSON.fullmatch(one.id) else _safe(one.id, NAME)


def _quotes(shown: Quotes, room: Room) -> Block:
    parts: list[Block] = []
    for number, one in enumerate(shown.quotes):
        if number == 1 and shown.between > 0:
            parts.append(_line(_run(letters.between(shown), "italic")))
        about = cut(one_line(one.about), VALUE)
        parts.append(_line(_run(cut(one_line(one.name), 80), "bold"), _run(f"  {about}\n")))
        text = cut(clean(one.text), min(one.limit, room.quote))
        said = _run(text) if text.strip() else _run(letters.NO_TEXT, "italic")
        parts.append({"type": "rich_text_quote", "elements": [said]})
    return _rich(*parts)


def _facts(rows: Sequence[tuple[str, Told]]) -> Block:
    told = [(cut(one_line(k), NAME), v) for k, v in rows if one_line(in_words(v))]
    ends = ["\n"] * (len(told) - 1) + [""]  # Slack runs neighbouring sections together otherwise
    return _rich(
        *(
            _line(_run(f"{label}: ", "bold"), *_value(value, end))
            for (label, value), end in zip(told, ends, strict=True)
        )
    )


def _value(told: Told, end: str) -> Iterator[Block]:
    if isinstance(told, str):
        yield _run(cut(one_line(told), VALUE) + end)
        return
    shown = [one for one in told if isinstance(one, When) or one_line(one)]
    for number, one in enumerate(shown):
        before = " · " if number else ""
        if isinstance(one, When):
            yield from [_run(before)] if before else []
            yield _date(one)
        else:
            yield _run(before + cut(one_line(one), VALUE))
    if end:
        yield _run(end)


def _date(when: When) -> Block:
    """Slack shows it in the zone of whoever reads it."""
    return {
        "type": "date",
        "timestamp": int(when.at.timestamp()),
        "format": "{date_short_pretty} {time}",
        "fallback": cut(one_line(when.words), NAME),
    }


def _buttons(shown: Buttons) -> Block:
    made = [
        {
            "type": "button",
            "action_id": f"open_post_{number}" if number else "open_post",  # each name once
            "text": _plain(button.label, MAX_BUTTON_LABEL),
            "url": button.link.href,
        }
        for number, button in enumerate(shown.buttons)
    ]
    return {"type": "actions", "elements": made}


def _presses(shown: Presses) -> Block:
    made = [_pressed(part) for part in shown.parts]
    return {"type": "actions", "block_id": shown.name, "elements": made}


def _pressed(part: Press | PeoplePicker | Menu) -> Block:
    match part:
        case Press(label, action, value):
            text = _plain(label, MAX_BUTTON_LABEL)
            return {"type": "button", "action_id": action, "text": text, "value": value}
        case PeoplePicker(label, action):
            shown = _plain(label, MAX_BUTTON_LABEL)
            return {"type": "users_select", "action_id": action, "placeholder": shown}
        case Menu(label, action, choices, folded):
            options = [
                {"text": _plain(one.label, MAX_BUTTON_LABEL), "value": one.value} for one in choices
            ]
            if folded:
                return {"type": "overflow", "action_id": action, "options": options}
            shown = _plain(label, MAX_BUTTON_LABEL)
            return {
                "type": "static_select",
                "action_id": action,
                "placeholder": shown,
                "options": options,
            }


def _tiles(tiles: Sequence[Tile]) -> Block:
    fields = (
        f"*{_safe(one.label, NAME)}*\n{_safe(one.value, NAME)} ({_safe(one.note, NAME)})"
        for one in tiles
    )
    return {"type": "section", "fields": [_mrkdwn(field) for field in fields]}


def _gauge(gauge: Gauge, room: int) -> str:
    said, note = _safe(letters.gauge_words(gauge, "*"), LINE), _quoted(gauge.note, room)
    return f"*{_safe(gauge.name, NAME)}*  {said}" + (f". {note}" if note else "")


def _trend(chart: Trend, most: int) -> Iterator[str]:
    """Where no mark is shown the chart shares a line with its sentence."""
    said = " ".join(filter(None, (_safe(chart.summary, VALUE), _safe(chart.caption, VALUE))))
    rows = letters.trend(chart, most)
    if rows[1:]:
        yield _code(rows)
    elif rows:
        said = f"`{rows[0]}`  {said}"
    for letter, mark in letters.signed(chart, most):
        yield f"{letter} {_quoted(mark.text, LINE)}"
    yield from letters.more(len(chart.marks), most) if most else ()
    yield said


def _cards(shown: Cards, room: Room) -> Iterator[Block | str]:
    title = [f"*{_safe(shown.title, LINE)}*"] if shown.title else []
    if not shown.cards:
        yield "\n".join((*title, _safe(shown.nothing, LINE)))
        return
    for card in shown.cards[: room.cards_of(shown)]:
        yield _section("\n".join((*title, *_card(card, room.text))))
        title = []
    more = len(shown.cards) - room.cards_of(shown)
    if more > 0 and shown.command:
        command = _quoted(shown.command, LINE)
        yield _section(f"and {more} more: `{command}`")


def _card(card: Card, limit: int) -> Iterator[str]:
    known = ", ".join(filter(None, (_safe(card.customer, NAME), _safe(card.value, NAME))))
    if card.clock:
        yield f"*{_safe(up_first(card.clock), NAME)}*  {_safe(card.held, LINE)}"
    if known:
        yield known if card.clock else f"*{known}*"
    yield f"> {_safe(card.text, limit)}"
    where = link(card.link.href) if card.link else _safe(card.address, MAX_URL)
    # One too long to spend a message's room on is left out, never cut: it would lead elsewhere.
    to = f"  {where}" if 0 < len(where) <= MAX_LINK else ""
    yield f"{_safe(letters.about(card, NAME), LINE)}{to}"


def _health(shown: Health, room: Room) -> Iterator[str]:
    yield from [_source(row) for row in shown.rows[: room.sources]] or [_safe(shown.nothing, LINE)]
    yield from letters.more(len(shown.rows), room.sources)


def _source(row: HealthRow) -> str:
    name, count, last = (_safe(one, NAME) for one in (row.name, row.mentions, row.last_ok))
    said = f"{name}: {count} mentions, last {last}"
    gaps = [_safe(gap, 90) for gap in row.gaps[:1]]
    more = [f"{len(row.gaps) - 1} more gaps"] if len(row.gaps) > 1 else []
    return ". ".join(filter(None, (said, _safe(row.trouble, 100), *gaps, *more)))


def _titled(section: Section, room: Room) -> Iterator[Block | str]:
    if section.detail:
        return
    yield f"*{_safe(section.title, NAME)}*"
    if section.lead:
        yield _safe(section.lead, LEAD)
    for element in section.elements:
        if isinstance(element, Tiles):  # fields would tear the section apart
            yield _safe(", ".join(map(letters.tile, element.tiles)), LINE)
        else:
            yield from _draw(element, room)


def _safe(text: str, limit: int) -> str:
    """One clean line, unclickable, cut and escaped."""
    return _escaped(one_line(text), limit)


def _quoted(text: str, limit: int) -> str:
    """The same beside a code block, which a backtick of a name would open anew."""
    return _safe(text.replace("`", "'"), limit)


def _escaped(text: str, limit: int) -> str:
    return mrkdwn(cut(defang(text), limit))


def _code(lines: Sequence[str]) -> str:
    # A backtick of a name would end the code block.
    return "\n".join(("```", *(_escaped(line.replace("`", "'"), ROW) for line in lines), "```"))


def _section(text: str) -> Block:
    return {"type": "section", "text": _mrkdwn(text)}


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text}


def _context(line: str, room: int) -> Block:
    return {"type": "context", "elements": [_plain(one_line(line), min(LINE, room))]}


def _plain(text: str, limit: int) -> Block:
    """A plain_text object: never parsed, :codes: stay codes. Empty text becomes a dash."""
    return {"type": "plain_text", "text": cut(text, limit) or "–", "emoji": False}


def _rich(*parts: Block) -> Block:
    return {"type": "rich_text", "elements": list(parts)}


def _run(text: str, *styles: str) -> Block:
    """A stretch of rich text, shown letter by letter. styles: bold, italic."""
    made: Block = {"type": "text", "text": text or "–"}
    return made | {"style": dict.fromkeys(styles, True)} if styles else made


def _line(*runs: Block) -> Block:
    return {"type": "rich_text_section", "elements": list(runs)}
