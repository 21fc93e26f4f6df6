"""X's filtered stream: posts some seconds after they were written, one connection for all (tweepy).

X offers no way to ask for what was missed while nobody was connected: the searches find that.
"""

import json
import sys
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from http import HTTPStatus
from threading import Event
from typing import Any, NoReturn

import requests
import tweepy

from domain.errors import RemoteError
from listener.budget import Budget
from listener.prices import Read
from listener.source import Page, Watch
from listener.sources.x.errors import ConflictError, problems, refusals
from listener.sources.x.posts import read_page
from listener.sources.x.rules import answers, rules, settle
from listener.sources.x.settings import XSettings
from listener.sources.x.spend import reads_of
from listener.sources.x.wire import FIELDS, session
from net import wire
from net.hangup import hung_up_on_stop

# Posts that the budget must pay before the next one is waited for: what X may have sent already,
# and a page that a search is reading meanwhile.
_AHEAD = 200


class XStream(tweepy.StreamingClient):  # type: ignore[misc]  # published without types
    """One connection. Left alone, tweepy would log, sleep and try again for ever by itself."""

    def __init__(
        self,
        settings: XSettings,
        budget: Budget | None,
        *,
        take: Callable[[Page], None],
        stop: Event,
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__(settings.bearer_token.get_secret_value(), return_type=dict)
        self.session = session(settings.base_url)
        self.session.hooks["response"].append(self._answered)
        self._budget = budget
        self._reserve = _AHEAD * settings.prices.with_author(Read.POST)
        self._take, self._stop, self._clock = take, stop, clock
        self._known: Collection[str] = ()

    def listen(self, watches: Sequence[Watch]) -> None:
        """See Streams.stream; a page for each post, and an empty one once X lets us listen."""
        wanted = rules(watches)
        try:
            with hung_up_on_stop(self._stop):
                self._must_pay()
                self._known = settle(self, wanted, self._clock())
                if wanted:
                    self.filter(**FIELDS)
                else:  # X refuses who has no rules
                    self.on_connect()
                    self._stop.wait()
        except RemoteError:
            if not self._stop.is_set():  # else it was us who hung up
                raise

    def _connect(self, method: str, endpoint: str, **sent: object) -> None:
        # X gives a sign of life every 20 s, and tweepy would wait for 21.
        super()._connect(method, endpoint, timeout=(wire.CONNECT_S, wire.LINE_S), **sent)

    def _answered(self, response: requests.Response, **sent: object) -> None:
        if not sent["stream"]:
            return
        if response.status_code == HTTPStatus.OK:
            wire.by_lines(response)
            return
        try:
            with refusals(self._clock()):
                raise tweepy.HTTPException(response)
        except ConflictError as error:
            raise RemoteError("x: no rule is in force yet (409); will be tried again") from error

    def on_connect(self) -> None:
        """Tell that it is well: a quiet brand may not be heard of for days."""
        self._take(Page((), {}, 0))

    def on_data(self, raw_data: bytes) -> None:
        self._take(_page(_record(raw_data), self._known, self._clock()))
        self.on_keep_alive()

    def on_keep_alive(self) -> None:
        self._must_pay()
        if self._stop.is_set():
            self.disconnect()

    def on_closed(self, response: requests.Response) -> None:
        del response
        self.disconnect()

    def on_disconnect(self) -> None:
        """Nothing: tweepy would log it."""

    def on_connection_error(self) -> NoReturn:
        """Called while the error is handled."""
        raise _broken(sys.exception())

    def on_exception(self, exception: Exception) -> NoReturn:
        raise _broken(exception) if isinstance(exception, requests.RequestException) else exception

    def _must_pay(self) -> None:
        if self._budget is not None:
            self._budget.must_pay(self._reserve, now=self._clock())


def _broken(error: BaseException | None) -> RemoteError:
    # Its text may hold the whole request, so only its kind is told.
    return RemoteError(f"x: the stream broke off ({type(error).__name__}); will be tried again")


def _record(line: bytes) -> dict[str, Any]:
    """One post as X sends it. Raises RemoteError when X says instead why it ends the stream."""
    try:
        record = json.loads(line)
    except (RecursionError, ValueError) as error:
        raise RemoteError("x: the stream holds what is no JSON; will be tried again") from error
    if not isinstance(record, dict):
        raise RemoteError("x: the stream holds what is no JSON object; will be tried again")
    if record.get("data") is None:
        told = record.get("errors")
        said = problems(told if isinstance(told, list) else [record]) or "no reason given"
        raise RemoteError(f"x: the stream was ended: {said}; will be tried again")
    return record


def _page(record: dict[str, Any], known: Collection[str], now: datetime) -> Page:
    """What others' rules have brought is no mention, and charged all the same."""
    answer = {**record, "data": [record["data"]]}
    reads = reads_of(answer, Read.POST)
    if not answers(record, known):
        return Page((), {}, 1, reads=reads)
    mentions, broken, fetched = read_page(answer, now)
    return Page(mentions, {}, fetched, broken, reads=reads)
