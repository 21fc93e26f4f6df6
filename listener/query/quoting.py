"""A part of a query for a sentence: of thousands of characters a few tell which one is meant."""

_SHOWN = 80  # characters


def quoted(text: str, at: int | None = None) -> str:
    """The text in quotes; of a long one what stands around this place, else its beginning."""
    start = max(0, min((at or 0) - _SHOWN // 2, len(text) - _SHOWN))
    before, after = "…" * (start > 0), "…" * (start + _SHOWN < len(text))
    return repr(f"{before}{text[start : start + _SHOWN]}{after}")


def shortened(text: str) -> str:
    """The text, of a long one its beginning."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
