"""Meta's Graph API as Facebook, Instagram and Threads share it: pages, and what an error means."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from pydantic import SecretStr

from domain.errors import ConfigError, RemoteError
from domain.mention import Author, Mention
from listener.clean import UnreadableError, identifier, words
from net.json_api import Api
from net.refusals import Refusal

HOST = "https://graph.facebook.com"
VERSION = "v26.0"

# https://developers.facebook.com/docs/graph-api/guides/error-handling and …/overview/rate-limiting
_LIMITS = frozenset((4, 17, 32, 341, 613, *range(80_000, 80_015)))
_TOKEN = frozenset((102, 190))
_PERMISSION = frozenset((3, 10, *range(200, 300)))
_NO_SUCH_THING = 100
# Deprecated, unknown or unsupported calls, a blocked user or app. What is not known may pass.
_REFUSALS = frozenset((5, 12, 33, 101, 104, 368, 459, 463, 464, 467, 492, 803, 2500))


def graph(name: str, base_url: str, token: SecretStr) -> Api:
    """The client of one source. Raises ConfigError when there is no token.

    The token goes into a header: in the address, as the manuals show it, logs would hold it.
    """
    key = f"sources.{name}.access_token"
    secret = token.get_secret_value()
    if not secret:
        raise ConfigError(f"{key} is missing: give it as env:NAME or file:/path")
    headers = {"Authorization": f"Bearer {secret}"}
    return Api(name, base_url, headers=headers, keys=key, translate_error=_translate_error)


def _translate_error(refusal: Refusal) -> RemoteError | None:
    """Graph answers almost every error with 400; what is wrong stands in the body's code."""
    error = refusal.body.get("error") if isinstance(refusal.body, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    if not isinstance(error, dict) or not isinstance(code, int):
        return None
    # Its message is not shown: it may quote what was asked.
    refusal = replace(refusal, code=f"code {code}")
    if code in _LIMITS:
        return refusal.rate_limited()
    known = code in (*_TOKEN, *_PERMISSION, *_REFUSALS, _NO_SUCH_THING)
    if not known or error.get("is_transient") is True:
        return refusal.fails(wait=refusal.wait)
    return _refused(refusal, code)


def _refused(refusal: Refusal, code: int) -> RemoteError:
    key = f"sources.{refusal.source}.access_token"
    if code in _TOKEN:
        what = "the token has expired or was withdrawn"
        return refusal.refused(what, advice=f"make a new one and check {key}")
    if code in _PERMISSION:
        return refusal.refused(f"the token of {key} lacks a permission")
    if code == _NO_SUCH_THING:
        what = "nothing is there that the token may see"
        return refusal.refused(what, advice=f"check the id in [sources.{refusal.source}]")
    return refusal.refused()


Thing = Mapping[str, Any]


def things(name: str, answer: object) -> list[object]:
    """What a listing holds. Raises RemoteError when it is none."""
    data = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(data, list):
        raise RemoteError(f"{name}: the answer holds no list of things; will be tried again")
    return data


def within(listing: object) -> list[object]:
    """The same for a listing that came within another thing, and may be missing there."""
    data = listing.get("data") if isinstance(listing, dict) else None
    return data if isinstance(data, list) else []


def following(listing: object) -> str:
    """The bookmark of a listing's next page, "" at the end.

    Instagram gives no `next`, and a cursor for the last page too: the one after it is empty.
    """
    paging = listing.get("paging") if isinstance(listing, dict) else None
    cursors = paging.get("cursors") if isinstance(paging, dict) else None
    return words(cursors.get("after")) if within(listing) and isinstance(cursors, dict) else ""


def read_each(
    name: str, found: list[object], read: Callable[[Thing], Mention | None]
) -> tuple[list[Mention], list[str]]:
    """The mentions among the things, and a sentence for each that could not be read.

    read: gives None for what is whole and says nothing, such as a picture without words.
    """
    mentions, broken = [], []
    for thing in found:
        known = thing if isinstance(thing, dict) else {}
        try:
            mention = read(known)
        except UnreadableError as error:
            broken.append(f"{name} {identifier(known.get('id')) or 'thing without id'}: {error}")
        else:
            mentions += [mention] if mention is not None else []
    return mentions, broken


def id_of(thing: Thing) -> str:
    external_id = identifier(thing.get("id"))
    if not external_id:
        raise UnreadableError("it has no id")
    return external_id


def author_of(person: object) -> Author | None:
    """Who wrote it, where Meta tells: {"id": …, "name": …} or {"id": …, "username": …}."""
    known = person if isinstance(person, dict) else {}
    handle = words(known.get("username"))
    author_id = identifier(known.get("id")) or handle
    return Author(author_id, handle, words(known.get("name"))) if author_id else None
