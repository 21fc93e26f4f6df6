"""Draws a Slack message in a terminal: the same words in the same order, safe to print.

Text is open on the right: terminals disagree about the width of emoji, so a closed box would fray.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from alerts.blocks import Block, Message
from alerts.escape import terminal

NARROWEST = 40
_LINK = re.compile(r"<(https?://[^|>]+)\|([^>]+)>")
_BARE_LINK = re.compile(r"<(https?://[^|>]+)>")
_WORD = re.compile(r"\s+|\S+")
_STYLE = {"bold": "1", "italic": "3", "dim": "2", "header": "1;36"}
_BAR, _QUOTE_BAR = "│ ", "┃ "


def render_console(message: Message, *, width: int = 88, colour: bool = False) -> str:
    """The message as Slack would show it, at most `width` columns wide, no newline at the end.

    A message without blocks shows its text.
    """
    paint = _colours if colour else _no_colours
    inner = max(width, NARROWEST) - len(_BAR)
    groups = [list(_draw(block, inner, paint)) for block in message.blocks]
    if not message.blocks:
        groups = [_wrap(_unmark(message.text), inner)]
    rows = [row for group in groups if group for row in ("", *group)][1:]
    rule = "─" * (max(width, NARROWEST) - 1)
    return "\n".join((f"╭{rule}", *(f"{_BAR}{row}".rstrip() for row in rows), f"╰{rule}"))


Paint = Callable[[str, str], str]


def _no_colours(text: str, _style: str) -> str:
    return text


def _colours(text: str, style: str) -> str:
    return f"\x1b[{_STYLE[style]}m{text}\x1b[0m" if text else text


def _draw(block: Block, width: int, paint: Paint) -> Iterator[str]:
    """The rows of one block. A kind we do not know says so instead of vanishing."""
    draw = _DRAWN.get(block.get("type", ""))
    if draw is None:
        yield f"[{terminal(str(block.get('type')))}]"
        return
    yield from draw(block, width, paint)


def _draw_header(block: Block, width: int, paint: Paint) -> Iterator[str]:
    for row in _wrap(_text(block["text"]), width):
        yield paint(row, "header")


def _draw_divider(_block: Block, width: int, paint: Paint) -> Iterator[str]:
    yield paint("┈" * width, "dim")


def _draw_section(block: Block, width: int, paint: Paint) -> Iterator[str]:
    if "text" in block:
        yield from _wrap(_text(block["text"]), width)
    fields = [_text(field).partition("\n") for field in block.get("fields", ())]
    yield from _table([(label, " ".join(rest.split())) for label, _, rest in fields], width, paint)
    accessory = block.get("accessory", {})
    if "url" in accessory:
        yield from _draw_actions({"elements": [accessory]}, width, paint)


def _draw_context(block: Block, width: int, paint: Paint) -> Iterator[str]:
    for element in block["elements"]:
        shown = _text(element) if "text" in element else terminal(element.get("alt_text", ""))
        for row in _wrap(shown, width):
            yield paint(row, "dim")


def _draw_actions(block: Block, width: int, paint: Paint) -> Iterator[str]:
    for element in block["elements"]:
        button = f"[ {_text(element['text'])} ]"
        yield from (paint(row, "bold") for row in _wrap(button, width))
        if "url" in element:
            yield terminal(element["url"])  # never wrapped: it must stay one address


def _draw_image(block: Block, width: int, paint: Paint) -> Iterator[str]:
    title = _text(block["title"]) if "title" in block else terminal(block.get("alt_text", ""))
    yield from (paint(row, "dim") for row in _wrap(f"[picture] {title}", width))


def _draw_rich(block: Block, width: int, paint: Paint) -> Iterator[str]:
    table: list[tuple[str, str]] = []
    for number, part in enumerate(block["elements"]):
        if number and block["elements"][number - 1]["type"] == "rich_text_quote":
            yield ""
        fact = _as_fact(part)
        if fact:
            table.append(fact)
            continue
        yield from _table(table, width, paint)
        table = []
        yield from _draw_part(part, width, paint)
    yield from _table(table, width, paint)


def _as_fact(part: Block) -> tuple[str, str] | None:
    """A bold label with a colon, and its value; None for any other line."""
    runs = part["elements"]
    if part["type"] != "rich_text_section" or len(runs) < 2:  # noqa: PLR2004 - label and value
        return None
    label = runs[0].get("text", "")
    if not (runs[0].get("style", {}).get("bold") and label.endswith(": ")):
        return None
    return terminal(label[:-2]), terminal(_runs(runs[1:])).strip()


def _draw_part(part: Block, width: int, paint: Paint) -> Iterator[str]:
    if part["type"] == "rich_text_quote":
        bar = paint(_QUOTE_BAR, "dim")
        yield from (bar + row for row in _wrap(terminal(_runs(part["elements"])), width - 2))
    elif part["type"] == "rich_text_list":
        for item in part["elements"]:
            rows = _wrap(terminal(_runs(item["elements"])), width - 2)
            yield from (("• " if not n else "  ") + row for n, row in enumerate(rows))
    else:
        yield from _wrap(terminal(_runs(part["elements"])).rstrip("\n"), width)


def _runs(runs: Sequence[Block]) -> str:
    return "".join(one.get("text") or one.get("url") or one.get("fallback", "") for one in runs)


def _table(rows: Sequence[tuple[str, str]], width: int, paint: Paint) -> Iterator[str]:
    """Labels in one column, values wrapped in the next."""
    column = max((columns(label) for label, _ in rows), default=0) + 2
    for label, value in rows:
        pad = " " * (column - columns(label))
        for number, row in enumerate(_wrap(value, width - column) or [""]):
            yield (paint(label, "bold") + pad if number == 0 else " " * column) + row


def _text(made: dict[str, Any]) -> str:
    """The words of a text object; mrkdwn loses its escapes and shows where its links lead."""
    return terminal(_unmark(made["text"]) if made.get("type") == "mrkdwn" else made["text"])


def _unmark(text: str) -> str:
    text = _BARE_LINK.sub(r"\1", _LINK.sub(r"\2 \1", text))
    text = re.sub(r"(?m)^```\n?|\n?```$", "", text)
    text = re.sub(r"(?<!\w)([*`])([^*`\n]+)\1(?!\w)", r"\2", text)
    text = re.sub(r"(?m)^> ?", _QUOTE_BAR, text)  # before escapes are undone: &gt; is no quote
    return terminal(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


def _wrap(text: str, width: int) -> list[str]:
    """Rows of at most `width` columns; the text's own line breaks stay."""
    rows = [row for line in text.rstrip().split("\n") for row in _wrap_line(line, width)]
    return rows if text.strip() else []


def _wrap_line(line: str, width: int) -> list[str]:
    """Words first; a word too long for a row, or a script without spaces, is broken."""
    if columns(line) <= width:
        return [line]
    if line.startswith(_QUOTE_BAR):
        bar = len(_QUOTE_BAR)
        return [_QUOTE_BAR + row for row in _wrap_line(line[bar:], width - bar)]
    rows, row = [], ""
    for word in _WORD.findall(line):
        for piece in _pieces(word, width):
            if columns(row + piece.rstrip()) > width and row:
                rows.append(row.rstrip())
                row = ""
            row += piece if row or not piece.isspace() else ""
    return [*rows, row.rstrip()] if row.strip() or not rows else rows


def _pieces(word: str, width: int) -> list[str]:
    if columns(word) <= width:
        return [word]
    pieces, piece, used = [], "", 0
    for char in word:
        wide = _width(char)
        if used + wide > width:
            pieces.append(piece)
            piece, used = "", 0
        piece, used = piece + char, used + wide
    return [*pieces, piece]


def columns(text: str) -> int:
    """Terminal columns the text takes, as most terminals count them."""
    return sum(map(_width, text))


def _width(char: str) -> int:
    if char in "\u200c\u200d" or unicodedata.combining(char) or "\ufe00" <= char <= "\ufe0f":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


_DRAWN: dict[str, Callable[[Block, int, Paint], Iterator[str]]] = {
    "header": _draw_header,
    "divider": _draw_divider,
    "section": _draw_section,
    "context": _draw_context,
    "actions": _draw_actions,
    "image": _draw_image,
    "rich_text": _draw_rich,
}
