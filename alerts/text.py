"""Draws a message as plain text: for the text part of a mail, and row by row for a terminal."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

from alerts import letters
from alerts.escape import clean, cut, one_line, terminal
from alerts.room import Room
from alerts.wrap import columns, wrap
from domain.elements import (
    Bars,
    Button,
    Buttons,
    Card,
    Cards,
    Element,
    Facts,
    Gauge,
    Heading,
    Health,
    HealthRow,
    Message,
    Notes,
    Presses,
    Quotes,
    Section,
    Shades,
    Summons,
    Table,
    Text,
    Tiles,
    Trend,
    Volume,
)

WIDTH = 78
ROOM = Room(urgent=6, cards=5, text=280, bars=8, sources=100, gaps=5)
NAME, TITLE, ADDRESS, VALUE, LINE = 60, 150, 300, 400, 600
BAR = 14
SHADES = 13  # columns

Group = list[str]  # rows that stand together
Paint = Callable[[str, str], str]  # (text, style) → text; styles: header, bold, dim


def plain(text: str, _style: str) -> str:
    return text


@dataclass(frozen=True, slots=True)
class Look:
    width: int
    paint: Paint = plain
    bar: str = "| "  # left of a quotation
    ruled: bool = True  # titles are underlined: nothing else sets them apart


def render_text(message: Message) -> str:
    """Lines of at most 78 columns, safe to print and without trailing blanks; URLs may stick out.

    Ends with a newline.
    """
    groups = groups_of(message, Look(WIDTH))
    return "\n\n".join("\n".join(row.rstrip() for row in group) for group in groups) + "\n"


def groups_of(message: Message, look: Look) -> list[Group]:
    """The message's rows, at most `look.width` columns wide except for addresses.

    Without elements it is its summary.
    """
    elements = message.elements or (Text(message.summary),)
    return [group for group in _each(elements, look) if group]


def _each(elements: Iterable[Element], look: Look) -> Iterator[Group]:
    for element in elements:
        yield from _draw(element, look)


def _draw(element: Element, look: Look) -> Iterator[Group]:  # noqa: C901, PLR0912 - one case a kind
    match element:
        case Heading(text=text, lead=lead):
            yield _title(text, look, "header", "=")
            yield _paragraph(lead, look)
        case Text(text=text):
            yield wrap(terminal(text), look.width)
        case Summons(id=called, text=text):
            yield _line(f"@{called} {text}", look)
        case Quotes():
            yield list(_quotes(element, look))
        case Facts():
            yield list(_facts(element.in_words, look))
        case Buttons(buttons=buttons):
            yield [row for button in buttons for row in _button(button, look)]
        case Presses(command=command):
            yield [look.paint(row, "dim") for row in _line(command, look)]
        case Notes(lines=lines, title=title):
            head = _title(title, look, "bold", "-") if title else []
            notes = [row for line in lines for row in _line(line, look)]
            yield head + [look.paint(row, "dim") for row in notes]
        case Tiles(tiles=tiles):
            yield [row for one in tiles for row in _line(letters.tile(one), look)]
        case Gauge(name=name, note=note):
            yield [*_line(f"{name}: {letters.gauge_words(element)}", look), *_line(note, look)]
        case Bars(bars=bars):
            grid = letters.grid(element, BAR, ROOM.bars, detail=True)
            yield [*_rows(grid, look), *letters.more(len(bars), ROOM.bars)]
        case Table(detail=detail):
            sentences = [] if detail else letters.sentences(element)
            yield [row for one in sentences for row in _line(one, look)]
        case Shades(summary=summary):
            yield [
                *_rows(letters.shades(element, SHADES, ROOM.shades), look),
                *_line(summary, look),
            ]
        case Trend():
            yield list(_trend(element, look))
        case Volume(days=days):
            yield _rows(letters.sparks(days), look)
        case Cards():
            yield from _cards(element, look)
        case Health(rows=health, nothing=nothing):
            yield [row for one in health for row in _source(one, look)] or _line(nothing, look)
        case Section():
            yield from _section(element, look)
        case _:
            assert_never(element)


def _section(section: Section, look: Look) -> Iterator[Group]:
    """The first elements are one group; each card is a group of its own."""
    if section.detail:
        return
    group = [*_title(section.title, look, "bold", "-"), *_paragraph(section.lead, look)]
    for element in section.elements:
        drawn = list(_draw(element, look))
        if isinstance(element, Cards) and element.cards:
            yield group
            yield from drawn
            group = []
        else:
            group += [row for rows in drawn for row in rows]
    yield group


def _title(text: str, look: Look, style: str, rule: str) -> Group:
    rows = wrap(cut(one_line(text), TITLE), look.width)
    under = [rule * max(map(columns, rows), default=0)] if look.ruled else []
    return [look.paint(row, style) for row in rows] + under


def _quotes(shown: Quotes, look: Look) -> Iterator[str]:
    for number, one in enumerate(shown.quotes):
        if number:
            yield ""
        if number == 1 and shown.between > 0:
            yield letters.between(shown)
        yield from wrap(f"{one_line(one.name)}  {one_line(one.about)}", look.width)
        text = cut(clean(one.text), one.limit)
        yield from _barred(text if text.strip() else letters.NO_TEXT, look)


def _barred(text: str, look: Look) -> Group:
    bar = look.paint(look.bar, "dim")
    return [bar + row for row in wrap(terminal(text), look.width - len(look.bar))]


def _facts(rows: Sequence[tuple[str, str]], look: Look) -> Iterator[str]:
    """Labels in one column, values wrapped in the next."""
    facts = [(one_line(k), cut(one_line(v), VALUE)) for k, v in rows if one_line(v)]
    column = max((columns(label) for label, _ in facts), default=0) + 2
    for label, value in facts:
        pad = " " * (column - columns(label))
        for number, row in enumerate(wrap(value, look.width - column)):
            yield (look.paint(label, "bold") + pad if number == 0 else " " * column) + row


def _button(button: Button, look: Look) -> Group:
    label = wrap(f"[ {one_line(button.label)} ]", look.width)
    # Never wrapped: it must stay one address.
    return [*(look.paint(row, "bold") for row in label), one_line(button.link.href)]


def _trend(chart: Trend, look: Look) -> Iterator[str]:
    yield from _rows(letters.trend(chart, ROOM.marks), look)
    for letter, mark in letters.signed(chart, ROOM.marks):
        yield from _line(f"{letter} {mark.text}", look)
    yield from letters.more(len(chart.marks), ROOM.marks)
    yield from _line(chart.summary, look)
    yield from _line(chart.caption, look)


def _cards(shown: Cards, look: Look) -> Iterator[Group]:
    title = _line(f"{shown.title}:", look) if shown.title else []
    if not shown.cards:
        yield [*title, *_line(shown.nothing, look)]
        return
    room = ROOM.cards_of(shown)
    for card in shown.cards[:room]:
        yield [*title, *_card(card, look)]
        title = []
    if len(shown.cards) > room and shown.command:
        yield _line(f"and {len(shown.cards) - room} more: {shown.command}", look)


def _card(card: Card, look: Look) -> Group:
    known = ", ".join(filter(None, (cut(one_line(card.customer), NAME), card.value)))
    return [
        *(_line(f"* {card.clock}: {card.held}", look) if card.clock else []),
        *_line(known, look, "  "),
        *("  " + row for row in _barred(cut(one_line(card.text), ROOM.text), look)),
        *_line(letters.about(card, NAME), look, "  "),
        *([f"  {where}"] if (where := _address(card)) else []),
    ]


def _address(card: Card) -> str:
    return card.link.href if card.link else cut(one_line(card.address), ADDRESS)


def _source(row: HealthRow, look: Look) -> Group:
    line = f"{cut(one_line(row.name), NAME)}: {row.mentions} mentions, last heard {row.last_ok}"
    more = len(row.gaps) - ROOM.gaps
    return [
        *_line(line, look),
        *_line(cut(one_line(row.trouble), ROOM.text), look, "    "),
        *(text for gap in row.gaps[: ROOM.gaps] for text in _line(f"missed: {gap}", look, "    ")),
        *([f"    and {more} more gaps"] if more > 0 else []),
    ]


def _paragraph(text: str, look: Look) -> Group:
    return wrap(cut(one_line(text), LINE), look.width)


def _line(text: str, look: Look, indent: str = "") -> Group:
    """A sentence, its further rows indented by two more columns."""
    shown = cut(one_line(text), LINE)
    rows = wrap(shown, look.width - len(indent) - 2)
    return [(indent if number == 0 else f"{indent}  ") + row for number, row in enumerate(rows)]


def _rows(rows: Iterable[str], look: Look) -> Group:
    """Rows whose white space holds columns together."""
    return [row for text in rows for row in wrap(terminal(text), look.width)]
