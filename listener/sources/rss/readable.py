"""How much of a feed is read: its beginning, where it is longer or costs more than a feed may.

The newest entries stand first, so what is left out is what earlier passes have read.
"""

import re

# What the parser works for: a tag or an attribute about as long as for ten references.
_MARKUP = re.compile(rb"[<&]|=[\s\0]*[\"']")
_COST = {b"<": 10, b"&": 1}  # an attribute: as a tag
_MOST = 400_000  # two or three seconds of processor time; 1,000 entries of a podcast cost 300,000
_ENTRY_ENDS = re.compile(rb"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)
_ROOT = re.compile(rb"<((?:\w+:)?(?:rss|feed|rdf))\b", re.IGNORECASE)


def readable(body: bytes, *, whole: bool) -> bytes | None:
    """What may be parsed of a feed, closed behind its last whole entry; all of it as a rule.

    whole: False when it was cut off already. None: not even its first entry may be.
    """
    end = _affordable(body)
    if whole and end == len(body):
        return body
    last = None
    for last in _ENTRY_ENDS.finditer(body, 0, end):  # noqa: B007  the last one is wanted
        pass
    root = _ROOT.search(body)
    if last is None or root is None:
        return None
    within = b"</channel>" if root[1].lower().endswith(b"rss") else b""
    return body[: last.end()] + within + b"</" + root[1] + b">"


def _affordable(body: bytes) -> int:
    """Where the markup has cost all it may."""
    left = _MOST
    for found in _MARKUP.finditer(body):
        left -= _COST.get(found[0], 10)
        if left < 0:
            return found.start()
    return len(body)
