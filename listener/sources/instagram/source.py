"""Instagram: media that tag the brand's own account, and the comments below its own (Graph API).

Sees     captions of tagging media; comments below own media of the past 28 days and the replies to
         them. A caption that only names the account, with @, is told to webhooks alone: unseen.
Needs    [sources.instagram] brand, account and an access_token with instagram_basic,
         instagram_manage_comments and pages_read_engagement, after Meta's review.
Limits   calls by the hour, more for an account that is seen more. What is gone and what may not be
         seen any more answer alike, so deletions are not told. Private accounts stay unseen.
"""

from datetime import datetime

from domain.mention import Author, Engagement, Mention
from listener.clean import UnreadableError, count, identifier, link, not_ahead, words
from listener.dates import instant, needed
from listener.sources.instagram.settings import InstagramSettings
from listener.sources.meta.comments import Shape
from listener.sources.meta.graph import Thing, author_of, id_of
from listener.sources.meta.own_page import OwnPage


class InstagramSource(OwnPage):
    """One professional account, with a token of somebody who may manage it."""

    def __init__(self, settings: InstagramSettings) -> None:
        super().__init__(_SHAPE, settings, settings.account)


def _media(media: Thing, now: datetime) -> Mention | None:
    """None for a picture without a caption."""
    if not words(media.get("caption")):
        return None
    external_id = id_of(media)
    return Mention(
        source="instagram",
        external_id=external_id,
        text=words(media.get("caption")),
        published_at=not_ahead(needed(instant(media.get("timestamp")), "timestamp"), now),
        url=link(media.get("permalink")),
        conversation_id=external_id,
        author=_author(media),
        engagement=Engagement(
            likes=count(media.get("like_count")), replies=count(media.get("comments_count"))
        ),
    )


def _comment(media: Thing, comment: Thing, now: datetime) -> Mention | None:
    if not words(comment.get("text")):
        raise UnreadableError("it has no text")
    media_id = identifier(media.get("id"))
    return Mention(
        source="instagram",
        external_id=id_of(comment),
        text=words(comment.get("text")),
        published_at=not_ahead(needed(instant(comment.get("timestamp")), "timestamp"), now),
        url=link(media.get("permalink")),  # a comment has none of its own
        parent_id=identifier(comment.get("parent_id")) or media_id,
        conversation_id=media_id,
        author=_author(comment),
        engagement=Engagement(likes=count(comment.get("like_count"))),
    )


def _author(thing: Thing) -> Author | None:
    """Comments say more in `from`; tagging media hold the user name alone."""
    return author_of(thing.get("from")) or author_of({"username": thing.get("username")})


_REPLY = "id,text,timestamp,username,from,like_count,parent_id"
_SHAPE = Shape(
    name="instagram",
    tagged="tags",
    own="media",
    dated="timestamp",
    post="id,caption,timestamp,permalink,username,like_count,comments_count",
    comment=f"{_REPLY},replies{{{_REPLY}}}",
    reply=_REPLY,
    comments="comments.limit({limit}){{{fields}}}",  # newest first since version 3.2
    asked={},
    since_filter=False,
    needs="instagram_basic, instagram_manage_comments and pages_read_engagement",
    read_post=_media,
    read_comment=_comment,
)
