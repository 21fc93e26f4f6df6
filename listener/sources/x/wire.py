"""How X is reached, and what is asked for with each post, by search and stream alike."""

import re
from http import HTTPStatus

import tweepy
from requests import Response, Session

from net import wire

_HOST = "https://api.twitter.com"  # written into tweepy; api.x.com is the same service
FIELDS = {
    # The posts that are referred to are not asked for: they would be charged, and are not ours.
    "expansions": "author_id",
    "tweet_fields": (
        "article,author_id,conversation_id,created_at,edit_history_tweet_ids,entities,"
        "in_reply_to_user_id,lang,note_tweet,public_metrics,referenced_tweets"
    ),
    "user_fields": "affiliation,created_at,description,location,name,public_metrics,url,username",
}


def session(base_url: str | None) -> Session:
    """A session for tweepy; base_url: asked instead of X."""
    made = wire.session(base_url, instead_of=f"{_HOST}/")
    made.hooks["response"].append(_straighten)
    return made


def _straighten(response: Response, *_: object, **__: object) -> None:
    """Drop what tweepy would stumble over, and not see the status: an odd reset, an odd body."""
    if not re.fullmatch(r"[0-9]{1,12}", response.headers.get("x-rate-limit-reset", "")):
        response.headers.pop("x-rate-limit-reset", None)
    if response.status_code >= HTTPStatus.BAD_REQUEST:
        try:
            tweepy.HTTPException(response)
        except (AttributeError, KeyError, TypeError, ValueError):
            response._content = b""  # noqa: SLF001  there is no other way to replace it
