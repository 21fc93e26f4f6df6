"""Facebook: posts that tag the brand's own page, posts on it, and the comments below (Graph API).

Sees     what is said on the page and where it is tagged, comments below posts of the past 28 days;
         never who said it, except the page itself. There is no search.
Needs    [sources.facebook] brand, page and an access_token of the page with pages_read_engagement
         and pages_read_user_content, which Meta grants after reviewing the app.
Limits   so many calls a day as people are engaged with the page. A post that is gone and one that
         may not be seen any more answer alike, so deletions are not told.
"""

from datetime import datetime

from domain.mention import Engagement, Mention
from listener.clean import UnreadableError, count, identifier, link, not_ahead, words
from listener.dates import instant, needed
from listener.sources.facebook.settings import FacebookSettings
from listener.sources.meta.comments import Shape
from listener.sources.meta.graph import Thing, author_of, id_of
from listener.sources.meta.own_page import OwnPage


class FacebookSource(OwnPage):
    """One page, with a token of that page."""

    def __init__(self, settings: FacebookSettings) -> None:
        super().__init__(_SHAPE, settings, settings.page)


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


def _comment(post: Thing, comment: Thing, now: datetime) -> Mention | None:
    """None for a sticker or a picture without a word."""
    if not isinstance(comment.get("message"), str):
        raise UnreadableError("it has no message")
    if not words(comment["message"]):
        return None
    parent, post_id = comment.get("parent"), identifier(post.get("id"))
    return Mention(
        source="facebook",
        external_id=id_of(comment),
        text=words(comment["message"]),
        published_at=not_ahead(needed(instant(comment.get("created_time")), "created_time"), now),
        url=link(comment.get("permalink_url")) or link(post.get("permalink_url")),
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
    reply="",
    # What can be ranked comes ranked, whatever order is asked for: only `since` tells old from new.
    comments="comments.filter(stream).order(reverse_chronological).since({since}).limit({limit})"
    "{{{fields}}}",
    asked={"filter": "stream", "order": "reverse_chronological", "since": "{since}"},
    since_filter=True,
    needs="pages_read_engagement and pages_read_user_content",
    read_post=_post,
    read_comment=_comment,
)
