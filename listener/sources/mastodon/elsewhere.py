"""What has become of posts that a server of ours only knows from another one: asked there.

A post of the fediverse stands at the address that names it, whatever software runs there:
https://www.w3.org/TR/activitypub/#retrieving-objects, and #delete-activity-outbox for what is gone.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from domain.errors import RemoteError
from domain.mention import Standing
from net.fetch import Fetcher, GoneError

_ACCEPT = {"Accept": "application/activity+json"}
_MOST_FAILED = 12  # servers of one pass: each may take ten seconds, and other sources wait


class Elsewhere:
    """Any server there is. One that fails in this pass is not asked again in it.

    What it refuses says nothing of its other posts: else one would keep them from being asked for.
    """

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._failed: set[str] = set()
        self._failed_at: datetime | None = None

    def standings(self, external_ids: Iterable[str], *, now: datetime) -> dict[str, Standing]:
        """Whether these posts stand where they were written; what nobody tells is left out."""
        if self._failed_at != now:
            self._failed, self._failed_at = set(), now
        asked = {one: self._standing(one, now) for one in external_ids}
        return {one: standing for one, standing in asked.items() if standing is not None}

    def _standing(self, external_id: str, now: datetime) -> Standing | None:
        try:
            host = urlsplit(external_id).netloc
        except ValueError:  # https://[::1
            return None
        if host in self._failed or len(self._failed) >= _MOST_FAILED:
            return None
        try:
            found = self._fetcher.get(external_id, _ACCEPT, now=now)
        except GoneError:
            return Standing.GONE
        except RemoteError as error:  # down, moved, for members only, a page for people
            if not error.permanent:
                self._failed.add(host)
            return None
        told = _object(found.body)
        if told.get("type") == "Tombstone":
            return Standing.GONE
        return Standing.THERE if external_id in (told.get("id"), told.get("url")) else None


def _object(body: bytes) -> dict[str, Any]:
    """The object that came; an empty one where it is none."""
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}
