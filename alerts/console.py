"""Draws a message in a terminal, in a box.

It is open on the right: terminals disagree about the width of emoji, so a closed one would fray.
"""

from alerts.text import Look, groups_of, plain
from domain.elements import Message

NARROWEST = 40
_STYLE = {"bold": "1", "dim": "2", "header": "1;36"}
_EDGE = "│ "


def render_console(message: Message, *, width: int = 88, colour: bool = False) -> str:
    """The message at most `width` columns wide, no newline at the end."""
    wide = max(width, NARROWEST)
    look = Look(wide - len(_EDGE), _colours if colour else plain, bar="┃ ", ruled=False)
    rows = [row for group in groups_of(message, look) for row in ("", *group)][1:]
    rule = "─" * (wide - 1)
    return "\n".join((f"╭{rule}", *(f"{_EDGE}{row}".rstrip() for row in rows), f"╰{rule}"))


def _colours(text: str, style: str) -> str:
    return f"\x1b[{_STYLE[style]}m{text}\x1b[0m" if text else text
