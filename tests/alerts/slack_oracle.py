"""Reads a message as Slack does: what is live in it, what it shows, which limits it breaks.

Written from Slack's own rules, apart from the product's escaping, so that it can judge it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

# https://docs.slack.dev/messaging/formatting-message-text#escaping
_TOKEN = re.compile(r"<([^<>\n]*)>")
# What Slack's server turns into links by itself where mrkdwn is read.
_ADDRESS = re.compile(r"(?i)(?:\b[a-z][a-z0-9+.-]*://\S|\b(?:[\w-]+\.)+[a-z]{2,24}\b)")
_LIVE_RICH = {"link", "user", "usergroup", "broadcast", "channel", "team", "emoji"}
_LIMITS = {"header": 150, "section": 3000, "field": 2000, "button": 75, "context": 3000}
_DATE_TOKENS = {
    *("day_divider_pretty", "date_num", "date_slash", "date_long", "date_long_full"),
    *("date_long_pretty", "date", "date_pretty", "date_short", "date_short_pretty"),
    *("time", "time_secs", "ago"),
}
_KNOWN_BLOCKS = {
    "actions", "context", "divider", "header", "image", "rich_text", "section",
}  # fmt: skip

Json = Mapping[str, Any]


def tokens(payload: Json) -> list[str]:
    """Everything Slack would make live, the product's own links included."""
    return [
        token for kind, text in texts(payload) if kind == "mrkdwn" for token in _marked(text)
    ] + [f"{part['type']}:{part}" for part in _walk(payload.get("blocks") or []) if _is_live(part)]


def addresses(payload: Json) -> list[str]:
    """Bare addresses outside <…> that Slack would link by itself."""
    return [
        found[0]
        for kind, text in texts(payload)
        if kind == "mrkdwn"
        for found in _ADDRESS.finditer(_TOKEN.sub(" ", text))
    ]


def buttons(payload: Json) -> list[str]:
    """Where its buttons lead."""
    return [part["url"] for part in _walk(payload.get("blocks") or []) if _is_button(part)]


def parts(payload: Json) -> Iterator[Json]:
    """Every object of its blocks."""
    return _walk(payload.get("blocks") or [])


def texts(payload: Json) -> Iterator[tuple[str, str]]:
    """Each text with how Slack reads it: "mrkdwn", "plain_text" or "text" (of rich text)."""
    if payload.get("text"):
        yield "mrkdwn", payload["text"]
    for part in _walk(payload.get("blocks") or []):
        if part.get("type") in ("mrkdwn", "plain_text", "text") and isinstance(part["text"], str):
            yield part["type"], part["text"]
        if part.get("type") == "date":
            yield "text", part["fallback"]
        if part.get("type") == "image":
            yield "plain_text", part.get("alt_text", "")


def shown(payload: Json) -> str:
    """All words a reader sees in the blocks."""
    blocks = {"blocks": payload.get("blocks") or []}
    return "\n".join(_unescape(text) if kind == "mrkdwn" else text for kind, text in texts(blocks))


def pressed(payload: Json) -> dict[str, list[str]]:
    """What can be pressed: each action with the values it may send."""
    found: dict[str, list[str]] = {}
    for part in _walk(payload.get("blocks") or []):
        if part.get("type") in ("static_select", "overflow"):
            found[part["action_id"]] = [one["value"] for one in part["options"]]
        elif part.get("type") in ("button", "users_select") and "url" not in part:
            found[part["action_id"]] = [part["value"]] if "value" in part else []
    return found


def violations(payload: Json) -> list[str]:
    """Why Slack would refuse it, as far as its documentation and its answers say."""
    blocks = payload.get("blocks") or []
    found = [] if len(blocks) <= 50 else [f"{len(blocks)} blocks"]
    if not payload.get("text") and not blocks:
        found.append("no_text")
    parsing = {key: payload.get(key) for key in ("link_names", "parse", "mrkdwn")}
    found += [f"{key} is set" for key, value in parsing.items() if value not in (None, False)]
    unfurling = {key: payload.get(key) for key in ("unfurl_links", "unfurl_media")}
    found += [f"{key} is not off" for key, value in unfurling.items() if value is not False]
    for block in blocks:
        found += _violations_of(block)
    names = [block["block_id"] for block in blocks if "block_id" in block]
    found += [] if len(names) == len(set(names)) else ["a block_id twice"]
    size = sum(len(text) for _, text in texts(payload))
    return found + ([f"{size} characters in all"] if size >= 9_500 else [])


def _violations_of(block: Json) -> Iterator[str]:
    kind = block.get("type")
    if kind not in _KNOWN_BLOCKS:
        yield f"unknown block {kind}"
    if len(json.dumps(block.get("block_id", ""))) > 257:
        yield "block_id too long"
    if kind in ("header", "section") and "text" in block:
        yield from _size(block["text"]["text"], _LIMITS[kind], kind)
    if kind == "header" and block["text"]["type"] != "plain_text":
        yield "a header must be plain_text"
    if len(block.get("fields", ())) > 10:
        yield "more than 10 fields"
    for field in block.get("fields", ()):
        yield from _size(field["text"], _LIMITS["field"], "field")
    if kind in ("context", "actions", "rich_text"):
        most = {"context": 10, "actions": 25}.get(str(kind), 200)
        if not 1 <= len(block["elements"]) <= most:
            yield f"{len(block['elements'])} elements in {kind}"
    for part in _walk(block):
        yield from _violations_of_part(part)


def _violations_of_part(part: Json) -> Iterator[str]:
    if part.get("type") == "button":
        yield from _size(part["text"]["text"], _LIMITS["button"], "button")
        yield from _size(part.get("url", "-"), 3000, "button url")
        yield from _size(part.get("value", "-"), 2000, "button value")
    if "action_id" in part:
        yield from _violations_of_press(part)
    if part.get("type") == "date":
        yield from _violations_of_date(part)
    if part.get("type") in ("text", "plain_text", "mrkdwn"):
        yield from _size(part["text"], 3000, str(part["type"]))
        if any(0xD800 <= ord(char) <= 0xDFFF for char in part["text"]):
            yield "a lone surrogate"
    if part.get("type") in ("rich_text_section", "rich_text_quote") and not part["elements"]:
        yield "an empty rich text element"


def _violations_of_press(part: Json) -> Iterator[str]:
    yield from _size(part["action_id"], 255, "action_id")
    options = part.get("options", ())
    most = {"static_select": 100, "overflow": 5}.get(str(part["type"]))
    if most is not None and not 2 <= len(options) <= most:
        yield f"{len(options)} options in {part['type']}"
    for one in options:
        yield from _size(one["text"]["text"], 75, "option")
        yield from _size(one["value"], 150, "option value")
    if part["type"] in ("static_select", "users_select"):
        yield from _size(part["placeholder"]["text"], 150, "placeholder")
        if part["placeholder"]["type"] != "plain_text":
            yield "a placeholder must be plain_text"


def _violations_of_date(part: Json) -> Iterator[str]:
    # https://docs.slack.dev/reference/block-kit/blocks/rich-text-block#date-element-type
    tokens = re.findall(r"{([^{}]*)}", part["format"])
    if not tokens or not set(tokens) <= _DATE_TOKENS:
        yield f"a date as {part['format']}"
    if not isinstance(part["timestamp"], int):
        yield "a timestamp is no whole number"
    yield from _size(part["fallback"], 255, "date fallback")


def _size(text: str, most: int, what: str) -> Iterator[str]:
    if not 1 <= len(text) <= most:
        yield f"{what} of {len(text)} characters"


def _walk(node: object) -> Iterator[Json]:
    if isinstance(node, Mapping):
        yield node
        for value in node.values():
            yield from _walk(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _walk(value)


def _marked(text: str) -> list[str]:
    return _TOKEN.findall(text)


def _is_live(part: Json) -> bool:
    return part.get("type") in _LIVE_RICH


def _is_button(part: Json) -> bool:
    return part.get("type") == "button" and "url" in part


def _unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
