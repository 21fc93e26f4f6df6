"""X: what has become of stored posts, by its batch compliance jobs (tweepy).

Sees     which posts were deleted, and whose accounts are protected, suspended or switched off.
Needs    what the searches need; X names no price for these jobs.
Limits   one job for posts at a time, 150 requests in 15 minutes. A job takes ids for 15 minutes
         after it is made, works for minutes or hours, and keeps its result for a week.

https://docs.x.com/x-api/compliance/batch-compliance/integrate
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests
import tweepy

from domain.errors import RemoteError
from domain.mention import Standing
from listener.clean import identifier, words
from listener.dates import instant
from listener.source import BatchLostError
from listener.sources.x.errors import ConflictError, answered, refusals
from net import wire

MOST = 50_000  # a result that names all of them stays well below wire.BODY_BYTES
_ID = re.compile(r"[0-9]{1,19}")  # of a post, or of a job
_OWN_HOSTS = ("api.x.com", "api.twitter.com")
_STORE = "storage.googleapis.com"  # where jobs lived before; its addresses need no key
_OVER = ("failed", "expired")
_PLACE = ("scrub_geo", "geo_scrubbed")  # only where it was written is to be forgotten: not kept


class Compliance:
    """The jobs for posts of one app, asked with its client's token."""

    def __init__(self, client: tweepy.Client, base_url: str | None) -> None:
        self._client = client
        self._instead = urlsplit(base_url)[:2] if base_url else None
        client.session.mount("https://api.x.com/", wire.Wire(base_url))

    def submit(self, external_ids: Sequence[str], *, name: str, now: datetime) -> Mapping[str, Any]:
        """See BatchLookup.submit."""
        ids = [one for one in external_ids if _ID.fullmatch(one)]
        if not ids:
            return {}
        job = self._made(name, now)
        if job.get("status") == "created":
            self._request("PUT", job.get("upload_url"), now, "\n".join(ids).encode())
        return {"job": identifier(job.get("id"))}

    def poll(
        self, receipt: Mapping[str, Any], external_ids: Sequence[str], *, now: datetime
    ) -> Mapping[str, Standing] | None:
        """See BatchLookup.poll; what the result does not name stands."""
        if not receipt:
            return {}
        answer = answered(self._client.get_compliance_job, now, id=receipt["job"])
        job = _job(answer.get("data"))
        status = words(job.get("status"))
        if status in _OVER:
            raise BatchLostError(f"x: the compliance job has {status}; another one will be made")
        if status != "complete":
            return None
        result = self._result(job.get("download_url"), now)
        asked = [one for one in external_ids if _ID.fullmatch(one)]
        found = {one: result.get(one, Standing.THERE) for one in asked}
        return {one: standing for one, standing in found.items() if standing is not None}

    def _made(self, name: str, now: datetime) -> Mapping[str, Any]:
        """The job of this name: a new one, or the open one that was made before."""
        try:
            answer = answered(self._client.create_compliance_job, now, type="tweets", name=name)
        except ConflictError:
            job = self._open(name, now)
            if job is None:  # of somebody else with this app, or too late to give it ids
                raise
            return job
        return _job(answer.get("data"))

    def _open(self, name: str, now: datetime) -> Mapping[str, Any] | None:
        answer = answered(self._client.get_compliance_jobs, now, type="tweets")
        listed = answer.get("data")
        for job in map(_job, listed if isinstance(listed, list) else []):
            until = instant(job.get("upload_expires_at"))
            late = job.get("status") == "created" and until is not None and until <= now
            if job.get("name") == name and job.get("status") not in _OVER and not late:
                return job
        return None

    def _result(self, url: object, now: datetime) -> dict[str, Standing | None]:
        """What is said of the posts that are named at all; None: nothing certain."""
        found: dict[str, Standing | None] = {}
        with self._request("GET", url, now) as response, refusals(now):
            found.update(map(_read, filter(None, response.iter_lines())))
        return found

    def _request(
        self, method: str, url: object, now: datetime, body: bytes | None = None
    ) -> requests.Response:
        """Use an address that a job names; it holds a secret of its own, so it is kept nowhere."""
        with refusals(now):
            address = words(url)
            headers = {**self._key(address), **({"Content-Type": "text/plain"} if body else {})}
            response: requests.Response = self._client.session.request(
                method, address, headers=headers, data=body, stream=body is None
            )
            if not HTTPStatus.OK <= response.status_code < HTTPStatus.MULTIPLE_CHOICES:
                raise tweepy.HTTPException(response)
        return response

    def _key(self, address: str) -> dict[str, str]:
        """What opens it: the token goes to X alone, and nothing goes anywhere undocumented."""
        parts = urlsplit(address)
        own = parts.scheme == "https" and parts.netloc in _OWN_HOSTS
        if own or parts[:2] == self._instead:  # a gateway has the token anyway
            return {"Authorization": f"Bearer {self._client.bearer_token}"}
        if parts.scheme == "https" and parts.netloc == _STORE:
            return {}
        raise RemoteError("x: the compliance job names an address that is none of X's")


def _job(data: object) -> Mapping[str, Any]:
    if not isinstance(data, dict) or not _ID.fullmatch(identifier(data.get("id"))):
        raise RemoteError("x: the answer holds no compliance job; will be tried again")
    return data


def _read(line: bytes) -> tuple[str, Standing | None]:
    """A line of the result: an id, an action and a reason. Raises ValueError for any other."""
    try:
        said = json.loads(line)
    except RecursionError as error:
        raise ValueError("a line that is too deep") from error
    external_id = identifier(said.get("id"))
    if not external_id:
        raise ValueError("a line of no post")
    action, reason = said.get("action"), said.get("reason")
    if action in ("rehydrate", "scrub_geo") or reason in _PLACE:
        return external_id, Standing.THERE
    if action != "delete":
        return external_id, None
    # What is protected, suspended or switched off may come back, whatever the action says.
    return external_id, Standing.GONE if reason == "deleted" else Standing.HIDDEN
