"""One Mastodon server, asked through Mastodon.py: bounds, and errors as sentences."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlsplit

from mastodon import Mastodon
from mastodon.errors import MastodonError, MastodonNetworkError
from mastodon.types_base import PaginatableList
from requests import JSONDecodeError, Response

from domain.errors import RemoteError
from listener.clean import words
from net import wire
from net.refusals import Refusal, RefusedError, no_answer, odd_answer, passes

_USER_AGENT = "earshot (self-hosted brand monitor)"
_READ_S = 20.0
_PER_PAGE = 40  # the most, of any kind of listing
_MEMBERS_ONLY = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY)
_NOT_THERE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
_DOMAIN = re.compile(r"[\w.-]+(?::\d+)?", re.ASCII)
_DROPPED = ("location", "deprecation", "x-ratelimit-remaining", "x-ratelimit-reset")


@dataclass(frozen=True, slots=True)
class Listing:
    """Statuses, newest first, as the JSON that came."""

    statuses: list[Any]
    bookmark: str  # of the page behind them, "" at the end


class Server:
    """Asks one server; nothing is retried and nothing waited for here."""

    def __init__(self, address: str, token: str) -> None:
        """token: of an account on this server; "" reads what is public."""
        self.name = urlsplit(address).netloc
        self.has_token = bool(token)
        self._domain: str | None = None
        self._status, self._headers, self._is_list = 0, dict[str, str](), False
        self._body: Mapping[str, Any] = {}
        session = wire.session()
        session.hooks["response"].append(self._straighten)
        self._client = _Client(
            access_token=token or None,
            api_base_url=address,
            # Said, since asking each server for its version costs requests; the oldest one that
            # searches all public posts.
            mastodon_version="4.2.0",
            version_check_mode="created",
            ratelimit_method="throw",
            request_timeout=_READ_S,
            user_agent=_USER_AGENT,
            session=session,
        )

    def domain(self, now: datetime | None) -> str:
        """What stands behind the @ of its people: not always the host that the server has.

        "" where it does not say. https://docs.joinmastodon.org/admin/config/#web_domain; asked once
        in a process.
        """
        if self._domain is None:
            self._domain = self._named_domain(now)
        return self._domain

    def is_home_of(self, domain: str) -> bool:
        """Whether its people are called …@domain, as far as it was asked."""
        return domain in (self.name, self._domain)

    def _named_domain(self, now: datetime | None) -> str:
        for ask, key in ((self._client.instance_v2, "domain"), (self._client.instance_v1, "uri")):
            try:
                answer = self._asked(ask, now)
            except RefusedError:  # an older version, or for members only
                continue
            named = words(answer.get(key)) if isinstance(answer, dict) else ""
            if found := _DOMAIN.fullmatch(named.removeprefix("https://").rstrip("/").lower()):
                return found[0]
        return ""

    def tagged(self, hashtag: str, bookmark: str, now: datetime | None) -> Listing:
        """Statuses with this hashtag."""
        return self._listing(
            lambda: self._client.timeline_hashtag(
                hashtag, max_id=bookmark or None, limit=_PER_PAGE
            ),
            now,
        )

    def written_by(self, account_id: str, bookmark: str, now: datetime | None) -> Listing:
        """What an account wrote itself, its answers too."""
        return self._listing(
            lambda: self._client.account_statuses(
                account_id, exclude_reblogs=True, max_id=bookmark or None, limit=_PER_PAGE
            ),
            now,
        )

    def found(self, query: str, bookmark: str, now: datetime | None) -> Listing:
        """Statuses that full text search finds; none on a server that has no such search."""
        offset = int(bookmark) if bookmark.isdecimal() else 0
        answer = self._asked(
            lambda: self._client.search_v2(
                query,
                resolve=False,
                result_type="statuses",
                exclude_unreviewed=False,
                offset=offset or None,
                limit=_PER_PAGE,
            ),
            now,
        )
        statuses = answer.get("statuses") if isinstance(answer, dict) else None
        if not isinstance(statuses, list):
            raise self._odd("is no search result")
        full = len(statuses) >= _PER_PAGE
        return Listing(list(statuses), str(offset + len(statuses)) if full else "")

    def account_id(self, handle: str, now: datetime | None) -> str:
        """The server's own id of an account. Raises NotThereError when it knows none."""
        account = self._asked(lambda: self._client.account_lookup(handle), now)
        found = account.get("id") if isinstance(account, dict) else None
        if not found:
            raise self._odd("is no account")
        return str(found)

    def is_suspended(self, name: str, now: datetime | None) -> bool:
        """Whether it says that it shows nothing of this account of its own for now."""
        try:
            account = self._asked(lambda: self._client.account_lookup(name), now)
        except RemoteError as error:
            if error.permanent:  # the account is gone, too, or the server does not tell
                return False
            raise
        return isinstance(account, dict) and account.get("suspended") is True

    def status(self, status_id: str, now: datetime | None) -> object:
        """One status. Raises NotThereError when it is gone, or no longer public."""
        return self._asked(lambda: self._client.status(status_id), now)

    def above(self, status_id: str, now: datetime | None) -> list[Any]:
        """What a status answers: from the root of its thread down to its parent."""
        context = self._asked(lambda: self._client.status_context(status_id), now)
        ancestors = context.get("ancestors") if isinstance(context, dict) else None
        return list(ancestors) if isinstance(ancestors, list) else []

    def _listing(self, ask: Callable[[], Any], now: datetime | None) -> Listing:
        page = self._asked(ask, now)
        # The library makes a list of an object: of its keys, and none of an empty one.
        if not isinstance(page, list) or not self._is_list:
            raise self._odd("is no list of posts")
        following = self._client.get_pagination_info(cast("PaginatableList[Any]", page), "next")
        if following:
            return Listing(list(page), str(following.get("max_id") or ""))
        # A gateway may have dropped the Link header: a full page is hardly the last.
        last = page[-1] if len(page) >= _PER_PAGE else None
        return Listing(list(page), str(last.get("id") or "") if isinstance(last, dict) else "")

    def _asked(self, ask: Callable[[], Any], now: datetime | None) -> Any:  # noqa: ANN401
        self._status, self._headers, self._body = 0, {}, {}
        try:
            answer = ask()
        except MastodonNetworkError as error:
            raise no_answer(f"mastodon: {self.name}", error) from error
        except MastodonError as error:
            raise self._refusal(now) from error
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise self._odd("makes no sense") from error
        if self._status != HTTPStatus.OK:
            raise self._refusal(now)
        return answer

    def _straighten(self, response: Response, *_: object, **__: object) -> None:
        """Keep what an error needs; drop what the library would follow, warn of or stumble over.

        A rate limit that it cannot read would end a good answer.
        """
        self._status, self._headers = response.status_code, dict(response.headers)
        self._body = _object(response)
        self._is_list = response.content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")
        for name in _DROPPED:
            response.headers.pop(name, None)

    def _refusal(self, now: datetime | None) -> RemoteError:
        source = f"mastodon: {self.name}"
        refusal = Refusal(source, self._status, self._headers, now, self._body)
        if self._status == HTTPStatus.OK:
            return self._odd("is no JSON")
        if passes(self._status):
            return refusal.by_status()
        reason, advice = words(self._body.get("error")), self._advice(self._status)
        if self._status in _NOT_THERE:
            return refusal.not_there("refused", words=reason, advice=advice)
        return refusal.refused(words=reason, advice=advice)

    def _advice(self, status: int) -> str:
        if status in _MEMBERS_ONLY and self.has_token:
            return "check sources.mastodon.access_token and its scope read"
        if status in _MEMBERS_ONLY:
            return "it shows posts to its members only: give an access_token of one"
        if status < HTTPStatus.BAD_REQUEST:
            return "it points elsewhere: check sources.mastodon.servers"
        return "check sources.mastodon.servers" if status in _NOT_THERE else ""

    def _odd(self, what: str) -> RemoteError:
        return odd_answer(f"mastodon: {self.name}", what)


def _object(response: Response) -> Mapping[str, Any]:
    """The JSON object that came, an empty one where it is none."""
    try:
        read = response.json() if response.status_code != HTTPStatus.OK else {}
    except JSONDecodeError:
        return {}
    return read if isinstance(read, dict) else {}


class _Client(Mastodon):
    def timeline_is_available(self, *_: object, **__: object) -> bool:
        """Yes: whether a timeline is open says its own answer, without asking beforehand."""
        return True
