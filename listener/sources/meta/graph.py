"""Meta's Graph API as Facebook, Instagram and Threads share it: pages, and what an error means."""

import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from domain.errors import ConfigError, RemoteError
from domain.mention import Author, Mention
from listener.clean import UnreadableError, identifier, words
from listener.sources.meta.refusals import TooMuchDataError, error_translator
from listener.sources.meta.settings import TokenSettings
from net.json_api import Api

HOST = "https://graph.facebook.com"
VERSION = "v26.0"


class Graph:
    """The client of one source."""

    def __init__(self, name: str, base_url: str, settings: TokenSettings, needs: str) -> None:
        """Raises ConfigError when there is no token. needs: permissions, for a refusal to name.

        The token goes into a header: in the address, as the manuals show it, logs would hold it.
        """
        key = f"sources.{name}.access_token"
        token = settings.access_token.get_secret_value()
        if not token:
            raise ConfigError(f"{key} is missing: give it as env:NAME or file:/path")
        self._proof = _proof(token, settings.app_secret.get_secret_value())
        translate = error_translator(name, needs=needs, has_secret=bool(self._proof))
        headers = {"Authorization": f"Bearer {token}"}
        self._api = Api(name, base_url, headers=headers, keys=key, translate_error=translate)

    def get(self, path: str, asked: Mapping[str, Any], *, now: datetime | None) -> object:
        """See Api.get."""
        answer: object = self._api.get(path, {**asked, **self._proof}, now=now)
        return answer


def _proof(token: str, app_secret: str) -> dict[str, str]:
    """The parameter that proves the app secret to be known; none without one.

    https://developers.facebook.com/docs/graph-api/guides/secure-requests
    """
    if not app_secret:
        return {}
    return {"appsecret_proof": hmac.new(app_secret.encode(), token.encode(), sha256).hexdigest()}


class PageRequests:
    """The requests of one walk; after a page that was too large, all ask for half as much."""

    def __init__(self, graph: Graph, page_size: int, now: datetime) -> None:
        self._graph = graph
        self.page_size = page_size
        self.now = now

    def get(self, path: str, asked: Callable[[int], Mapping[str, Any]]) -> object:
        """The answer to the parameters that asked(page size) gives.

        Raises RemoteError as Api.get does, TooMuchDataError when even one thing is too much.
        """
        while True:
            try:
                return self._graph.get(path, asked(self.page_size), now=self.now)
            except TooMuchDataError:
                if self.page_size == 1:
                    raise
                self.page_size //= 2

    def is_full(self, answer: object) -> bool:
        """Whether as many came as were asked for."""
        return len(within(answer)) >= self.page_size


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


def has_next(listing: object) -> bool:
    """Whether a listing names its next page, as most of Graph's do where there is one."""
    paging = listing.get("paging") if isinstance(listing, dict) else None
    return isinstance(paging, dict) and bool(paging.get("next"))


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
