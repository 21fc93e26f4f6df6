"""What LinkedIn notifies a page of, read into mentions.

Its manual shows the text within the notification; some answers leave it out, and then it is read
where the comment or the post stands.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from domain.mention import Author, Mention
from listener.clean import UnreadableError, count, not_ahead, words
from listener.dates import epoch, needed

_KINDS = {"COMMENT": "comment", "ADMIN_COMMENT": "comment", "SHARE_MENTION": "share"}
# Written as urn:li:comment:(activity:1,2) and as urn:li:comment:(urn:li:activity:1,2).
_COMMENT = re.compile(r"urn:li:comment:\((?:urn:li:)?([a-zA-Z]+):(\d+),(\d+)\)", re.ASCII)
_POST = re.compile(r"urn:li:(?:activity|share|ugcPost|groupPost):\d+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Note:
    """One notification: somebody commented on the page's post, or mentioned the page."""

    urn: str  # of what was written
    post: str  # urn of the post it stands below; its own where it is a post
    comment_id: str  # "" for a post
    text: str  # "" when the notification does not hold it
    author: str  # urn; "" when it does not say
    at: datetime
    parent: str = ""  # urn of the comment it replies to, as far as it was looked up

    @property
    def path(self) -> str:
        """Where the text can be read."""
        if self.comment_id:
            return f"socialActions/{quote(self.post, safe='')}/comments/{self.comment_id}"
        return f"posts/{quote(self.urn, safe='')}"

    def with_answer(self, answer: object) -> "Note":
        """With what that path answers: the text, and which comment this one replies to."""
        found = answer if isinstance(answer, dict) else {}
        parent = _COMMENT.fullmatch(words(found.get("parentComment")))
        return replace(
            self,
            text=self.text or _text(found) or words(found.get("commentary")),
            parent=_comment(*parent.groups()) if parent else "",
        )

    def mention(self, now: datetime) -> Mention:
        """Raises UnreadableError when there is no text."""
        if not self.text:
            raise UnreadableError(f"{self.urn} came without its text")
        return Mention(
            source="linkedin",
            external_id=self.urn,
            text=self.text,
            published_at=not_ahead(self.at, now),
            url=f"https://www.linkedin.com/feed/update/{self.post}/",
            parent_id=self.parent or (self.post if self.comment_id else None),
            conversation_id=self.post,
            # Only an urn: its contract keeps no authors, and a name would cost another call.
            author=Author(self.author, "") if self.author else None,
        )


def note_of(thing: object) -> Note:
    """Raises UnreadableError for what is no notification of words."""
    note = thing if isinstance(thing, dict) else {}
    kind = _KINDS.get(words(note.get("action")))
    if kind is None:
        raise UnreadableError("it is of no kind that was asked for")
    decorated = note.get("decoratedGeneratedActivity")
    said = decorated.get(kind) if isinstance(decorated, dict) else None
    said = said if isinstance(said, dict) else {}
    urn, post, comment_id = _places(kind, words(said.get("entity")), note)
    return Note(
        urn=urn,
        post=post,
        comment_id=comment_id,
        text=_text(said),
        author=words(said.get("owner")) or words(said.get("actor")),
        at=_at(note),
    )


def _places(kind: str, entity: str, note: Mapping[str, Any]) -> tuple[str, str, str]:
    """The urns of what was written and of its post, and a comment's own number."""
    activity = words(note.get("generatedActivity"))
    for urn in (entity, activity):
        if kind == "comment" and (found := _COMMENT.fullmatch(urn)):
            below, post_id, comment_id = found.groups()
            source = words(note.get("sourcePost"))
            post = source if _POST.fullmatch(source) else f"urn:li:{below}:{post_id}"
            return _comment(below, post_id, comment_id), post, comment_id
        if kind == "share" and _POST.fullmatch(urn):
            return urn, urn, ""
    raise UnreadableError("it does not say what was written")


def _comment(kind: str, post_id: str, comment_id: str) -> str:
    """The one spelling of a comment's urn."""
    return f"urn:li:comment:(urn:li:{kind}:{post_id},{comment_id})"


def _text(said: Mapping[str, Any]) -> str:
    """Both spellings: {"text": "…"} and {"message": {"text": "…"}}."""
    message = said.get("message")
    return words(said.get("text")) or words(
        message.get("text") if isinstance(message, dict) else message
    )


def _at(note: Mapping[str, Any]) -> datetime:
    milliseconds = count(note.get("lastModifiedAt"))
    return needed(epoch(milliseconds / 1000 if milliseconds else None), "lastModifiedAt")
