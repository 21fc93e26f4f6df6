"""Breaks text into rows of a terminal, counted in columns: letters differ in width."""

import re
import unicodedata

_WORD = re.compile(r"\s+|\S+")


def wrap(text: str, width: int) -> list[str]:
    """Rows of at most `width` columns; the text's own line breaks stay."""
    rows = [row for line in text.rstrip().split("\n") for row in _wrap_line(line, width)]
    return rows if text.strip() else []


def _wrap_line(line: str, width: int) -> list[str]:
    """Words first; a word too long for a row, or a script without spaces, is broken."""
    if columns(line) <= width:
        return [line]
    rows, row = [], ""
    for word in _WORD.findall(line):
        for piece in _pieces(word, width):
            if columns(row + piece.rstrip()) > width and row:
                rows.append(row.rstrip())
                row = ""
            row += piece if row or not rows or not piece.isspace() else ""
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
