"""Makes text from outside safe to show: in Slack's mrkdwn, in plain text and in a terminal.

Order matters: clean() first, then cut(), and mrkdwn() last, because one & becomes five characters.
"""

import re
from collections.abc import Collection
from urllib.parse import quote, urlsplit

from domain.notification import Link

ELLIPSIS = "…"
REPLACEMENT = "\ufffd"  # stands where a character has no safe form at all
MAX_URL = 3000  # https://docs.slack.dev/reference/block-kit/block-elements/button-element

# Links are live only on these hosts; everything else from outside is shown as text.
PLATFORM_HOSTS = frozenset(
    {
        "apps.apple.com",
        "bsky.app",
        "github.com",
        "mastodon.social",
        "mobile.twitter.com",
        "mobile.x.com",
        "news.ycombinator.com",
        "np.reddit.com",
        "old.reddit.com",
        "play.google.com",
        "reddit.com",
        "stackoverflow.com",
        "twitter.com",
        "www.facebook.com",
        "www.instagram.com",
        "www.linkedin.com",
        "www.reddit.com",
        "www.threads.com",
        "www.threads.net",
        "www.tiktok.com",
        "www.trustpilot.com",
        "www.twitter.com",
        "www.youtube.com",
        "x.com",
        "youtube.com",
        "youtu.be",
    }
)

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


def safe_url(url: str, hosts: Collection[str] = PLATFORM_HOSTS) -> str | None:
    """Give the URL a form that cannot break out of a link, or None when it may not be clicked.

    Only https on a host of the list, without user info or another port.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return None
    host = (parts.hostname or "").lower()
    if parts.scheme != "https" or host not in hosts or port not in (None, 443):
        return None
    if "@" in parts.netloc or "\\" in url or clean(url) != url:
        return None
    keep = "/%:@!$&'()*+,;=~-._?"
    path, query = (quote(part, safe=keep) for part in (parts.path, parts.query))
    fragment = quote(parts.fragment, safe=keep)
    tail = (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")
    safe = f"https://{host}{path}{tail}"
    return safe if len(safe) <= MAX_URL else None


def safe_link(url: str, hosts: Collection[str] = PLATFORM_HOSTS) -> Link | None:
    """A link that leads where it says, or None when it may not be clicked.

    What an import claims to be a post's address must not make us the sender of somebody's link.
    """
    safe = safe_url(url, hosts)
    return Link(safe, safe.split("/", 3)[2]) if safe else None


def link(to: Link | None, label: str) -> str:
    """Write a mrkdwn link that shows its real host; only the label when it may not be live."""
    shown = one_line(label)
    if to is None:
        return mrkdwn(defang(shown))
    shown = to.host if shown in ("", to.host) else f"{defang(shown)} ({to.host})"
    return f"<{mrkdwn(to.href)}|{mrkdwn(shown)}>"
