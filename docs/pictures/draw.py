"""Draws the pictures of docs/slack.md from our own messages; run it again when these change.

    .venv/bin/python docs/pictures/draw.py

What is drawn is the Block Kit that Slack would get, in the way Slack shows it, as one SVG each.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from alerts.incident_messages import incident_message
from alerts.lifecycle import acknowledge, open_incident
from alerts.slack.blocks import slack_blocks
from alerts.slack.dialogs import dialog
from domain.elements import Facts, Heading, Message
from domain.incident import Candidate, CustomerProfile, Opening, Severity
from domain.press import Verb
from domain.sentiment import Label, Sentiment

FOLDER = Path(__file__).parent
NOW = datetime(2026, 11, 20, 9, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)
WIDTH, EDGE, LINE = 640, 20, 21
LETTER, BOLD, BUTTON = 7.1, 7.7, 8.8  # how wide a letter is at most, nearly
INK, GREY, RULE, GREEN, PAPER = "#1d1c1d", "#616061", "#dddddd", "#007a5a", "#ffffff"
FONT = "font-family='Lato,Segoe UI,Helvetica,Arial,sans-serif'"

Block = dict[str, Any]
Word = tuple[str, bool]  # and whether it is bold


@dataclass
class Sheet:
    """What has been drawn so far, and how far down."""

    parts: list[str] = field(default_factory=list)
    y: int = EDGE

    def text(self, words: Iterable[Word], *, x: int = EDGE, size: int = 14, ink: str = INK) -> None:
        """Words in lines that fit."""
        for line in _lines(words, WIDTH - EDGE - x, size / 14):
            self.y += LINE
            runs = "".join(
                f"<tspan font-weight='{'700' if bold else '400'}'>{escape(word)} </tspan>"
                for word, bold in line
            )
            self.parts.append(
                f"<text x='{x}' y='{self.y - 6}' font-size='{size}' fill='{ink}' "
                f"xml:space='preserve'>{runs}</text>"
            )

    def box(self, x: int, width: int, *, fill: str = PAPER, rounded: int = 4) -> None:
        self.parts.append(
            f"<rect x='{x}' y='{self.y}' width='{width}' height='30' rx='{rounded}' "
            f"fill='{fill}' stroke='#b0b0b0'/>"
        )

    def label(self, x: int, text: str, *, ink: str = INK, weight: int = 600) -> None:
        """In the middle of a box's height."""
        self.parts.append(
            f"<text x='{x}' y='{self.y + 20}' font-size='13' font-weight='{weight}' "
            f"fill='{ink}'>{escape(text)}</text>"
        )

    def svg(self, spoken: str) -> str:
        height = self.y + EDGE
        return (
            f"<svg xmlns='http://www.w3.org/2000/svg' width='{WIDTH}' height='{height}' "
            f"viewBox='0 0 {WIDTH} {height}' role='img' {FONT}><title>{escape(spoken)}</title>"
            f"<rect width='{WIDTH - 1}' height='{height - 1}' x='0.5' y='0.5' rx='8' "
            f"fill='{PAPER}' stroke='{RULE}'/>{''.join(self.parts)}</svg>\n"
        )


def _lines(words: Iterable[Word], width: float, scale: float) -> Iterator[list[Word]]:
    line: list[Word] = []
    room = width
    for word, bold in words:
        takes = (len(word) + 1) * (BOLD if bold else LETTER) * scale
        if line and (takes > room or word == "\n"):
            yield line
            line, room = [], width
        if word != "\n":
            line.append((word, bold))
            room -= takes
    if line:
        yield line


def _words(text: str, *, bold: bool = False) -> Iterator[Word]:
    for number, line in enumerate(text.split("\n")):
        if number:
            yield "\n", bold
        yield from ((word, bold) for word in line.split())


def _rich(section: Block) -> Iterator[Word]:
    for run in section["elements"]:
        shown = run["fallback"] if run["type"] == "date" else run["text"]
        yield from _words(shown, bold="bold" in run.get("style", {}))


def draw_message(blocks: Iterable[Block]) -> Sheet:
    sheet = Sheet()
    for block in blocks:
        match block["type"]:
            case "header":
                sheet.text(_words(block["text"]["text"], bold=True), size=18)
            case "rich_text":
                _draw_rich(sheet, block)
            case "context":
                sheet.text(_words(block["elements"][0]["text"]), size=12, ink=GREY)
            case "actions":
                _draw_actions(sheet, block["elements"])
            case _:
                sheet.text(_words(block["text"]["text"]))
        sheet.y += 8
    return sheet


def _draw_rich(sheet: Sheet, block: Block) -> None:
    for part in block["elements"]:
        top, is_quote = sheet.y, part["type"] == "rich_text_quote"
        sheet.text(_rich(part), x=EDGE + 14 * is_quote)
        if is_quote:
            height = sheet.y - top
            sheet.parts.append(
                f"<rect x='{EDGE}' y='{top}' width='4' height='{height}' rx='2' fill='{RULE}'/>"
            )


def _draw_actions(sheet: Sheet, elements: Iterable[Block]) -> None:
    x = EDGE
    for element in elements:
        shown = element.get("text") or element.get("placeholder") or {"text": "⋯"}
        label = shown["text"] + (" ▾" if "select" in element["type"] else "")
        width = int(len(label) * BUTTON) + 26
        sheet.box(x, width)
        sheet.label(x + 12, label)
        x += width + 8
    sheet.y += 32


def draw_dialog(view: Block) -> Sheet:
    sheet = Sheet()
    sheet.text(_words(view["title"]["text"], bold=True), size=18)
    for block in view["blocks"]:
        sheet.y += 10
        sheet.text(_words(block["label"]["text"], bold=True))
        if block.get("optional"):
            sheet.text(_words("optional"), size=12, ink=GREY)
        _draw_field(sheet, block["element"])
    sheet.y += 16
    for text, x, fill, ink in (("Cancel", 470, PAPER, INK), ("Save", 556, GREEN, PAPER)):
        sheet.box(x, 64 if text == "Save" else 76, fill=fill)
        sheet.label(x + 14, text, ink=ink)
    sheet.y += 32
    return sheet


def _draw_field(sheet: Sheet, element: Block) -> None:
    for option in element.get("options", ()):
        sheet.parts.append(
            f"<circle cx='{EDGE + 8}' cy='{sheet.y + 11}' r='7' fill='none' stroke='{GREY}'/>"
        )
        sheet.text(_words(option["text"]["text"]), x=EDGE + 24)
    if "options" not in element:
        sheet.box(EDGE, WIDTH - 2 * EDGE)
        at = element.get("initial_date_time")
        if at is not None:
            sheet.label(EDGE + 12, f"{datetime.fromtimestamp(at, UTC):%d %b %Y  %H:%M}", weight=400)
        sheet.y += 30


# --- what is shown ------------------------------------------------------------------------------


def _alert(*, seen: bool) -> Message:
    customer = CustomerProfile(12, "Ana Ruiz", "gold", 1830.5, 7, "EUR", "handle on file")
    post = Candidate(
        mention_id=7,
        brand="Acme",
        source="x",
        external_id="1849",
        text="Third parcel from Acme that never came, and nobody answers the phone.",
        url="https://x.com/ana_writes/status/1849",
        published_at=NOW - timedelta(minutes=5),
        parent_id=None,
        conversation_id="1849",
        author_id="99",
        author_handle="ana_writes",
        author_name="Ana",
        followers=12_000,
        lang="en",
        rating=None,
        sentiment=Sentiment(Label.NEGATIVE, 0.91, 0.07, 0.02, "sample"),
        customer=customer,
    )
    opening = Opening("vip", Severity.CRITICAL, HOUR, ("negative, surely", "a gold customer"))
    incident = open_incident(post, opening, now=NOW, incident_id=12).incident
    if seen:
        incident = acknowledge(incident, by="mia", now=NOW).incident
    return incident_message(incident, [post], incident.reasons, now=NOW, pressable=True)


def _list() -> Message:
    rows = (
        ("8 normal, overdue by 20 m", "open, ben · Acme · The app logs me out at every start"),
        (
            "12 critical, due in 55 m",
            "acknowledged, mia · Acme · Third parcel from Acme that never …",
        ),
        ("9 high, due in 1 h 40 m", "open · Acme · Does Acme still deliver to Bilbao?"),
    )
    return Message("Open incidents", (Heading("Open incidents"), Facts(rows)))


def pictures() -> dict[str, str]:
    """Every picture by its file's name."""
    return {
        "slack-alert.svg": _of(_alert(seen=False), "An alert with its buttons"),
        "slack-acknowledged.svg": _of(_alert(seen=True), "The same after Acknowledge"),
        "slack-resolve.svg": draw_dialog(dialog(Verb.RESOLVE, 12, 2, now=NOW)).svg(
            "The dialog behind Resolve"
        ),
        "slack-list.svg": _of(_list(), "What /earshot answers"),
    }


def _of(message: Message, spoken: str) -> str:
    return draw_message(slack_blocks(message)[1]).svg(spoken)


if __name__ == "__main__":
    for name, svg in pictures().items():
        (FOLDER / name).write_text(svg, encoding="utf-8")
