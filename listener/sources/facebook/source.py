"""Facebook: posts that tag the brand's own page, posts on it, and the comments below (Graph API).

Sees     what is said on the page and where it is tagged, comments below posts of the past 28 days;
         never who said it, except the page itself. There is no search.
Needs    [sources.facebook] brand, page and an access_token of the page with pages_read_engagement
         and pages_read_user_content, which Meta grants after reviewing the app.
Limits   so many calls a day as people are engaged with the page. A post that is gone and one that
         may not be seen any more answer alike, so deletions are not told.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from domain.contract import Contract
from domain.mention import Engagement, Mention
from listener.clean import UnreadableError, count, identifier, link, not_ahead, words
from listener.contracts import contract_of
from listener.dates import instant, needed
from listener.source import Page, Watch
from listener.sources.facebook.settings import FacebookSettings
from listener.sources.meta.graph import HOST, VERSION, Thing, author_of, graph, id_of
from listener.sources.meta.own_page import OwnPage, Shape


class FacebookSource:
    """One page, with a token of that page."""

    name = "facebook"
    contract: Contract = contract_of("facebook")

    def __init__(self, settings: FacebookSettings) -> None:
        api = graph(self.name, f"{settings.base_url or HOST}/{VERSION}", settings.access_token)
        self._page = OwnPage(api, _SHAPE, settings.page, settings.brand)

    def collect(
        self,
        watch: Watch,
        cursor: Mapping[str, Any] | None,
        *,
        since: datetime | None,
        now: datetime,
    ) -> Iterator[Page]:
        """See Source.collect."""
        return self._page.collect(watch, cursor, since=since, now=now)

    def check(self) -> str:
        """See Source.check."""
        return self._page.check()


def _post(post: Thing, now: datetime) -> Mention | None:
    """None for a picture or a link without a word."""
    if not words(post.get("message")):
        return None
    shares = post.get("shares")
    external_id = id_of(post)
    return Mention(
        source="facebook",
        external_id=external_id,
        text=words(post.get("message")),
        published_at=not_ahead(needed(instant(post.get("created_time")), "created_time"), now),
        url=link(post.get("permalink_url")),
        conversation_id=external_id,
        author=author_of(post.get("from")),
        engagement=Engagement(
            reposts=count(shares.get("count")) if isinstance(shares, dict) else None
        ),
    )


def _comment(post_id: str, comment: Thing, now: datetime) -> Mention | None:
    """None for a sticker or a picture without a word."""
    if not isinstance(comment.get("message"), str):
        raise UnreadableError("it has no message")
    if not words(comment["message"]):
        return None
    parent = comment.get("parent")
    return Mention(
        source="facebook",
        external_id=id_of(comment),
        text=words(comment["message"]),
        published_at=not_ahead(needed(instant(comment.get("created_time")), "created_time"), now),
        url=link(comment.get("permalink_url")),
        parent_id=(identifier(parent.get("id")) if isinstance(parent, dict) else "") or post_id,
        conversation_id=post_id,
        author=author_of(comment.get("from")),
        engagement=Engagement(
            likes=count(comment.get("like_count")), replies=count(comment.get("comment_count"))
        ),
    )


_SHAPE = Shape(
    name="facebook",
    tagged="tagged",
    own="feed",
    dated="created_time",
    post="id,message,created_time,permalink_url,from,shares",
    comment="id,message,created_time,permalink_url,from,parent{id},like_count,comment_count",
    comments="comments.filter(stream).order(reverse_chronological).limit(50){{{}}}",
    asked={"filter": "stream", "order": "reverse_chronological"},
    read_post=_post,
    read_comment=_comment,
)
