"""One login at Bluesky, kept for the life of the process, through atproto: bounds and errors.

Logging in is limited to ten refused tries a day, so a session is renewed by its own key, and the
password is sent again only where that is refused.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from atproto import Client, Session
from atproto.exceptions import AtProtocolError

from listener.sources.bluesky.wire import AnswerError, Wire, translate_error
from net.refusals import odd_answer


class BlueskySession:
    """Asks as one account; made without asking anything."""

    def __init__(self, handle: str, password: str, base_url: str | None) -> None:
        self._handle, self._password, self._base_url = handle, password, base_url
        self._client: Client | None = None  # logged in; None: not yet

    def query(self, nsid: str, params: object, now: datetime | None) -> Mapping[str, Any]:
        """The JSON object that a query answers. Raises BadRequestError for a 400.

        now: the clock that the headers' waits are told by; None: they are not looked at.
        """
        try:
            answer = self._tried(nsid, params)
        except AnswerError as error:
            raise translate_error(error, now) from error
        except (AtProtocolError, AttributeError, KeyError, TypeError, ValueError) as error:
            raise odd_answer("bluesky", "makes no sense") from error
        if not isinstance(answer, dict):
            raise odd_answer("bluesky", "is no JSON object")
        return answer

    def _tried(self, nsid: str, params: object) -> object:
        client = self._client
        if client is None:
            return _asked(self._log_in(), nsid, params)
        try:
            return _asked(client, nsid, params)
        except AnswerError as error:
            if not error.is_stale:
                raise
        return _asked(self._renewed(client), nsid, params)

    def _log_in(self) -> Client:
        self._client = None
        client = Client(self._base_url, request=Wire())
        try:
            client.login(self._handle, self._password, fetch_bsky_profile=False)
        except AnswerError as error:
            error.logging_in = True
            raise
        self._client = self._kept_here(client)
        return client

    def _renewed(self, client: Client) -> Client:
        old = Session.decode(client.export_session_string())
        try:
            new = client.com.atproto.server.refresh_session(
                headers={"Authorization": f"Bearer {old.refresh_jwt}"}, ignore_session_check=True
            )
        except AnswerError as error:
            if not error.is_ours:
                raise
            return self._log_in()
        renewed = Session(new.handle, new.did, new.access_jwt, new.refresh_jwt, old.pds_endpoint)
        client.login(session_string=renewed.encode(), fetch_bsky_profile=False)
        return self._kept_here(client)

    def _kept_here(self, client: Client) -> Client:
        """The answer to a login names the account's own host, and the library goes there."""
        if self._base_url:
            client.update_base_url(self._base_url)
        return client


def _asked(client: Client, nsid: str, params: object) -> object:
    # Before each request the library would read the date in its key; we see when it is refused.
    return client.invoke_query(nsid, params=params, ignore_session_check=True).content
