"""Block Kit in small pieces that take hostile text: no block here is ever parsed as mrkdwn.

Text from outside goes only where Slack parses nothing: plain_text and the text of rich_text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from alerts.escape import clean, cut, one_line

# https://docs.slack.dev/reference/block-kit/blocks
MAX_BLOCKS = 50
MAX_HEADER = 150
MAX_BUTTON_LABEL = 75
# Undocumented: Slack refused 10,400 characters of block text, https://github.com/slackapi/bolt-js/issues/2867
MAX_MESSAGE = 9_500
MAX_FALLBACK = 700

Block = dict[str, Any]  # JSON as Slack defines it


@dataclass(frozen=True, slots=True)
class Message:
    """What a notifier sends: blocks to look at, and text for notifications and screen readers."""

    text: str  # mrkdwn: escaped already
    blocks: tuple[Block, ...]


def plain(text: str, limit: int) -> Block:
    """A plain_text object: never parsed, :codes: stay codes. Empty text becomes a dash."""
    return {"type": "plain_text", "text": cut(text, limit) or "–", "emoji": False}


def header(text: str) -> Block:
    return {"type": "header", "text": plain(one_line(text), MAX_HEADER)}


def context(*lines: str) -> Block:
    return {"type": "context", "elements": [plain(one_line(line), 300) for line in lines[:10]]}


def divider() -> Block:
    return {"type": "divider"}


def rich(*parts: Block) -> Block:
    return {"type": "rich_text", "elements": list(parts)}


def run(text: str, *styles: str) -> Block:
    """A stretch of rich text, shown letter by letter. styles: bold, italic, strike, code."""
    made: Block = {"type": "text", "text": text or "–"}
    return made | {"style": dict.fromkeys(styles, True)} if styles else made


def line(*runs: Block) -> Block:
    return {"type": "rich_text_section", "elements": list(runs)}


def quote(text: str, limit: int) -> Block:
    """A quoted post as its author wrote it, controls shown, cut to the limit."""
    shown = cut(clean(text), limit)
    return {
        "type": "rich_text_quote",
        "elements": [run(shown) if shown.strip() else run("(no text)", "italic")],
    }


def facts(rows: Sequence[tuple[str, str]]) -> Block:
    """One line each: a bold label and its value. Rows without a value are left out."""
    told = [(label, one_line(value)) for label, value in rows]
    return rich(*_lines([(label, value) for label, value in told if value]))


def _lines(rows: Sequence[tuple[str, str]]) -> list[Block]:
    ends = ["\n"] * (len(rows) - 1) + [""]  # Slack runs neighbouring sections together otherwise
    return [
        line(run(f"{label}: ", "bold"), run(cut(value, 400) + end))
        for (label, value), end in zip(rows, ends, strict=True)
    ]


def link_button(label: str, url: str) -> Block:
    """A row with one button that only opens a page. url: from escape.safe_url()."""
    button = {
        "type": "button",
        "action_id": "open_post",
        "text": plain(label, MAX_BUTTON_LABEL),
        "url": url,
    }
    return {"type": "actions", "elements": [button]}
