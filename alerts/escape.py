"""Makes text from outside safe to show: in Slack's mrkdwn, in plain text and in a terminal.

Order matters: clean() first, then cut(), and mrkdwn() last, because one & becomes five characters.
"""

import re

ELLIPSIS = "…"
REPLACEMENT = "\ufffd"  # stands where a character has no safe form at all

# Invisible or direction-changing characters. Visible format characters (Arabic number signs) stay.
_INVISIBLE = (
    (0x00AD, 0x00AD),  # soft hyphen
    (0x034F, 0x034F),  # combining grapheme joiner
    (0x061C, 0x061C),  # Arabic letter mark
    (0x180B, 0x180F),  # Mongolian selectors and vowel separator
    (0x200B, 0x200F),  # zero-width characters and direction marks
    (0x202A, 0x202E),  # bidi embeddings and overrides
    (0x2060, 0x206F),  # word joiner, invisible operators, bidi isolates
    (0xFE00, 0xFE0D),  # variation selectors, without those of emoji (FE0E, FE0F)
    (0xFEFF, 0xFEFF),  # byte order mark
    (0xFFF9, 0xFFFB),  # interlinear annotation
    (0x1D173, 0x1D17A),  # musical format controls
    (0xE0000, 0xE0FFF),  # tags and supplementary selectors: text can be smuggled in them
)
_JOINERS = "\u200c\u200d"  # needed inside emoji and inside Persian or Indic words
_KEPT_JOINER = {"\u200c": "\ue0fc", "\u200d": "\ue0fd"}
# A joiner is kept where both neighbours are from a script (or emoji) that can use one.
_USEFUL_JOINER = re.compile(f"(?<=[^\x00-\u05ff])[{_JOINERS}](?=[^\x00-\u05ff\u2000-\u206f])")
_ATTACHED = re.compile(f"[{_JOINERS}\ufe0e\ufe0f\u0300-\u036f\U0001f3fb-\U0001f3ff]")
_DOTTED = re.compile(r"(?<=\w)\.(?=[^\W\d_]{2,})")  # evil.com, not 3.14
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def _table() -> dict[int, str]:
    table = {code: "" for first, last in _INVISIBLE for code in range(first, last + 1)}
    table |= {code: chr(0x2400 + code) for code in range(0x20)}  # NUL is shown as ␀, ESC as ␛
    table |= dict.fromkeys(range(0x80, 0xA0), REPLACEMENT)
    table |= dict.fromkeys(range(0xD800, 0xE000), REPLACEMENT)  # lone surrogates break JSON
    del table[0x0A], table[0x09]
    return table | {0x7F: "\u2421", 0x85: "\n", 0x2028: "\n", 0x2029: "\n"}


_CLEAN = _table()


def clean(text: str) -> str:
    """Show controls (NUL as ␀) and drop what is invisible or turns the direction of writing.

    Newlines and tabs stay; emoji sequences and joined scripts keep their joiners.
    """
    if _JOINERS[0] in text or _JOINERS[1] in text:
        # Private-use stand-ins survive the table; ones already in the text are not ours to keep.
        text = text.translate(dict.fromkeys((0xE0FC, 0xE0FD), REPLACEMENT))
        text = _USEFUL_JOINER.sub(lambda found: _KEPT_JOINER[found[0]], text)
        text = text.replace("\r\n", "\n").translate(_CLEAN)
        return text.replace("\ue0fc", _JOINERS[0]).replace("\ue0fd", _JOINERS[1])
    return text.replace("\r\n", "\n").translate(_CLEAN)


def one_line(text: str) -> str:
    """Clean, with every run of white space, newlines included, as one space."""
    return " ".join(clean(text).split())


def terminal(text: str) -> str:
    """Clean without tabs: nothing below 0x20 but newlines, nothing from 0x7f to 0x9f."""
    return clean(text).replace("\t", "    ")


def mrkdwn(text: str) -> str:
    """Escape & < > as Slack's mrkdwn asks, & first; no token of the text is live after it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def defang(text: str) -> str:
    """Make addresses unclickable (https[:]//evil[.]com): Slack links bare ones in mrkdwn."""
    return _DOTTED.sub("[.]", text.replace("://", "[:]//"))


def measure(text: str) -> int:
    """Length as Slack may count it at most: after escaping, in UTF-16 units."""
    return len(mrkdwn(text).encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, limit: int) -> str:
    """Shorten the still unescaped text with … until measure() is at most limit (>= 1)."""
    if measure(text) <= limit:
        return text
    kept = 0
    room = limit - 1
    for char in text:
        room -= len(_ESCAPES.get(char, "")) or (2 if char > "\uffff" else 1)
        if room < 0:
            break
        kept += 1
    while kept and _continues(text, kept):
        kept -= 1
    return text[:kept].rstrip() + ELLIPSIS


def _continues(text: str, at: int) -> bool:
    """Whether a cut before `at` would split an emoji sequence or an accented letter."""
    return bool(_ATTACHED.match(text, at)) or text[at - 1] == _JOINERS[1]


def link(url: str) -> str:
    """Write a mrkdwn link that shows its real host. url: from Networks.opens()."""
    host = url.split("/", 3)[2]
    return f"<{mrkdwn(url)}|{mrkdwn(host)}>"
